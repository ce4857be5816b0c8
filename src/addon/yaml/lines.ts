import type { SourceLocation } from '../../core/diagnostics.ts'

/** Offsets of the beginnings of lines. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1)
  return starts
}

/** The row of an offset, from 0. @param starts offsets of the beginnings of lines. */
export function rowAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low
}

/** Locations in a text by their offsets. */
export function locationsIn(text: string, file: string): (offset: number) => SourceLocation {
  const starts = lineStarts(text)
  return (offset) => {
    const row = rowAt(starts, offset)
    return { file, line: row + 1, column: offset - (starts[row] ?? 0) + 1 }
  }
}
