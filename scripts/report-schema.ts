// Writes docs/report.schema.json. Usage: node scripts/report-schema.ts (Node 24)
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { reportSchema } from '../src/report/model/schema.ts'

const target = fileURLToPath(new URL('../docs/report.schema.json', import.meta.url))
writeFileSync(target, `${JSON.stringify(reportSchema, undefined, 2)}\n`)
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url))
execFileSync(process.execPath, [biome, 'format', '--write', target], { stdio: 'inherit' })
