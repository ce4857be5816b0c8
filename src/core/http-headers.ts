// Checked first, because Date.parse accepts almost any text.
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** Milliseconds to wait by `Retry-After` (seconds or a date; RFC 9110, 10.2.3); undefined for a missing or malformed header. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const value = header ?? ''
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const ms = httpDate.test(value) ? Date.parse(value) - now : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

const longestLink = 8_192

/** The target of `rel="next"` in a `Link` header, as it is written there; undefined on the last page. Source: RFC 8288. */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').slice(0, longestLink).matchAll(/<([^<>]*)>([^,<]*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?/i.test(parameters)) return target
  }
  return undefined
}
