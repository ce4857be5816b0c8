import type { Action } from './action.ts'
import { cell, code, inputAnchor, outputAnchor, table } from './markdown.ts'

/** README.md with its tables of inputs and outputs, which are between markers. */
export const readmeWithTables = (readme: string, action: Action): string =>
  between(between(readme, 'inputs', inputTables(action)), 'outputs', outputTable(action))

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

function between(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`README.md has no "${start}" with "${end}" after it.`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}
