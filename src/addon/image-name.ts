/**
 * The grammar of image names. Source: distribution/reference, OCI distribution specification 1.1.
 * A tag has at most 128 characters; a name with its registry at most 255.
 */
const domain = /(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d+)?/
const address = /\[[0-9a-fA-F:]+\](?::\d+)?/
const part = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/
const name = new RegExp(`(?:(?:${domain.source}|${address.source})/)?${part.source}(?:/${part.source})*`)
const tag = /[\w][\w.-]{0,127}/
const digest = /[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}/

const whole = (pattern: RegExp): RegExp => new RegExp(`^(?:${pattern.source})$`)
const wholeName = whole(name)
const wholeTag = whole(tag)
const wholeReference = new RegExp(`^${name.source}(?::${tag.source})?(?:@${digest.source})?$`)

/** `ghcr.io/org/name`: no tag, no digest. */
export const isImageName = (text: string): boolean => text.length <= 255 && wholeName.test(text)
export const isTag = (text: string): boolean => wholeTag.test(text)
/** `name`, `name:tag`, `name@digest`, `name:tag@digest`. */
export const isReference = (text: string): boolean => text.length <= 512 && wholeReference.test(text)

/** Splits `name:tag@digest`; a port is not a tag. */
export function splitReference(text: string): {
  readonly name: string
  readonly tag?: string
  readonly digest?: string
} {
  const at = text.indexOf('@')
  const before = at < 0 ? text : text.slice(0, at)
  const colon = before.lastIndexOf(':')
  const tagged = colon > before.lastIndexOf('/')
  return {
    name: tagged ? before.slice(0, colon) : before,
    ...(tagged && { tag: before.slice(colon + 1) }),
    ...(at >= 0 && { digest: text.slice(at + 1) }),
  }
}
