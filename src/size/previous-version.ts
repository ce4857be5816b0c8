import { tagText, withoutV } from '../plan/version.ts'

/** A version as it is ordered: numbers, then what comes before a release (`undefined`: the release itself). */
interface Ordered {
  readonly tag: string
  readonly numbers: readonly number[]
  readonly before?: readonly (number | string)[]
}

// `1.2.3`, `2025.12.0b3`, `2025.12.0.dev20251101`, `1.2.3-rc.1`, `v1.0`. Anything else (`latest`, `sha-1a2b3c4`, `aarch64`) is no version.
const pattern =
  /^v?(\d{1,15}(?:\.\d{1,15}){0,3})(?:(?:-([0-9A-Za-z.-]+))|(?:\.?(dev|alpha|beta|rc|a|b)\.?(\d{0,15})))?$/i

const words: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta' }

function parse(tag: string): Ordered | undefined {
  const match = pattern.exec(tag)
  if (!match) return undefined
  const [, numbers = '', semantic, word, number] = match
  const before =
    semantic !== undefined
      ? semantic.split('.').map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : part))
      : word !== undefined
        ? [words[word.toLowerCase()] ?? word.toLowerCase(), Number(number || 0)]
        : undefined
  return { tag, numbers: numbers.split('.').map(Number), ...(before && { before }) }
}

/**
 * Numbers first, then a pre-release before its release, then the parts of the pre-release. Sources: semver.org, 11, and Home Assistant's
 * version scheme, where `dev` comes before `b`. `1.2` and `1.2.0` are the same.
 */
function compareVersions(a: Ordered, b: Ordered): number {
  const length = Math.max(a.numbers.length, b.numbers.length)
  for (let index = 0; index < length; index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (!a.before || !b.before) return a.before ? -1 : b.before ? 1 : 0
  return compareParts(a.before, b.before)
}

function compareParts(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (one === other) continue
    if (one === 'dev' || other === 'dev') return one === 'dev' ? -1 : 1
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1
    return one < other ? -1 : 1
  }
  return a.length < b.length ? -1 : 0
}

export interface Previous {
  readonly tag: string
  /** In words: `the highest of 14 published versions below 1.3.0`. */
  readonly chosen: string
}

/**
 * Of the tags of a published image, the version that a device has before this one: the highest below it. A release comes after a release, so
 * pre-releases count only where there is nothing else, or where this is one itself. For what is no version (`dev`): the highest of all.
 */
export function previousVersion(tags: readonly string[], version: string): Previous | undefined {
  const built = parse(withoutV(tagText(version)))
  const lower = tags
    .flatMap((tag) => parse(tag) ?? [])
    .filter((one) => built === undefined || compareVersions(one, built) < 0)
  const stable = lower.filter(({ before }) => before === undefined)
  const candidates = built?.before || stable.length === 0 ? lower : stable
  // Of two names of one version (`1.2` and `1.2.0`) the longer one stays where it is.
  const best = candidates.reduce<Ordered | undefined>((most, one) => {
    const order = most ? compareVersions(one, most) : 1
    return order > 0 || (order === 0 && one.tag.length > (most?.tag.length ?? 0)) ? one : most
  }, undefined)
  if (!best) return undefined
  const amount =
    candidates.length === 1 ? 'the only published version' : `the highest of ${candidates.length} published versions`
  return { tag: best.tag, chosen: built ? `${amount} below ${version}` : amount }
}
