// Writes README.md's tables of inputs and outputs, docs/inputs.md and .github/workflows/build-addon.yml from action.yml and
// scripts/build-addon.template.yml, the table of rules in docs/audit.md from src/audit/rules.ts, and docs/report.schema.json
// from src/report/model/schema.ts.
// Usage: npm run docs [-- --check] (Node 24)      --check: changes nothing, exits with 1 if a file differs
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rules } from '../src/audit/rules.ts'
import { switches } from '../src/inputs/names.ts'
import { readAction } from './docs/action.ts'
import { auditPage } from './docs/audit-page.ts'
import { inputsPage } from './docs/inputs-page.ts'
import { readmeWithTables } from './docs/readme.ts'
import { reportJsonSchema } from './docs/report-schema.ts'
import { buildWorkflow } from './docs/workflow.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '')

/** JSON as the linter wants it. */
const formatted = (json) =>
  execFileSync(
    process.execPath,
    [
      ...[join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--stdin-file-path=schema.json'],
      ...['--indent-style=space', '--line-width=120'],
    ],
    { input: json, encoding: 'utf8', cwd: root },
  )

function generate() {
  const action = readAction(read('action.yml'))
  const workflow = buildWorkflow(read('scripts/build-addon.template.yml'), action, switches)
  return {
    'README.md': readmeWithTables(read('README.md'), action),
    'docs/audit.md': auditPage(read('docs/audit.md'), rules),
    'docs/inputs.md': inputsPage(action, workflow, switches),
    'docs/report.schema.json': formatted(JSON.stringify(reportJsonSchema(), undefined, 2)),
    '.github/workflows/build-addon.yml': workflow,
  }
}

try {
  const differing = Object.entries(generate()).filter(([file, text]) => text !== read(file))
  for (const [file, text] of differing) {
    if (process.argv.includes('--check')) {
      console.error(`${file} does not match its sources: run "npm run docs".`)
      process.exitCode = 1
    } else writeFileSync(join(root, file), text)
  }
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown)
  process.exitCode = 1
}
