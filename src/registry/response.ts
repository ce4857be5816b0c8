import { isJsonObject, type JsonObject, parseJsonText } from '../core/json-fields.ts'
import { safeLine } from '../core/text.ts'
import { RegistryError } from './error.ts'
import type { Response } from './http.ts'

/**
 * The JSON object in a response. Throws a RegistryError for anything else, such as a page of HTML, a list or null.
 * @param what `a manifest`. @param from the sender: `ghcr.io`.
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

/** The reason in a refusal, and the registry's code for it. Sources: distribution spec, "Error codes"; RFC 6749, 5.2; "details" is Docker Hub's. */
export function describeRefusal(body: Buffer): { readonly words: string; readonly code?: string } {
  const text = body.toString('utf8')
  const refusal = parseJsonText(text)
  if (!isJsonObject(refusal)) return { words: isMarkup(text) ? ' (with a page of HTML or XML)' : '' }
  const first: unknown = Array.isArray(refusal.errors) ? refusal.errors[0] : undefined
  const { code, message } = isJsonObject(first)
    ? first
    : { code: refusal.error, message: refusal.error_description ?? refusal.message ?? refusal.details }
  const parts = [code, message].filter((part) => typeof part === 'string' && part !== '')
  return {
    words: parts.length === 0 ? '' : ` (${safeLine(parts.join(': '), 200)})`,
    ...(typeof code === 'string' && { code }),
  }
}

/** A type that Docker or OCI defined. It becomes a header when a manifest is uploaded again. */
export const isMediaType = (value: unknown): value is string =>
  typeof value === 'string' && /^application\/vnd\.[\w.+-]{1,200}$/.test(value)

/** The type from the header, or else from the manifest itself. Throws a RegistryError for anything but a JSON object. */
export function mediaTypeOf({ headers }: Pick<Response, 'headers'>, bytes: Buffer, from: string): string {
  const { mediaType } = parseJson(bytes, 'a manifest', from)
  const types = [headers['content-type']?.split(';')[0]?.trim(), mediaType]
  return types.find(isMediaType) ?? 'application/vnd.oci.image.manifest.v1+json'
}
