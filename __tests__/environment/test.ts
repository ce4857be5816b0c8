import { readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { prepareTestEnvironment } from './environment.ts'
import type { Facts } from './facts.ts'
import { type Part, readArguments } from './suite/arguments.ts'
import { bufferLines } from './suite/buffered-lines.ts'
import { type Counts, describeCounts, type Outcome, oneFailed, sum } from './suite/counts.ts'
import { kindOf, matching, namedIn, testFiles } from './suite/files.ts'
import { openMemoryFolder } from './suite/memory-folder.ts'
import { longestFirst } from './suite/order.ts'
import { startPhases } from './suite/phases.ts'
import { check, jest } from './suite/run.ts'
import { unexcusedSkips } from './suite/skips.ts'

// `npm test`: runs everything, fastest parts first. `npm test -- lint`, `-- unit [pattern]`, `-- integration [pattern]`, `-- e2e [pattern]`: runs one part.

const root = resolve(import.meta.dirname, '..', '..')
const { parts, patterns } = readArguments(process.argv.slice(2))
const files = longestFirst(matching(testFiles(root), patterns), (file) => statSync(join(root, file)).size)
const filesOf = (kind: ReturnType<typeof kindOf>) => files.filter((file) => kindOf(file) === kind)
const endToEndFiles = filesOf('e2e')
const colours = process.stdout.isTTY === true

const phases = startPhases()
const installed = Number(process.env.AICLEANER_NPM_CI_SECONDS)
if (installed > 0) phases.note('npm ci', installed)
const skipped: string[] = []
const unexcused: string[] = []
const failed: string[] = []

const run = {
  lint: () =>
    check(root, 'lint', 'node_modules/@biomejs/biome/bin/biome', [
      ...['ci', '--error-on-warnings', `--colors=${colours ? 'force' : 'off'}`],
    ]),
  types: () => check(root, 'types', 'node_modules/typescript/bin/tsc', ['--noEmit', ...(colours ? ['--pretty'] : [])]),
  dist: () => check(root, 'dist is up to date', 'scripts/check-dist.mjs', []),
  unit: () => inMemory('unit'),
  integration: () => inMemory('integration'),
  e2e: endToEnd,
}
const names: Readonly<Record<Part, string>> = {
  lint: 'lint',
  types: 'types',
  dist: 'dist',
  unit: 'unit tests',
  integration: 'integration tests',
  e2e: 'end-to-end tests',
}

/** Tests that do not need the test environment. Their temporary files are kept in memory. */
async function inMemory(kind: 'unit' | 'integration'): Promise<Counts> {
  const memory = openMemoryFolder(2e9)
  try {
    // By default jest leaves one processor unused, which is half of the capacity on two processors.
    return count(await jest(root, names[kind], filesOf(kind), ['--maxWorkers=100%'], memory.environment), {})
  } finally {
    memory.release()
  }
}

/** Counts of a jest run. In CI, a test that was skipped without an accepted reason counts as failed. */
function count(outcome: Outcome, missing: Facts['missing']): Counts {
  skipped.push(...outcome.skipped)
  failed.push(...outcome.failed)
  if (!process.env.CI) return outcome.counts
  const wrong = unexcusedSkips(outcome.skipped, missing)
  unexcused.push(...wrong)
  const { counts } = outcome
  return { ...counts, failed: counts.failed + wrong.length, skipped: counts.skipped - wrong.length }
}

/** Prepares the test environment while faster tests run. Its log is shown when these have finished. */
const preparationLog = bufferLines((line) => console.log(line))
const preparation = () =>
  phases.time('test environment', () =>
    prepareTestEnvironment({
      needs: [
        ...(['engine', 'emulators', 'registry', 'bases', 'buildkit', 'classic-engine', 'containerd-engine'] as const),
        ...(['browser', 'cosign', 'sshd', 'mailhog'] as const),
        ...namedIn(
          endToEndFiles.map((file) => readFileSync(join(root, file), 'utf8')),
          ['registry3'],
        ),
      ],
      say: preparationLog.say,
    }),
  )
// At a terminal it may have to ask the user, so it is not started early there.
const early =
  parts.includes('e2e') && endToEndFiles.length > 0 && process.stdin.isTTY !== true ? preparation() : undefined
early?.catch(() => {})

async function endToEnd(): Promise<Counts> {
  if (endToEndFiles.length === 0) return (await jest(root, names.e2e, [])).counts
  console.log('\n── test environment')
  preparationLog.release()
  const testEnvironment = await phases.time('wait for test environment', () => early ?? preparation())
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-'))
  // For saved images and file systems of containers.
  const memory = openMemoryFolder(8e9)
  try {
    const file = join(folder, 'facts.json')
    await writeFile(file, JSON.stringify(testEnvironment.facts))
    // Most of these tests wait for containers and external programs.
    const work = phases.time(names.e2e, () =>
      jest(root, names.e2e, endToEndFiles, ['--maxWorkers=4'], {
        AICLEANER_TEST_ENVIRONMENT: file,
        ...memory.environment,
      }),
    )
    return count(await testEnvironment.hold(work), testEnvironment.facts.missing)
  } finally {
    memory.release()
    await rm(folder, { recursive: true, force: true })
    await phases.time('clean-up', () => testEnvironment.release())
  }
}

const counted = (part: Part): Promise<Counts> =>
  run[part]().catch((thrown: unknown) => {
    console.log(`✗ ${part}: ${thrown instanceof Error ? thrown.message : thrown}`)
    return oneFailed
  })
const isStatic = (part: Part) => part === 'lint' || part === 'types' || part === 'dist'

const counts = await Promise.all(parts.filter(isStatic).map((part) => phases.time(names[part], () => counted(part))))
for (const part of ['unit', 'integration'] as const)
  if (parts.includes(part)) counts.push(await phases.time(names[part], () => counted(part)))
if (parts.includes('e2e')) counts.push(await counted('e2e'))

const total = sum(counts)
const end = [
  ...skipped.map((test) => `skipped: ${test}`),
  ...unexcused.map((test) => `✗ skipped in CI: ${test}`),
  // Repeated here because the log above is long and may be truncated.
  ...failed.map((test) => `✗ failed: ${test}`),
  `seconds: ${phases.describe()}`,
  describeCounts(total),
]
// The children have exited, so nothing is printed after this line.
process.stdout.write(`\n${end.join('\n')}\n`)
process.exitCode = total.failed > 0 ? 1 : 0
