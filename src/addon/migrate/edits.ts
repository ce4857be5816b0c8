/** One replacement in a text, by offsets. `from === to` inserts. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Makes all edits; those at one place are made in the order given. They must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits.map((edit, index) => ({ ...edit, index })).sort((a, b) => b.from - a.from || b.index - a.index)
  return ordered.reduce(
    (result, { from, to, text: replacement }) => result.slice(0, from) + replacement + result.slice(to),
    text,
  )
}

/** The line end that the text uses. */
export const lineEndOf = (text: string): string => (/\r\n/.test(text) ? '\r\n' : '\n')
