// Texts in messages. Those of images, files and registries are hostile: they may try to act on a terminal or to mislead a reader.

/** At most `most` characters on one line, control and direction marks as `?`. For a name inside a sentence. */
export function safeLine(text: string, most = 80): string {
  const line = text
    .replace(/[\s\u0085\u2028\u2029]+/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression is for removing them.
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '?')
    .trim()
  return [...line].length > most ? `${[...line].slice(0, most - 1).join('')}…` : line
}

/** `safeLine` as a code span of Markdown, without backticks inside. */
export const codeSpan = (text: string, most = 80): string => `\`${safeLine(text, most).replaceAll('`', "'")}\``

/** What does not print or turns the direction of text (Unicode, `Bidi_Control`), and halves of surrogate pairs: one code unit each. */
const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u200b\u2028\u2029\u2060\ufeff]/gu

const short: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
])

/** The whole text on one line: line ends and other characters that do not print as escapes of JSON. */
export const escapeControls = (text: string): string =>
  text.replaceAll(
    unprintable,
    (character) => short.get(character) ?? String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** `1 file`, `2 files`. */
export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** `a`, `a and b`, `a, b and c`; after `most` names, `and 4 more`. */
export function enumerate(names: readonly string[], most = 4): string {
  const shown = names.length > most + 1 ? [...names.slice(0, most), `${names.length - most} more`] : names
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** At most `longest` characters; a text that was cut ends with `…`. */
export const shorten = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text

// The functions below take one pass. An expression such as /x+$/ takes steps that grow with the square of the text.

/** Removes the characters of `set` at the end. */
export function trimEndChars(text: string, set: string): string {
  let end = text.length
  while (end > 0 && set.includes(text[end - 1] as string)) end -= 1
  return text.slice(0, end)
}

/** Removes the characters of `set` at both ends. */
export function trimChars(text: string, set: string): string {
  const left = trimEndChars(text, set)
  let start = 0
  while (start < left.length && set.includes(left[start] as string)) start += 1
  return left.slice(start)
}

/** The text before the first character of `set`; all of it if there is none. */
export function textBefore(text: string, set: string): string {
  for (let index = 0; index < text.length; index += 1) {
    if (set.includes(text[index] as string)) return text.slice(0, index)
  }
  return text
}
