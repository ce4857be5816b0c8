import { compareVersions, parseVersion, withoutV } from './version.ts'
import { lineStarts } from './yaml/lines.ts'

/** A heading with a version: `## 1.2.3`, `# v1.2.3`, `## [1.2.3] - 2026-03-01`. */
interface VersionHeading {
  /** Offset of its line. */
  readonly from: number
  readonly version: string
  readonly level: string
  readonly bracket: boolean
  readonly v: boolean
  /** The text around the date that follows the version, if there is nothing else: ` - ` and ``. */
  readonly date?: readonly [before: string, after: string]
}

/**
 * CHANGELOG.md with an entry above the newest version, in the style of the file: level, brackets, `v`, date and list marker of its newest version heading.
 * Without any, below the title.
 * @param today `2026-03-01`
 * @returns undefined if the file has an entry of this version already.
 */
export function addChangelogEntry(
  text: string,
  version: string,
  changes: readonly string[],
  today: string,
): string | undefined {
  const headings = [...versionHeadings(text)]
  const [newest] = headings
  if (headings.some((heading) => isSame(heading.version, version))) return undefined
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const from = newest?.from ?? belowTitle(text)
  const below = newest === undefined ? [] : text.slice(newest.from).split(/\r?\n/, 40).slice(1)
  const isTight = below[0] !== undefined && below[0].trim() !== ''
  const marker = below.map((line) => /^ {0,3}([-*+]) /.exec(line)?.[1]).find((found) => found !== undefined) ?? '-'
  const lines = [
    newest === undefined ? `## ${version}` : headingLike(newest, version, today),
    ...(isTight ? [] : ['']),
    ...changes.map((change) => `${marker} ${change}`),
  ]
  const [before, after] = [text.slice(0, from), text.slice(from)]
  // A title may end the file, with or without a line end.
  const gap = before === '' || /(?:^|\n)\r?\n$/.test(before) ? '' : before.endsWith('\n') ? eol : eol + eol
  return `${before}${gap}${lines.join(eol)}${eol}${after.trim() === '' ? after : eol + after}`
}

function headingLike({ level, bracket, v, date }: VersionHeading, version: string, today: string): string {
  const name = v ? `v${withoutV(version)}` : withoutV(version)
  const suffix = date === undefined ? '' : `${date[0]}${today}${date[1]}`
  return `${level} ${bracket ? `[${name}]` : name}${suffix}`
}

/** Headings in code blocks are left out. */
function* versionHeadings(text: string): Generator<VersionHeading> {
  let fence: string | undefined
  for (const from of lineStarts(text)) {
    // Longer lines are no headings of versions.
    const line = text.slice(from, from + 300).split(/\r?\n/, 1)[0] ?? ''
    const mark = /^ {0,3}(`{3}|~{3})/.exec(line)?.[1]
    if (mark !== undefined) fence = fence === undefined ? mark : fence === mark ? undefined : fence
    if (fence !== undefined) continue
    const [found = '', level = '', bracket, version = ''] = /^(#{1,6}) {1,3}(\[?)(v?\d[\w.+-]*)/i.exec(line) ?? []
    if (level === '' || parseVersion(version) === undefined) continue
    const [, before, after] = /^\]?( {0,2}[-–—(]? {0,2})\d{4}-\d\d-\d\d(\)?)\s*$/.exec(line.slice(found.length)) ?? []
    const date = before === undefined || after === undefined ? {} : { date: [before, after] as const }
    yield { from, version, level, bracket: bracket !== '', v: /^v/i.test(version), ...date }
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  return left !== undefined && right !== undefined && compareVersions(left, right) === 0
}

/** The offset below a title at the beginning of the file and the empty lines that follow; 0 if there is no title. */
function belowTitle(text: string): number {
  return /^\s*# [^\n]*(?:\n(?:[ \t]*\r?\n)*|$)/.exec(text)?.[0].length ?? 0
}
