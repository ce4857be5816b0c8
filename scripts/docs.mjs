// Writes the README's tables of inputs and outputs from action.yml, between their markers.
// Usage: node scripts/docs.mjs [--check]      --check: changes nothing, exits with 1 where the README differs
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDocument } from 'yaml'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const readme = join(root, 'README.md')
const action = parseDocument(readFileSync(join(root, 'action.yml'), 'utf8'))

const cell = (text) =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()

/** A line such as `# How to build` above an input begins a group. */
function inputTables() {
  const groups = []
  for (const { key, value } of action.get('inputs').items) {
    const title = (key.commentBefore ?? (groups.length === 0 ? action.get('inputs').commentBefore : undefined))?.trim()
    if (title) groups.push({ title, rows: [] })
    const fallback = value.get('default')
    groups
      .at(-1)
      .rows.push(
        `| \`${key.value}\` | ${fallback === undefined ? '' : `\`${cell(String(fallback))}\``} | ${cell(value.get('description'))} |`,
      )
  }
  return groups
    .map(({ title, rows }) => `### ${title}\n\n| input | default | meaning |\n| --- | --- | --- |\n${rows.join('\n')}`)
    .join('\n\n')
}

function outputTable() {
  const rows = action
    .get('outputs')
    .items.map(({ key, value }) => `| \`${key.value}\` | ${cell(value.get('description'))} |`)
  return `| output | meaning |\n| --- | --- |\n${rows.join('\n')}`
}

function between(text, name, content) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) {
    console.error(`README.md has no "${start}" with "${end}" after it.`)
    process.exit(1)
  }
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}

const before = readFileSync(readme, 'utf8')
const after = between(between(before, 'inputs', inputTables()), 'outputs', outputTable())
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('README.md does not match action.yml: run "npm run docs".')
    process.exit(1)
  }
} else if (after !== before) writeFileSync(readme, after)
