// Writes README.md's tables of inputs and outputs, docs/inputs.md and .github/workflows/build-addon.yml from action.yml and
// scripts/build-addon.template.yml, and the table of rules in docs/audit.md from src/audit/rules.ts.
// Usage: npm run docs [-- --check] (Node 24)      --check: changes nothing, exits with 1 if a file differs
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rules } from '../src/audit/rules.ts'
import { switches } from '../src/inputs/names.ts'
import { readAction } from './docs/action.ts'
import { auditPage } from './docs/audit-page.ts'
import { inputsPage } from './docs/inputs-page.ts'
import { readmeWithTables } from './docs/readme.ts'
import { buildWorkflow } from './docs/workflow.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '')

function generate() {
  const action = readAction(read('action.yml'))
  const workflow = buildWorkflow(read('scripts/build-addon.template.yml'), action, switches)
  return {
    'README.md': readmeWithTables(read('README.md'), action),
    'docs/audit.md': auditPage(read('docs/audit.md'), rules),
    'docs/inputs.md': inputsPage(action, workflow, switches),
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
