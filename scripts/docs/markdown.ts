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
