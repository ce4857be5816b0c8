import { type Parsed, parsed, wrong } from './parsed.ts'

/** Splits a command line by the quoting of a POSIX shell; nothing is expanded. Source: POSIX Shell Command Language, 2.2 Quoting. */
export function splitWords(text: string): Parsed<readonly string[]> {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string
    const next = text[index + 1]
    if (quote === "'") {
      if (character === "'") quote = undefined
      else word += character
    } else if (character === '\\' && (quote === undefined || (next !== undefined && '"\\$`\n'.includes(next)))) {
      if (next === undefined) return wrong('The line ends with a backslash.', 'Remove it, or write it twice.')
      index += 1
      // Without quotes a backslash before the end of a Windows line continues it as well.
      if (quote === undefined && next === '\r' && text[index + 1] === '\n') index += 1
      else if (next !== '\n') word = (word ?? '') + next
    } else if (quote === '"') {
      if (character === '"') quote = undefined
      else word += character
    } else if (character === "'" || character === '"') {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (quote !== undefined) return wrong(`A ${quote} is not closed.`, `Add the closing ${quote}.`)
  if (word !== undefined) words.push(word)
  return parsed(words)
}

/** The word, quoted for a shell if necessary. The inverse of `splitWords`, for messages. */
export const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
