/** Hostile text (a name from an image) as part of a sentence: one line, no control or direction marks, at most `most` characters. */
export function plain(text: string, most = 80): string {
  const line = text
    .replace(/[\s\u0085\u2028\u2029]+/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go.
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '?')
    .trim()
  return [...line].length > most ? `${[...line].slice(0, most - 1).join('')}…` : line
}

// `/bin/bash -o pipefail -c `, after the build arguments (`|2 A=1 B=x y `), whose values may be long, or nobody else's business.
const shell = /(?:^| )\/(?:usr\/)?bin\/(?:ba|da|a)?sh(?: (?:-[A-Za-z]+|pipefail))* -[A-Za-z]*c /

/** BuildKit marks what it wrote. */
const withoutMark = (text: string): string =>
  /\s# buildkit$/.test(text) ? text.slice(0, -'# buildkit'.length).trimEnd() : text

/** `RUN apk add gcc` of what BuildKit and the older builder write into the history of an image. */
export function instructionOf(createdBy: string): string {
  const text = withoutMark(createdBy).replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
  const step = /^(?:RUN )?(?=\||\/)/.exec(text)
  const command = step && shell.exec(text)
  return (command ? `RUN ${text.slice(command.index + command[0].length)}` : text).replace(/\s+/g, ' ').trim()
}

export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** Hostile text as code in a sentence: what is between the backticks has none. */
export const quotedCode = (text: string, most = 80): string => `\`${plain(text, most).replaceAll('`', "'")}\``
