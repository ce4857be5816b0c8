export const parts = ['lint', 'types', 'dist', 'unit', 'integration', 'e2e'] as const
export type Part = (typeof parts)[number]

/** What to run: `npm test` everything, `npm test -- unit report` some. */
export interface Selection {
  readonly parts: readonly Part[]
  /** Parts of the paths of test files. */
  readonly patterns: readonly string[]
}

const isPart = (word: string): word is Part => (parts as readonly string[]).includes(word)

/** Pure. Words that name a part choose it; the others choose test files, of all parts that have any if none is named. */
export function readArguments(words: readonly string[]): Selection {
  const named = words.filter(isPart)
  const patterns = words.filter((word) => !isPart(word))
  if (named.length > 0) return { parts: parts.filter((part) => named.includes(part)), patterns }
  return { parts: patterns.length > 0 ? ['unit', 'integration', 'e2e'] : parts, patterns }
}
