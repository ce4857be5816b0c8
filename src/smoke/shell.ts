/** Words that no shell changes, bash, dash and zsh among them: `=word` is the path of a program to zsh. */
const harmless = /^[\w@%+:,./-][\w@%+=:,./-]*$/

/** Control and format characters, among them those that a terminal obeys when they are pasted and those that change the order of a line. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const parts = /\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu

/** Of a shell that has run it, `"$nl"` is a line end. The dot keeps the line end, which `$(…)` would drop. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
export const lineEndVariable = "nl=$(printf '\\n.') && nl=${nl%.}"

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/**
 * Quoted for a POSIX shell, where it needs to be: one word, of printable characters only, that the shell makes the text again. A word with
 * line ends needs `lineEndVariable` before it; see `needsLineEnd`. NUL, which no argument can hold, is left out.
 */
export function quoted(text: string): string {
  if (harmless.test(text)) return text
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
export const needsLineEnd = (word: string): boolean => word.includes('"$nl"')

/** Commands, one after the other in one line, each only if the one before it succeeded. Their words are quoted already. */
export const shellLine = (commands: readonly string[]): string =>
  [...(commands.some(needsLineEnd) ? [lineEndVariable] : []), ...commands].join(' && ')
