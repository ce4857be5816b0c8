/**
 * Where the next page of a list is, from the header `Link: </v2/…?last=…>; rel="next"`; undefined on the last page, and for an address on another host: it
 * must not be told who we are. Source: distribution spec, "Listing Tags"; RFC 8288.
 */
export function nextPage(link: string | undefined, current: string): string | undefined {
  for (const [, target = '', parameters = ''] of (link ?? '').matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?next"?/i.test(parameters)) continue
    try {
      const next = new URL(target, current)
      return next.host === new URL(current).host ? next.href : undefined
    } catch {
      return undefined
    }
  }
  return undefined
}
