import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readArguments } from './suite/arguments.ts'
import { type Counts, describeCounts, oneFailed, sum } from './suite/counts.ts'
import { isEndToEnd, matching, testFiles } from './suite/files.ts'
import { check, jest } from './suite/run.ts'
import { prepareTestbed } from './testbed.ts'

// `npm test`: everything, in order, cheapest first. `npm test -- lint`, `-- unit [pattern]`, `-- e2e [pattern]`: a part.

const root = resolve(import.meta.dirname, '..', '..')
const { parts, patterns } = readArguments(process.argv.slice(2))
const files = matching(testFiles(root), patterns)

const run = {
  lint: () =>
    check(root, 'lint', 'node_modules/@biomejs/biome/bin/biome', [
      'ci',
      '--error-on-warnings',
      ...(process.stdout.isTTY ? [] : ['--colors=off']),
    ]),
  types: () => check(root, 'types', 'node_modules/typescript/bin/tsc', ['--noEmit']),
  dist: () => check(root, 'dist is what src builds', 'scripts/check-dist.mjs', []),
  unit: () =>
    jest(
      root,
      'unit tests',
      files.filter((file) => !isEndToEnd(file)),
      // By itself jest leaves one processor alone, which on two is half of them.
      ['--maxWorkers=100%'],
    ),
  e2e: () => endToEnd(files.filter(isEndToEnd)),
}

async function endToEnd(chosen: readonly string[]): Promise<Counts> {
  if (chosen.length === 0) return jest(root, 'end-to-end tests', chosen)
  console.log('\n── testbed')
  const testbed = await prepareTestbed({
    needs: [
      ...(['engine', 'emulators', 'registry', 'bases', 'buildkit', 'classic-engine', 'containerd-engine'] as const),
      ...(['browser', 'cosign', 'sshd'] as const),
    ],
  })
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-testbed-'))
  try {
    const file = join(folder, 'facts.json')
    await writeFile(file, JSON.stringify(testbed.facts))
    return await testbed.hold(jest(root, 'end-to-end tests', chosen, ['--maxWorkers=2'], { AICLEANER_TESTBED: file }))
  } finally {
    await rm(folder, { recursive: true, force: true })
    await testbed.release()
  }
}

const counts: Counts[] = []
for (const part of parts) {
  counts.push(
    await run[part]().catch((thrown: unknown) => {
      console.log(`✗ ${part}: ${thrown instanceof Error ? thrown.message : thrown}`)
      return oneFailed
    }),
  )
}
const total = sum(counts)
// Standard output of the children is theirs until they end, so this really is the last line.
process.stdout.write(`\n${describeCounts(total)}\n`)
process.exitCode = total.failed > 0 ? 1 : 0
