import { count as counted } from '../../core/text.ts'

/** Keeps the beginning and the end of a log of any length. */
interface LineKeeper {
  add(line: string): void
  clear(): void
  /** With a line such as `… 300 lines omitted` for those that were not kept. */
  lines(): readonly string[]
}

/** A line, and those after it that differ only in their digits. */
interface Group {
  readonly first: string
  readonly shape: string
  last: string
  /** Lines in the group. */
  count: number
}

const keptFirst = 100
const keptLast = 100

/**
 * Keeps the first and the last 100 lines. Lines in a row that differ only in their digits, as the requests of an access log do, count as one, and are
 * shown as the first, their number and the last.
 */
export function createLineKeeper(): LineKeeper {
  const first: Group[] = []
  const last: Group[] = []
  let omitted = 0
  return {
    add(line) {
      const shape = line.replace(/\d+/g, '0')
      const previous = last.at(-1) ?? first.at(-1)
      if (previous?.shape === shape) {
        previous.last = line
        previous.count += 1
        return
      }
      const group: Group = { first: line, last: line, shape, count: 1 }
      if (first.length < keptFirst) first.push(group)
      else last.push(group)
      if (last.length > keptLast) omitted += last.shift()?.count ?? 0
    },
    clear() {
      first.length = 0
      last.length = 0
      omitted = 0
    },
    lines: () => [
      ...first.flatMap(linesOf),
      ...(omitted > 0 ? [`… ${counted(omitted, 'line')} omitted`] : []),
      ...last.flatMap(linesOf),
    ],
  }
}

function linesOf({ first, last, count }: Group): readonly string[] {
  if (count < 3) return count === 1 ? [first] : [first, last]
  return [first, `… ${counted(count - 2, 'similar line')}`, last]
}
