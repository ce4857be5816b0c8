/** What a `WWW-Authenticate` header asks for. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string }

/** Real ones have some hundred characters. */
const longestHeader = 4_096

/**
 * Pure. Source: RFC 7235 and distribution `spec/auth/token`. Bearer is preferred where both are offered.
 * What is longer than 4,096 characters is no challenge; the expressions take time in proportion to the length.
 */
export function parseChallenge(header: string): Challenge | undefined {
  if (header.length > longestHeader) return undefined
  const bearer = /\bbearer\s+(.*)/i.exec(header)?.[1]
  if (bearer !== undefined) {
    const parameters = new Map<string, string>()
    for (const [, key, quoted, plain] of bearer.matchAll(/(?<!\w)(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
      if (key && !parameters.has(key.toLowerCase())) parameters.set(key.toLowerCase(), quoted ?? plain ?? '')
    }
    const realm = parameters.get('realm')
    if (!realm) return undefined
    const service = parameters.get('service')
    const scope = parameters.get('scope')
    return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) }
  }
  return /\bbasic\b/i.test(header) ? { scheme: 'basic' } : undefined
}
