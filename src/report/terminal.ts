import { isError } from '../core/diagnostics.ts'
import { enumerate } from '../core/text.ts'
import { type TextColumn, textColumns } from './columns.ts'
import { headlineOf } from './headline.ts'
import { visible } from './markdown/markdown.ts'
import { placeOf, type SharedReason, sharedReasons } from './markdown/reasons.ts'
import type { Report } from './model/report.ts'
import { type Row, rowsOf } from './rows.ts'

/** Verdict, table and reasons as plain text, for the log and the terminal. Nothing in it can act on a terminal. */
export function terminalTable(report: Report): string {
  const rows = rowsOf(report)
  const several = report.addons.length > 1
  const { verdict, publication, diagnostics } = report
  // Errors that ended the run are logged separately, each with its location.
  const ended = diagnostics.some(isError)
  const reasons = [
    ...sharedReasons(
      verdict.reasons.filter(({ addon }) => !ended || addon !== undefined),
      several,
    ).map((reason) => `failed: ${reasonText(reason)}`),
    ...sharedReasons(verdict.warnings, several).map((reason) => `warning: ${reasonText(reason)}`),
  ]
  return [
    ...(rows.length === 0 ? [] : [grid(textColumns(rows, several), rows), '']),
    clean(headlineOf(report).text),
    ...reasons.map((reason) => `  ${clean(reason)}`),
    publication.status === 'published' ? 'Published.' : `Nothing was published. ${clean(publication.reason)}`,
  ].join('\n')
}

const reasonText = ({ names, message, where }: SharedReason): string =>
  `${names.length === 0 ? '' : `${enumerate(names)}: `}${message}${where ? ` (${placeOf(where)})` : ''}`

const clean = (text: string): string => visible(text).replace(/\s+/g, ' ').trim()

function grid(shown: readonly TextColumn[], rows: readonly Row[]): string {
  const cells = [shown.map(({ title }) => title), ...rows.map((row) => shown.map(({ text }) => clean(text(row))))]
  const widths = shown.map((_, index) => Math.max(...cells.map((line) => width(line[index] ?? ''))))
  const pad = (line: readonly string[]): string =>
    line
      .map((text, index) => {
        const space = ' '.repeat((widths[index] ?? 0) - width(text))
        return shown[index]?.right ? space + text : text + space
      })
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = cells
  return [pad(head), widths.map((each) => '─'.repeat(each)).join('  '), ...body.map(pad)].join('\n')
}

/** Approximate columns in a terminal: East Asian wide characters and emoji take two. */
const width = (text: string): number =>
  [...text.replace(/\p{M}/gu, '')].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0)

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
