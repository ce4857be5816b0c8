import { escapeControls } from './text.ts'

/** The value of a text, or what is wrong with it and what to write instead. Neither names the input. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string; readonly remedy: string }

export const parsed = <T>(value: T): Parsed<T> => ({ value })
export const wrong = (problem: string, remedy: string): Parsed<never> => ({ problem, remedy })
export const isWrong = <T>(result: Parsed<T>): result is { readonly problem: string; readonly remedy: string } =>
  'problem' in result

/** Text of a user or an image in a message: in quotes that it cannot end, on one line, at most 80 characters. */
export function quoted(text: string): string {
  // Cut first, so that a long text costs no time: the result has at most 80 characters.
  const line = escapeControls(text.slice(0, 1000)).replaceAll('"', '\\"')
  return `"${line.length > 80 ? `${line.slice(0, 77).toWellFormed()}...` : line}"`
}

/** `"a", "b"` */
export const quotedList = (texts: readonly string[], separator = ', '): string => texts.map(quoted).join(separator)
