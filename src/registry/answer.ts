import { isJsonObject, type JsonObject, parseJsonText } from '../core/json-fields.ts'
import { safeLine } from '../core/text.ts'
import { RegistryError } from './error.ts'

/**
 * The JSON object in the body of a response.
 * @param what names it: `a manifest`
 * @param from the sender: `ghcr.io`
 * @throws RegistryError for anything else, such as a page of HTML, a list or null.
 */
export function parseJson(body: Buffer, what: string, from: string): JsonObject {
  const text = body.toString('utf8')
  const value = parseJsonText(text)
  if (isJsonObject(value)) return value
  throw new RegistryError(
    'INVALID_RESPONSE',
    `${from} sent ${kindOf(text, value)} instead of ${what}. Check the name of the registry, and that no proxy or login page answers in its place.`,
  )
}

const isMarkup = (text: string): boolean => /^\s*</.test(text)

function kindOf(text: string, value: unknown): string {
  if (value !== undefined) return 'JSON that is not an object'
  if (isMarkup(text)) return 'a page of HTML or XML'
  return text.trim() === '' ? 'an empty response' : 'text that is not JSON'
}

/**
 * The reason in the body of a refusal as words for a message, and the registry's code for it. Sources: distribution spec, "Error codes";
 * RFC 6749, 5.2, for token services; Docker Hub's has "details".
 */
export function describeRefusal(body: Buffer): { readonly words: string; readonly code?: string } {
  const text = body.toString('utf8')
  const answer = parseJsonText(text)
  if (!isJsonObject(answer)) return { words: isMarkup(text) ? ' (with a page of HTML or XML)' : '' }
  const first: unknown = Array.isArray(answer.errors) ? answer.errors[0] : undefined
  const { code, message } = isJsonObject(first)
    ? first
    : { code: answer.error, message: answer.error_description ?? answer.message ?? answer.details }
  const parts = [code, message].filter((part) => typeof part === 'string' && part !== '')
  return {
    words: parts.length === 0 ? '' : ` (${safeLine(parts.join(': '), 200)})`,
    ...(typeof code === 'string' && { code }),
  }
}
