/**
 * What acts on a terminal or misleads a reader: control characters, line separators, marks that turn the direction of text (source:
 * Unicode, `Bidi_Control`), and halves of surrogate pairs. All of them are in the basic plane, so one code unit each.
 */
const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu

const short: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
])

/** One line that cannot act on a terminal: line ends and other characters that do not print as they are written in JSON. */
export const printable = (text: string): string =>
  text.replaceAll(
    unprintable,
    (character) => short.get(character) ?? String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
