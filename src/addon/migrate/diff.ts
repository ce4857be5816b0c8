/** What becomes of a file; `after` undefined: it is removed. */
export interface Change {
  /** Relative to the workspace. */
  readonly file: string
  readonly before: string
  readonly after: string | undefined
}

const context = 3

interface Line {
  readonly kind: ' ' | '-' | '+'
  readonly text: string
}

/** The change as a unified diff, which `git apply` and `patch -p1` take. Empty where nothing changes. */
export function unifiedDiff({ file, before, after }: Change): string {
  if (before === after) return ''
  const lines = compare(split(before), after === undefined ? [] : split(after))
  const [old, now] = [quotedPath(`a/${file}`), quotedPath(`b/${file}`)]
  return [
    `diff --git ${old} ${now}\n`,
    ...(after === undefined ? ['deleted file mode 100644\n'] : []),
    `--- ${ended(old)}\n+++ ${after === undefined ? '/dev/null' : ended(now)}\n`,
    ...hunks(lines),
  ].join('')
}

/** As git writes a path with such characters. */
const quotedPath = (path: string): string =>
  /["\\\p{Cc}]/u.test(path)
    ? `"${path.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/\p{Cc}/gu, octalBytes)}"`
    : path

const octalBytes = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')

/** git ends a name with a space in it by a tab, in these two lines only. */
const ended = (path: string): string => (path.includes(' ') && !path.startsWith('"') ? `${path}\t` : path)

/** Lines with their ends, so that a missing last one is seen. */
const split = (text: string): readonly string[] => text.match(/[^\n]+\n?|\n/g) ?? []

/** The longest common subsequence, by the table of lengths; equal beginnings and ends are left out of the table. */
function compare(a: readonly string[], b: readonly string[]): readonly Line[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1))
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = lengths[i] as Uint32Array
      row[j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const middle: Line[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      middle.push({ kind: ' ', text: left[i] ?? '' })
      i += 1
      j += 1
    } else if (i < left.length && (j >= right.length || at(i + 1, j) >= at(i, j + 1))) {
      middle.push({ kind: '-', text: left[i] ?? '' })
      i += 1
    } else {
      middle.push({ kind: '+', text: right[j] ?? '' })
      j += 1
    }
  }
  const same = (text: string): Line => ({ kind: ' ', text })
  return [...a.slice(0, start).map(same), ...middle, ...a.slice(a.length - end).map(same)]
}

function hunks(lines: readonly Line[]): readonly string[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== ' '),
  )
  const found: string[] = []
  let before = 1
  let after = 1
  for (let index = 0; index < lines.length; ) {
    if (!near[index]) {
      before += 1
      after += 1
      index += 1
      continue
    }
    const from = index
    while (index < lines.length && near[index]) index += 1
    const part = lines.slice(from, index)
    const removed = part.filter(({ kind }) => kind !== '+').length
    const added = part.filter(({ kind }) => kind !== '-').length
    found.push(
      `@@ -${range(before, removed)} +${range(after, added)} @@\n`,
      ...part.map(({ kind, text }) => `${kind}${text}${text.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`),
    )
    before += removed
    after += added
  }
  return found
}

/** An empty range names the line before it. */
const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`
