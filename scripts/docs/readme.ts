import type { Action } from './action.ts'
import { between, cell, code, inputAnchor, outputAnchor, table } from './markdown.ts'

/** README.md with its tables of inputs and outputs, which are between markers. */
export const readmeWithTables = (readme: string, action: Action): string =>
  between(between(readme, 'inputs', inputTables(action), 'README.md'), 'outputs', outputTable(action), 'README.md')

function inputTables({ inputs }: Action): string {
  const groups = Map.groupBy(inputs, ({ group }) => group)
  return [...groups]
    .map(([title, members]) => {
      const rows = members.map((input) => [
        `[${code(input.name)}](docs/inputs.md#${inputAnchor(input.name)})`,
        input.default === undefined ? '' : code(cell(input.default)),
        cell(input.description),
      ])
      return `### ${title}\n\n${table(['input', 'default', 'meaning'], rows)}`
    })
    .join('\n\n')
}

const outputTable = ({ outputs }: Action): string =>
  table(
    ['output', 'meaning'],
    outputs.map(({ name, description }) => [
      `[${code(name)}](docs/inputs.md#${outputAnchor(name)})`,
      cell(description),
    ]),
  )
