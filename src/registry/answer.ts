import { RegistryError } from './error.ts'
import type { Response } from './http.ts'

/**
 * A JSON object that a registry sent.
 * @param what names it: `a manifest`
 * @param from who sent it: `ghcr.io`
 * @throws RegistryError for everything else, such as a page of HTML, a list or null.
 */
export function parseJson(body: Buffer, what: string, from: string): Readonly<Record<string, unknown>> {
  const text = body.toString('utf8')
  const value = jsonIn(text)
  if (isObject(value)) return value
  throw new RegistryError(
    `${from} sent ${kindOf(text, value)} instead of ${what}. Check the name of the registry, and that no proxy or login page answers in its place.`,
    400,
  )
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isMarkup = (text: string): boolean => /^\s*</.test(text)

function kindOf(text: string, value: unknown): string {
  if (value !== undefined) return 'JSON that is not an object'
  if (isMarkup(text)) return 'a page of HTML or XML'
  return text.trim() === '' ? 'an empty answer' : 'text that is not JSON'
}

/**
 * What the body of a refusal says, in one short line, and its code. Sources: distribution spec, "Error codes"; RFC 6749, 5.2, for
 * token services; Docker Hub's has "details".
 */
export function describe(body: Buffer): { readonly words: string; readonly code?: string } {
  const text = body.toString('utf8')
  const answer = jsonIn(text)
  if (!isObject(answer)) return { words: isMarkup(text) ? ' (with a page of HTML or XML)' : '' }
  const first: unknown = Array.isArray(answer.errors) ? answer.errors[0] : undefined
  const { code, message } = isObject(first)
    ? first
    : { code: answer.error, message: answer.error_description ?? answer.message ?? answer.details }
  const said = [code, message].filter((part) => typeof part === 'string' && part !== '')
  return {
    words: said.length === 0 ? '' : ` (${plain(said.join(': '))})`,
    ...(typeof code === 'string' && { code: plain(code) }),
  }
}

/** One line without what a terminal would obey. */
const plain = (text: string): string => text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')

// Date.parse takes almost any text for a date.
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** Milliseconds to wait; undefined where nothing is said, or nothing that makes sense. Source: RFC 9110, 10.2.3: seconds or a date. */
export function retryAfter({ headers }: Pick<Response, 'headers'>, now: number): number | undefined {
  const value = headers['retry-after'] ?? ''
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const ms = httpDate.test(value) ? Date.parse(value) - now : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
