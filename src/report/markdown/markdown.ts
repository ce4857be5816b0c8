/**
 * GitHub Flavored Markdown from untrusted text: names of files, packages and add-ons, lines of logs.
 * The result is always one line of text (or one fence), without links and mentions.
 */

const zeroWidth = '\u200b'

/** Sequences that control a terminal: colors, titles, cursor moves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const escapeSequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/** Characters that change the direction of text or are invisible: directional marks, joiners, the byte order mark, tag characters, line separators. */
const invisible =
  /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\u180e\ufeff\u00ad\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

const codePoint = (character: string): string =>
  `‹U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}›`

/** Removes escape sequences and control characters, and names invisible characters. Line ends and tabs stay. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(escapeSequences, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�')
    .replace(invisible, codePoint)

const singleLine = (text: string): string => visible(text).replace(/\s+/g, ' ').trim()

/** GitHub and Forgejo link these anywhere in text, escaped or not; a zero-width space prevents that. */
const unlinked = (text: string): string =>
  text
    .replace(/@(?=\S)/g, `@${zeroWidth}`)
    .replace(/([#!])(?=\d)/g, `$1${zeroWidth}`)
    .replace(/GH-(?=\d)/gi, (match) => `${match}${zeroWidth}`)
    .replace(/:\/\//g, `:${zeroWidth}//`)
    .replace(/www\./gi, (match) => `${match.slice(0, 3)}${zeroWidth}.`)
    .replace(/(mailto|xmpp):/gi, `$1${zeroWidth}:`)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** A special character of HTML as an entity. */
export const entityOf = (character: string): string => entities[character] ?? character

const escapedText = (text: string): string =>
  unlinked(text)
    .replace(/[\\`*_[\]#~]/g, '\\$&')
    .replace(/[&<>]/g, entityOf)
    .replaceAll('|', '&#124;')
    // GitHub documents this form for a dollar sign that does not begin a formula.
    .replaceAll('$', '<span>$</span>')

/** Escapes text for one line of Markdown: no structure, links or mentions. Only text between single backticks becomes code. */
export function prose(text: string): string {
  const parts = singleLine(text).split(/(?<!`)`([^`]+)`(?!`)/)
  const escapedLine = parts.map((part, index) => (index % 2 === 1 ? code(part) : escapedText(part))).join('')
  // At the start of a list item these would begin another list, a heading or a rule.
  return escapedLine.replace(/^[-+](?=[-\s]|$)/, '\\$&').replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
}

/** A code span that shows exactly this text (white space runs become one space). Raw `|` in it is for `table` to escape. */
export function code(text: string): string {
  const line = singleLine(text)
  if (line === '') return '` `'
  const fence = '`'.repeat(longestRun(line) + 1)
  const padding = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${padding}${line}${padding}${fence}`
}

const longestLine = 400

/** A fenced block. The fence is longer than any run of backticks inside. `lines` may contain line ends. */
export function fence(lines: readonly string[]): string {
  const text = visible(lines.join('\n'))
    .split('\n')
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine).toWellFormed()} …` : line))
    .join('\n')
  const marks = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${marks}text\n${text}\n${marks}`
}

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))

/** Text inside raw HTML, as in `<summary>`, where no Markdown is read but mentions still count. */
export const html = (text: string): string => unlinked(singleLine(text)).replace(/[&<>"]/g, entityOf)

/** A link to an address of our own; for other schemes than http(s), the label alone. `label` is Markdown. */
export function link(label: string, address: string): string {
  if (!/^https?:\/\//.test(address)) return label
  const safe = singleLine(address).replace(
    /[ <>()[\]\\`|"']/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `[${label}](${safe})`
}

/** The title of a column, alone or with an alignment. */
type Column = string | { readonly title: string; readonly right: boolean }

/** A column of figures. */
export const right = (title: string): Column => ({ title, right: true })

/** A table. Cells are Markdown from the functions above. */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string =>
  [
    line(columns.map((column) => (typeof column === 'string' ? column : column.title))),
    line(columns.map((column) => (typeof column !== 'string' && column.right ? '--:' : ':--'))),
    ...rows.map((row) => line(columns.map((_, index) => row[index] ?? ''))),
  ].join('\n')

const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/**
 * A backslash right before a pipe is read in two ways by the parsers of GitHub and of others. Only code spans can have one
 * (`prose` writes pipes as entities), so there it becomes its look-alike.
 */
const cell = (markdown: string): string =>
  markdown
    .replace(/\s+/g, (blank) => (blank.includes('\n') ? ' ' : blank))
    .replace(/\\+|\|/g, (found, at: number, text: string) =>
      found === '|' ? '\\|' : text[at + found.length] === '|' ? '⧵'.repeat(found.length) : found,
    )

/** Collapsed under a title. `summary` is HTML. Empty lines enable Markdown inside. */
export const folded = (summary: string, content: string): string =>
  `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`

/** Blocks with an empty line between them; empty ones are left out. */
export const blocks = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n\n')
