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
export function quoted(text: string): string {
  if (plainWord.test(text)) return text
  if (!unprintable.test(text)) return single(text)
  return (text.replaceAll('\0', '').match(parts) ?? []).map(quotedPart).join('') || "''"
}

function quotedPart(part: string): string {
  if (part === '\n') return '"$nl"'
  if (!unprintable.test(part)) return single(part)
  const octal = [...Buffer.from(part)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
  return `"$(printf '${octal.join('')}')"`
}

/** Does the word use `lineEndVariable`? */
const needsLineEnd = (word: string): boolean => word.includes('"$nl"')

/** Commands joined by `&&`. Their words must be quoted already. */
export const shellLine = (commands: readonly string[]): string =>
  [...(commands.some(needsLineEnd) ? [lineEndVariable] : []), ...commands].join(' && ')
