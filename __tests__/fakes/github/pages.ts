/** One page of a list, and the `Link` header for the other pages. Source: GitHub, "Using pagination in the REST API". */
export function pageOf<T>(
  all: readonly T[],
  query: URLSearchParams,
  /** URL of the list without its query. */
  address: string,
): { readonly items: readonly T[]; readonly link?: string } {
  const size = Math.min(100, positive(query.get('per_page'), 30))
  const page = positive(query.get('page'), 1)
  const last = Math.max(1, Math.ceil(all.length / size))
  const links: string[] = []
  const add = (target: number, relation: string): void => {
    const next = new URLSearchParams(query)
    next.set('page', String(target))
    links.push(`<${address}?${next}>; rel="${relation}"`)
  }
  if (page > 1) add(Math.min(page - 1, last), 'prev')
  if (page < last) add(page + 1, 'next')
  if (page < last) add(last, 'last')
  if (page > 1) add(1, 'first')
  return { items: all.slice((page - 1) * size, page * size), ...(links.length > 0 && { link: links.join(', ') }) }
}

const positive = (text: string | null, otherwise: number): number => {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : otherwise
}
