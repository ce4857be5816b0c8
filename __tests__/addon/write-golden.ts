// Writes what is planned for the corpus. To be read by a person before it is committed: node __tests__/addon/write-golden.ts
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describeCorpus, goldenFile } from './corpus.ts'

mkdirSync(dirname(goldenFile), { recursive: true })
writeFileSync(goldenFile, await describeCorpus())
