/** Text in a cell of a Markdown table. */
export const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()

export const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

export const code = (text: string): string => `\`${text}\``

/** ``` `plan`, `build` and `publish` ``` */
export const list = (names: readonly string[]): string =>
  [names.slice(0, -1).map(code).join(', '), ...names.slice(-1).map(code)].filter((part) => part !== '').join(' and ')

/** Anchors in docs/inputs.md. An input and an output may have the same name. */
export const inputAnchor = (name: string): string => `input-${name}`
export const outputAnchor = (name: string): string => `output-${name}`

/** The text with `content` between the comments `<!-- name:start -->` and `<!-- name:end -->`. @param file names the text in the error. */
export function between(text: string, name: string, content: string, file: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${file} has no "${start}" with "${end}" after it.`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}
