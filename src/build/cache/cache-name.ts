/** Source: distribution spec, a tag has 128 characters at most. */
const longestTag = 128

/**
 * The name of a cache, for the base branch or for a pull request. A pull request can influence the parts of names (slug, branch), so the two
 * must never be equal: a name that ends in `-pr-` and a number is always that of the pull request with this number, and a base name with such
 * an end gets another one. Pure.
 */
export function cacheName(name: string, pullRequest?: number): string {
  const end = pullRequest === undefined ? (/-pr-\d+$/i.test(name) ? '-base' : '') : `-pr-${pullRequest}`
  return end === '' ? name : `${name.slice(0, longestTag - end.length)}${end}`
}
