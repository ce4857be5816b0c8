import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { documents, measureBeforeAfter, rowsOf, sizeTable, withTable } from '../docker-reference/before-after.ts'
import { brokenClaims } from '../docker-reference/size-checks.ts'
import { testedArchitectures } from './emulators.ts'
import { prepareTestEnvironment } from './environment.ts'

// `npm run sizes`: builds and measures both Dockerfiles of the reference add-on for all architectures, checks what README.md claims about them, and
// writes the table of README.md and docker/README.md. Exit code: 1 if a claim does not hold, 3 if nothing was measured.

const testEnvironment = await prepareTestEnvironment({ needs: ['engine', 'emulators', 'registry', 'bases'] })
try {
  const { bases, missing } = testEnvironment.facts
  if (bases === undefined) {
    console.log(`Nothing was measured: ${Object.values(missing).join('; ')}`)
    process.exitCode = 3
  } else {
    const measured = await testEnvironment.hold(
      measureBeforeAfter(testEnvironment.facts, testEnvironment.facts.runnable),
    )
    const table = sizeTable(rowsOf(measured))
    console.log(`\n${table}`)
    // All architectures: one that this machine cannot run would be missing from the table.
    const broken = brokenClaims(measured, testedArchitectures)
    if (broken.length > 0) {
      console.log(`\nThe tables were not written:\n${broken.join('\n')}`)
      process.exitCode = 1
    } else {
      for (const file of documents.map((name) => resolve(import.meta.dirname, '../..', name)))
        writeFileSync(file, withTable(readFileSync(file, 'utf8'), table))
    }
  }
} finally {
  await testEnvironment.release()
}
