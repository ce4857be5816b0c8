import { textBefore } from '../core/text.ts'

/** The parts of a version that decide its order. */
export interface VersionParts {
  /** As they are written: `1.02` has `1` and `02`. At least one. */
  readonly numbers: readonly string[]
  /** Words and numbers of a pre-release: `rc`, `1`. Empty for a release. */
  readonly prerelease: readonly string[]
  /** The number of the add-on's own changes to a release of another program, as words and numbers: `ls`, `416`. Empty if there is none. */
  readonly revision: readonly string[]
}

/** Maximum characters of a tag. A version has to be a valid tag. */
const maxVersionLength = 128

/**
 * Reads a version; undefined for other strings: `latest`, `sha-1a2b3c4`, `aarch64`, a commit. Never throws.
 *
 * The grammar is that of semver.org with any number of numbers, of Home Assistant's calendar versions (`2025.12.0b3`, `2025.12.0.dev20251101`),
 * and of the revisions that add-ons append to a release of another program: `1.2.3-2`, `1.2.3-r10`, `1.2.3-v1`, `1.2.3-ls416`, `1.2.3-r0-ls12`. A leading
 * `v` and build metadata (`+…`) are ignored. Anything else after the numbers makes it a pre-release.
 */
export function parseVersion(text: string): VersionParts | undefined {
  if (text.length > maxVersionLength) return undefined
  const version = withoutV(textBefore(text, '+'))
  const start = /^\d+(?:\.\d+)*/.exec(version)?.[0]
  if (start === undefined) return undefined
  const [numbers, rest] = [start.split('.'), version.slice(start.length)]
  if (rest === '') return { numbers, prerelease: [], revision: [] }
  const parts = rest.toLowerCase().match(/\d+|[a-z]+/g) ?? []
  if (/^(?:[-_](?:v|r|rev|p|ls|post)?\d+)+$/i.test(rest)) return { numbers, prerelease: [], revision: parts }
  if (!/^[-_.]?[\da-z._-]+$/i.test(rest) || parts.length === 0) return undefined
  // `1a2b3c4` is a commit.
  if (numbers.length === 1 && !/^[-_]/.test(rest)) return undefined
  return { numbers, prerelease: parts.map((part) => words.get(part) ?? part), revision: [] }
}

/** Home Assistant and Python abbreviate pre-releases. */
const words: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
])

/**
 * Below 0 if `a` is the lower version, 0 if both are the same (`1.2`, `1.2.0` and `v1.2`), else above 0. A total order: numbers first, then
 * a pre-release before its release, then the revision. Sources: semver.org, 11; AwesomeVersion, which the Supervisor compares with, for `dev` before
 * all other words, and for a word and its number (`rc9` before `rc10`). A revision comes after its release here and before it there: add-ons publish it later.
 */
export function compareVersions(a: VersionParts, b: VersionParts): number {
  const length = Math.max(a.numbers.length, b.numbers.length)
  for (let index = 0; index < length; index += 1) {
    const order = compareParts(a.numbers[index] ?? '0', b.numbers[index] ?? '0')
    if (order !== 0) return order
  }
  const [early, other] = [isPrerelease(a), isPrerelease(b)]
  if (early !== other) return early ? -1 : 1
  return compareLists(a.prerelease, b.prerelease) || compareLists(a.revision, b.revision)
}

export const isPrerelease = ({ prerelease }: VersionParts): boolean => prerelease.length > 0

/** Part by part; if two begin alike, the longer one is higher. */
function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index]
    const order = other === undefined ? 1 : compareParts(part, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** `dev`, then numbers by their value, then words by the alphabet. */
function compareParts(a: string, b: string): number {
  const [rank, other] = [rankOf(a), rankOf(b)]
  if (rank !== other) return rank - other
  // A number may have more digits than a double can hold.
  const [left, right] = rank === 1 ? [BigInt(a), BigInt(b)] : [a, b]
  return left < right ? -1 : left > right ? 1 : 0
}

const rankOf = (part: string): number => (part === 'dev' ? 0 : /^\d/.test(part) ? 1 : 2)

/**
 * The version to propose after this one: a new revision of a revision (`1.2.3-r4` → `1.2.3-r5`), the next pre-release of a pre-release
 * (`1.2.3-beta` → `1.2.3-beta1`), else the last number plus one. Everything else stays as it is written: a leading `v`, zeros before a number,
 * separators. Build metadata (`+…`) is dropped. A month has no successor of this form: `2025.12` → `2025.12.1`.
 * @param taken published versions or tags, which are skipped. Strings that are no versions do not count.
 * @returns a version that is a valid tag and compares higher; undefined if `version` is none, or if the next one would be longer than a tag.
 */
export function nextVersion(version: string, taken: Iterable<string> = []): string | undefined {
  if (parseVersion(version) === undefined) return undefined
  const skipped = new Set([...taken].map((tag) => keyOf(parseVersion(tagText(tag)))))
  let next = textBefore(version, '+')
  // Every attempt that fails uses up one of the skipped versions.
  for (let left = skipped.size; left >= 0; left -= 1) {
    next = successor(next)
    const parts = parseVersion(next)
    if (parts === undefined) return undefined
    if (!skipped.has(keyOf(parts))) return next
  }
  return undefined
}

/** A year and a month, nothing else. */
const isMonth = (version: string): boolean => /^v?20\d\d\.(?:0?[1-9]|1[0-2])$/i.test(version)

function successor(version: string): string {
  if (isMonth(version)) return `${version}.1`
  const numbers = /^v?\d+(?:\.\d+)*/i.exec(version)?.[0] ?? ''
  const rest = version.slice(numbers.length)
  const [kept, last] = rest === '' ? ['', numbers] : [numbers, rest]
  return kept + (plusOne(last) ?? `${last}1`)
}

/** The text with its last number plus one; undefined if it has none. */
function plusOne(text: string): string | undefined {
  const found = [...text.matchAll(/\d+/g)].at(-1)
  if (found === undefined) return undefined
  const [number] = found
  const next = String(BigInt(number) + 1n).padStart(number.length, '0')
  return text.slice(0, found.index) + next + text.slice(found.index + number.length)
}

/** Equal for versions that compare as equal. */
function keyOf(parts: VersionParts | undefined): string {
  if (parts === undefined) return ''
  const values = (list: readonly string[]) => list.map((part) => (/^\d/.test(part) ? String(BigInt(part)) : part))
  const numbers = values(parts.numbers)
  const significant = numbers.slice(0, numbers.findLastIndex((number) => number !== '0') + 1)
  return JSON.stringify([significant, values(parts.prerelease), values(parts.revision)])
}

/** `v1.2.3` → `1.2.3`; a `v` that begins a word stays. */
export const withoutV = (tag: string): string => tag.replace(/^v(?=\d)/i, '')

/** A version as a tag, which cannot have a `+`. */
export const tagText = (version: string): string => version.replaceAll('+', '-')
