// Writes docs/report.schema.json. Usage: node scripts/report-schema.ts (Node 24)
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toJsonSchema } from '@valibot/to-json-schema'
import { definitions, reportSchema } from '../src/report/model/schema.ts'

/** JSON Schema (draft 2020-12) of `report.json`. */
export const reportJsonSchema = (): object => {
  const { $schema, ...schema } = toJsonSchema(reportSchema, {
    target: 'draft-2020-12',
    definitions,
    // They change or check a value in ways that JSON Schema cannot express.
    ignoreActions: ['transform', 'check', 'finite'],
  })
  return { $schema, title: 'report.json of aicleaner-build, version 1', ...schema }
}

const self = fileURLToPath(import.meta.url)
if (process.argv[1] === self) {
  const target = fileURLToPath(new URL('../docs/report.schema.json', import.meta.url))
  writeFileSync(target, `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`)
  const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url))
  execFileSync(process.execPath, [biome, 'format', '--write', target], { stdio: 'inherit' })
}
