import type { Scope } from './token.ts'

export interface Entry {
  readonly id: number
  readonly key: string
  readonly version: string
  /** The scope that it was written to: visible to tokens that list this scope. */
  readonly scope: string
  /** Name of its blob. */
  readonly blob: string
  /** Until it is finalised it cannot be found, and its key is reserved. */
  finalised: boolean
  size: number
}

/**
 * The entry that a token finds. Source: GitHub, "Dependency caching reference": in each scope the exact key, then keys with this prefix, then keys with
 * the prefix of each restore key, newest first.
 */
export function findEntry(
  entries: readonly Entry[],
  {
    key,
    version,
    restoreKeys,
  }: { readonly key: string; readonly version: string; readonly restoreKeys: readonly string[] },
  scopes: readonly Scope[],
): Entry | undefined {
  for (const { scope } of scopes) {
    const own = entries
      .filter((entry) => entry.finalised && entry.scope === scope && entry.version === version)
      .reverse()
    const exact = own.find((entry) => entry.key === key)
    if (exact) return exact
    for (const prefix of [key, ...restoreKeys]) {
      const found = own.find((entry) => entry.key.startsWith(prefix))
      if (found) return found
    }
  }
  return undefined
}
