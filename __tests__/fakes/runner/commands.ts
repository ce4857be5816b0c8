/** A workflow command: `::error file=a.yaml,line=3::Text`. */
export interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

const known = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
])

/** The characters that `string.TrimStart` of .NET removes. JavaScript differs: it removes U+FEFF, but not U+0085. Source: .NET `Char.IsWhiteSpace`. */
export const dotnetWhiteSpace: readonly string[] = [
  ...'\t\n\v\f\r \u0085\u00a0\u1680',
  ...'\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
  ...'\u2028\u2029\u202f\u205f\u3000',
]

function trimStart(line: string): string {
  let at = 0
  while (dotnetWhiteSpace.includes(line[at] ?? '')) at += 1
  return line.slice(at)
}

/** Source: actions/runner `ActionCommand.TryParseV2` and `TryParse` (the older form, `##[error]Text`, anywhere in a line). */
export function parseCommand(line: string): Command | undefined {
  const trimmed = trimStart(line)
  if (trimmed.startsWith('::')) {
    const end = trimmed.indexOf('::', 2)
    if (end < 0) return undefined
    const head = trimmed.slice(2, end)
    const space = head.indexOf(' ')
    const name = (space < 0 ? head : head.slice(0, space)).toLowerCase()
    if (!known.has(name)) return undefined
    const properties = space < 0 ? {} : parseProperties(head.slice(space + 1), ',')
    return { name, properties, message: unescapeText(trimmed.slice(end + 2)) }
  }
  const older = /##\[([a-z-]+)(?: ([^\]]*))?\](.*)$/i.exec(line)
  const name = older?.[1]?.toLowerCase()
  if (!older || name === undefined || !known.has(name)) return undefined
  return { name, properties: parseProperties(older[2] ?? '', ';'), message: older[3] ?? '' }
}

function parseProperties(text: string, separator: string): Record<string, string> {
  const pairs = text.split(separator).flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at).trim(), unescapeText(pair.slice(at + 1).trim(), true)]]
  })
  return Object.fromEntries(pairs)
}

const unescapeText = (text: string, property = false): string =>
  text.replace(/%0D|%0A|%3A|%2C|%25/g, (found) => {
    if (!property && (found === '%3A' || found === '%2C')) return found
    return decodeURIComponent(found)
  })
