import { parseVersion, tagText, withoutV } from '../addon/version.ts'

/**
 * Whether a tag is that of a version, which is published once: the version itself, with or without a `v`, alone or as a part of the tag (`1.2.3-alpine`,
 * `amd64-1.2.3`). Others move with each publication: `latest`, `edge`, and those of a part of the version, `1.2`. A version such as `dev` moves, too. Pure.
 */
export function isVersionTag(tag: string, version: string): boolean {
  if (parseVersion(version) === undefined) return false
  const wanted = withoutV(tagText(version)).toLowerCase()
  const text = tag.toLowerCase()
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const before = text.slice(0, at).replace(/(?:^|(?<=[-_.]))v$/, '')
    const after = text.slice(at + wanted.length)
    if (/(?:^|[-_])$/.test(before) && /^(?:$|[-_])/.test(after)) return true
  }
  return false
}
