// The grammar of image names. Source: distribution/reference, OCI distribution specification 1.1.
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const domain = String.raw`${label}(?:\.${label})*(?::\d+)?`
const address = String.raw`\[[0-9a-fA-F:]+\](?::\d+)?`
const part = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
const name = `(?:(?:${domain}|${address})/)?${part}(?:/${part})*`
const tag = String.raw`[\w][\w.-]{0,127}`
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'

const wholeName = new RegExp(`^(?:${name})$`)
const wholeTag = new RegExp(`^(?:${tag})$`)
const wholeReference = new RegExp(`^${name}(?::${tag})?(?:@${digest})?$`)

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
  const [, name = '', tag, digest] = /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/s.exec(text) ?? []
  return { name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}
