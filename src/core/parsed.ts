/** What became of a text: its value, or what is wrong with it and what to write instead. Neither names the input. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string; readonly remedy: string }

export const parsed = <T>(value: T): Parsed<T> => ({ value })
export const wrong = (problem: string, remedy: string): Parsed<never> => ({ problem, remedy })
export const isWrong = <T>(result: Parsed<T>): result is { readonly problem: string; readonly remedy: string } =>
  'problem' in result

/** Text of a user in a message: in quotes, on one line, not longer than a line. */
export function quoted(text: string): string {
  // Longer than is shown is not looked at.
  const line = text.slice(0, 1000).replaceAll(/\p{Cc}+/gu, ' ')
  return `"${line.length > 80 ? `${line.slice(0, 77)}...` : line}"`
}
