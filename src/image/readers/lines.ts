/** Longer lines of a package database are cut: a path has at most 4096 bytes. */
const maxLineLength = 8192

/** The lines of a text, one at a time: a list of all of them could take ten times the memory of the text. */
export function* linesOf(text: string): Generator<string> {
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    yield text.slice(start, Math.min(end, start + maxLineLength))
    start = end + 1
  }
}

/** A copy of the first `most` characters of a text. A substring would keep the whole text in memory. */
export const detached = (text: string, most: number): string => Buffer.from(text.slice(0, most)).toString()

/** Maximum characters of a name or a version. */
export const longestName = 256
