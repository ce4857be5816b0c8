/** The only place that makes foreign text safe for a log: a runner also reads the output of the command line. */
import { escapeControls } from '../../core/text.ts'

/** Maximum characters of one printed line. A build may print lines of megabytes, which are unreadable. */
export const longestLine = 8192

/** Characters reserved for the note about the cut. */
const room = 64

/** The line, or its beginning and its length; at most `longestLine` characters. Returns a copy, so that a long line does not stay in memory. */
export function shortened(line: string): string {
  if (line.length <= longestLine) return line
  const beginning = Buffer.from(line.slice(0, longestLine - room)).toString()
  return `${beginning} … (cut: the line has ${line.length} characters)`
}

/** Colors and cursor moves (ECMA-48, control sequences). They carry no text, so they are removed; other control characters are shown as escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const controlSequences = /\u001b\[[0-?]*[ -/]*[@-~]/g

/**
 * `::` at the start of a line, after characters that the runner trims or that its comparison ignores: all white space of .NET (U+0085
 * is one there, and none in JavaScript), controls, format characters. Not `^` with flag `m`: that is quadratic in white space.
 */
const command = /^[\s\p{Z}\p{C}]*:(?=:)/u

/**
 * Neither `::name::` nor `##[name]` is a command with a character of no width inside.
 * Source: actions/runner `ActionCommand.TryParseV2` (start of the trimmed line) and `TryParse` (anywhere). Both take the name from
 * two or three characters after the start, so a comparison that ignores the character in between finds no command of that name.
 */
const withoutCommand = (line: string): string => line.replace(command, '$&\u200b').replaceAll('##[', '##\u200b[')

function escaped(line: string): string {
  if (line === '') return line
  const safe = shortened(line).replace(controlSequences, '').split('\t').map(escapeControls).join('\t')
  // Shortened after escaping, which makes a line longer.
  return withoutCommand(shortened(safe))
}

/** Text of any number of lines, each escaped separately: a runner ends a line at CR, LF and CR LF. Tabs stay. */
export const escapedLines = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(escaped)
    .join('\n')

/** Text as one line: line ends and tabs are shown as `\n` and `\t`. */
export const escapedLine = (text: string): string =>
  withoutCommand(shortened(escapeControls(shortened(text).replace(controlSequences, ''))))

/** Text as the message of a workflow command, for a program that does not load @actions/core. Source: @actions/core `escapeData`. */
export const commandMessage = (text: string): string => escapedLine(text).replaceAll('%', '%25')

/** An uncaught error ends the program as usual, but its message, which may be foreign, is escaped. */
export function printUncaught(program: NodeJS.EventEmitter = process): void {
  program.on('uncaughtException', (thrown: unknown) => {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    process.stderr.write(`${escapedLines(text)}\n`)
    process.exit(1)
  })
}
