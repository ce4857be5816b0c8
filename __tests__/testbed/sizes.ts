import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { documents, measureBeforeAfter, rowsOf, sizeTable, withTable } from '../docker-reference/before-after.ts'
import { prepareTestbed } from './testbed.ts'

// `npm run sizes`: builds and measures both Dockerfiles of the reference add-on, and writes the table of README.md and docker/README.md.

const testbed = await prepareTestbed({ needs: ['engine', 'emulators', 'registry', 'bases'] })
try {
  const { bases, missing } = testbed.facts
  if (bases === undefined) {
    console.log(`Nothing was measured: ${Object.values(missing).join('; ')}`)
    process.exitCode = 3
  } else {
    const table = sizeTable(rowsOf(await testbed.hold(measureBeforeAfter(testbed.facts))))
    for (const file of documents.map((name) => resolve(import.meta.dirname, '../..', name)))
      writeFileSync(file, withTable(readFileSync(file, 'utf8'), table))
    console.log(`\n${table}`)
  }
} finally {
  await testbed.release()
}
