/** What a `WWW-Authenticate` header asks for. */
type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string }

/** Real ones have some hundred characters. */
const longestHeader = 4_096

/** A parameter, its value in quotes or not; or the name of a scheme. What is in quotes is text, whatever it looks like. */
const part = /(?<!\w)(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))|(?<![\w-])([\w-]+)/g

/**
 * Pure. Source: RFC 9110, 11.6.1, and distribution `spec/auth/token`. Bearer is preferred where both are offered.
 * What is longer than 4,096 characters is no challenge; the expression takes time in proportion to the length.
 */
export function parseChallenge(header: string): Challenge | undefined {
  if (header.length > longestHeader) return undefined
  const schemes = new Map<string, Map<string, string>>()
  let parameters = new Map<string, string>()
  for (const [, key, quoted, plain, scheme] of header.matchAll(part)) {
    if (scheme !== undefined) {
      parameters = new Map()
      if (!schemes.has(scheme.toLowerCase())) schemes.set(scheme.toLowerCase(), parameters)
    } else if (key !== undefined && !parameters.has(key.toLowerCase())) {
      parameters.set(key.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '')
    }
  }
  const bearer = schemes.get('bearer')
  const realm = bearer?.get('realm')
  if (realm) {
    const service = bearer?.get('service')
    const scope = bearer?.get('scope')
    return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) }
  }
  return schemes.has('basic') ? { scheme: 'basic' } : undefined
}
