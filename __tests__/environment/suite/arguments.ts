export const parts = ['lint', 'types', 'dist', 'unit', 'integration', 'e2e'] as const
export type Part = (typeof parts)[number]

/** What to run: everything with `npm test`, a part with `npm test -- unit report`. */
export interface Selection {
  readonly parts: readonly Part[]
  /** Substrings of the paths of test files. */
  readonly patterns: readonly string[]
}

const isPart = (word: string): word is Part => (parts as readonly string[]).includes(word)

/** Pure. A word that names a part selects it. Other words are patterns for test files; without a named part they apply to all kinds of tests. */
export function readArguments(words: readonly string[]): Selection {
  const named = words.filter(isPart)
  const patterns = words.filter((word) => !isPart(word))
  if (named.length > 0) return { parts: parts.filter((part) => named.includes(part)), patterns }
  return { parts: patterns.length > 0 ? ['unit', 'integration', 'e2e'] : parts, patterns }
}
