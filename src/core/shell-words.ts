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

/** Words that bash, dash and zsh leave unchanged: to zsh, `=word` is the path of a program. */
const plainWord = /^[\w@%+:,./-][\w@%+=:,./-]*$/

/** Control and format characters: a terminal acts on some of them when they are pasted, and some change the order of a line. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const parts = /\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu

/** After a shell has run it, `"$nl"` is a line end. The dot keeps the line end, which `$(…)` would drop. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: syntax of the shell
export const lineEndVariable = "nl=$(printf '\\n.') && nl=${nl%.}"

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/**
 * The text as one word for a POSIX shell, quoted if necessary, with printable characters only. A word with line ends needs `lineEndVariable`
 * before it; see `needsLineEnd`. NUL is left out, because no argument can contain it.
 */
export function quoteForShell(text: string): string {
  if (plainWord.test(text)) return text
  if (!unprintable.test(text)) return single(text)
  return (text.replaceAll('\0', '').match(parts) ?? []).map(quotedPart).join('') || "''"
}

function quotedPart(part: string): string {
  if (part === '\n') return '"$nl"'
  if (!unprintable.test(part)) return single(part)
  const octal = [...new TextEncoder().encode(part)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
  return `"$(printf '${octal.join('')}')"`
}

/** Does the word use `lineEndVariable`? */
const needsLineEnd = (word: string): boolean => word.includes('"$nl"')

/** Commands joined by `&&`. Their words must be quoted already. */
export const shellLine = (commands: readonly string[]): string =>
  [...(commands.some(needsLineEnd) ? [lineEndVariable] : []), ...commands].join(' && ')
