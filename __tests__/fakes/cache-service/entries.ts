import type { Scope } from './token.ts'

export interface Entry {
  readonly id: number
  readonly key: string
  readonly version: string
  /** Where it was written from: it is seen from there, and from whatever names this scope in its token. */
  readonly scope: string
  /** Name of its blob. */
  readonly blob: string
  /** Until it is finalised nobody finds it, and nobody else may use its key. */
  finalised: boolean
  size: number
}

/**
 * What a token finds. Source: GitHub, "Dependency caching reference": in each scope the key itself, then what begins with it, then with each
 * restore key, the newest first.
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
