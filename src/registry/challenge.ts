type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string }

/** Maximum characters of the header. Real ones have some hundred. */
const longestHeader = 4_096

/** A parameter, its value in quotes or not; or the name of a scheme. Quoted text is always a value, whatever it looks like. */
const part = /(?<!\w)(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))|(?<![\w-])([\w-]+)/g

/** Bearer is preferred if both are offered. Takes linear time. Pure. Source: RFC 9110, 11.6.1, and distribution `spec/auth/token`. */
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
  const [realm, service] = [bearer?.get('realm'), bearer?.get('service')]
  if (realm) return { scheme: 'bearer', realm, ...(service && { service }) }
  return schemes.has('basic') ? { scheme: 'basic' } : undefined
}
