import { compareVersions, isPrerelease, parseVersion, tagText, type VersionParts } from '../addon/version.ts'

interface Previous {
  readonly tag: string
  /** In words: `the highest of 14 published versions below 1.3.0`. */
  readonly chosen: string
}

/**
 * The version that a device has before this one, among the tags of a published image: the highest below it. Pre-releases count only if
 * there are no releases, or if this is one itself. If `version` is not a version (`dev`), the highest of all.
 */
export function previousVersion(tags: readonly string[], version: string): Previous | undefined {
  const built = parseVersion(tagText(version))
  const lower = tags
    .flatMap((tag) => {
      const parts = parseVersion(tag)
      return parts ? { tag, parts } : []
    })
    .filter(({ parts }) => built === undefined || compareVersions(parts, built) < 0)
  const stable = lower.filter(({ parts }) => !isPrerelease(parts))
  const candidates = (built && isPrerelease(built)) || stable.length === 0 ? lower : stable
  // If two tags have the same version (`1.2` and `1.2.0`), take the longer one: it does not move.
  const best = candidates.reduce<Published | undefined>((most, one) => {
    const order = most ? compareVersions(one.parts, most.parts) : 1
    return order > 0 || (order === 0 && one.tag.length > (most?.tag.length ?? 0)) ? one : most
  }, undefined)
  if (!best) return undefined
  const amount =
    candidates.length === 1 ? 'the only published version' : `the highest of ${candidates.length} published versions`
  return { tag: best.tag, chosen: built ? `${amount} below ${version}` : amount }
}

interface Published {
  readonly tag: string
  readonly parts: VersionParts
}
