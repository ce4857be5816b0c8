import {
  compareVersions,
  isPrerelease,
  nextVersion,
  parseVersion,
  tagText,
  type VersionParts,
  withoutV,
} from '../addon/version.ts'

/** Why devices are not offered a version. */
interface VersionProblem {
  /** `published`: with or without a `v`. `same`: in another writing. `lower`: than a published version. */
  readonly kind: 'published' | 'same' | 'lower'
  /** The highest published version that it was compared with. */
  readonly highest?: string
  /** A version that is not published, and higher than all that it was compared with. Undefined: none fits into a tag. */
  readonly next?: string
}

/**
 * Compares the version of an add-on with the tags of its published image. A release is compared with releases, a pre-release with all versions. Pure.
 * @returns undefined for a version that is new and higher, and for a text that is no version.
 */
export function versionProblem(version: string, tags: readonly string[]): VersionProblem | undefined {
  const parts = parseVersion(tagText(version))
  if (parts === undefined) return undefined
  const highest = highestOf(tags, parts)
  const order = highest ? compareVersions(parts, highest.parts) : 1
  const isPublished = tags.some((tag) => isSameTag(tag, version))
  if (order > 0 && !isPublished) return undefined
  const next = nextOf({ version, parts }, highest, tags)
  return {
    kind: isPublished ? 'published' : order < 0 ? 'lower' : 'same',
    ...(highest && { highest: highest.tag }),
    ...(next !== undefined && { next }),
  }
}

interface PublishedVersion {
  readonly tag: string
  readonly parts: VersionParts
}

const isSameTag = (tag: string, version: string): boolean =>
  withoutV(tag).toLowerCase() === withoutV(tagText(version)).toLowerCase()

/** The highest of the tags that are versions like this one. */
function highestOf(tags: readonly string[], version: VersionParts): PublishedVersion | undefined {
  return tags
    .flatMap((tag) => {
      const parts = parseVersion(tag)
      return parts && isComparable(parts, version) ? { tag, parts } : []
    })
    .reduce<PublishedVersion | undefined>(
      (most, one) => (most && compareVersions(one.parts, most.parts) <= 0 ? most : one),
      undefined,
    )
}

/**
 * Whether a tag counts as a version beside this one. `1` and `1.2` move with each release, so a tag needs as many numbers. Dates, commits of digits and numbers of
 * runs are higher than any version such as `1.2.3`, so both need to be of one kind. A version that is missed costs a warning, a wrong one costs a pull request.
 */
const isComparable = (tag: VersionParts, version: VersionParts): boolean =>
  tag.numbers.length >= version.numbers.length &&
  kindOf(tag) === kindOf(version) &&
  (isPrerelease(version) || !isPrerelease(tag))

/** `20260716`, `1234567`; `2026.7.1`; everything else. */
function kindOf({ numbers: [first = ''] }: VersionParts): 'long' | 'year' | 'plain' {
  if (first.length > 5) return 'long'
  return /^(?:19|20|21)\d\d$/.test(first) ? 'year' : 'plain'
}

/** The next version after this one; after the highest if that is not enough. */
function nextOf(
  { version, parts }: { readonly version: string; readonly parts: VersionParts },
  highest: PublishedVersion | undefined,
  tags: readonly string[],
): string | undefined {
  const next = nextVersion(version, tags)
  const after = next === undefined ? undefined : parseVersion(next)
  if (highest === undefined || (after && compareVersions(after, highest.parts) > 0)) return next
  const beyond = compareVersions(parts, highest.parts) > 0 ? undefined : nextVersion(highest.tag, tags)
  if (beyond === undefined) return undefined
  const letter = version.slice(0, version.length - withoutV(version).length)
  const written = `${letter}${withoutV(beyond)}`
  return parseVersion(written) && written
}

/** The problem in a sentence, with the version to set. */
export function describeVersion(version: string, { kind, highest, next }: VersionProblem): string {
  const remedy = next === undefined ? 'Raise "version".' : `Set "version" to ${next}.`
  if (kind === 'published') return `${version} is already published, so devices are not offered this change. ${remedy}`
  if (kind === 'same') return `${version} is the same version as ${highest}, which is already published. ${remedy}`
  return `${version} is lower than ${highest}, the highest published version. ${remedy}`
}

/**
 * Whether a CHANGELOG has an entry for a version: the version occurs in it alone, as in `## 1.2.3`, `## [1.2.3]`, `v1.2.3` or `**1.2.3**`, and not as a part
 * of another one, such as `1.2.30`, `1.2.3-rc1` or `11.2.3`. Pure.
 */
export function hasEntry(changelog: string, version: string): boolean {
  const text = changelog.toLowerCase()
  return [version, tagText(version)].some((one) => occursAlone(text, withoutV(one).toLowerCase()))
}

function occursAlone(text: string, version: string): boolean {
  for (let at = text.indexOf(version); at >= 0; at = text.indexOf(version, at + 1)) {
    const start = text[at - 1] === 'v' ? at - 1 : at
    const end = at + version.length
    if (!isPartBefore(text[start - 1]) && !isPartAfter(text[end], text[end + 1])) return true
  }
  return false
}

const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

const isPartBefore = (character: string | undefined): boolean =>
  isWord(character) || character === '.' || character === '+'

/** A sentence may end after a version: `1.2.3.` */
const isPartAfter = (character: string | undefined, next: string | undefined): boolean =>
  isWord(character) || ((character === '.' || character === '-' || character === '+') && isWord(next))
