const longestLink = 8_192

/**
 * Where the next page of a list is, from the header `Link: </v2/…?last=…>; rel="next"`; undefined on the last page, and for an address of another origin: it
 * must not be told who we are. Source: distribution spec, "Listing Tags"; RFC 8288.
 */
export function nextPage(link: string | undefined, current: string): string | undefined {
  for (const [, target = '', parameters = ''] of (link ?? '').slice(0, longestLink).matchAll(/<([^<>]*)>([^,<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?next"?/i.test(parameters)) continue
    try {
      const next = new URL(target, current)
      return next.origin === new URL(current).origin ? next.href : undefined
    } catch {
      return undefined
    }
  }
  return undefined
}
