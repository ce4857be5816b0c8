/** One replacement in a text, by offsets. `from === to` inserts. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * Applies all edits. At one offset, insertions come first, in the order given, then replacements. Removals may overlap each other.
 * Throws if a replacement overlaps another edit; check with `overlaps` first.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let end = 0
  for (const { from, to, text: replacement } of inOrder(edits)) {
    if (from < end && replacement !== '') throw new Error('edits overlap')
    result += text.slice(end, Math.max(from, end)) + replacement
    end = Math.max(to, end)
  }
  return result + text.slice(end)
}

/** Whether a replacement is within text that another edit replaces or removes. */
export function overlaps(edits: readonly Edit[]): boolean {
  let end = 0
  return inOrder(edits).some(({ from, to, text }) => {
    const hit = from < end && text !== ''
    end = Math.max(to, end)
    return hit
  })
}

const inOrder = (edits: readonly Edit[]): readonly Edit[] =>
  edits.toSorted((a, b) => a.from - b.from || Number(a.to > a.from) - Number(b.to > b.from))

/** The line end that the text uses. */
export const lineEndOf = (text: string): string => (/\r\n/.test(text) ? '\r\n' : '\n')
