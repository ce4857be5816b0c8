import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { defaultRun } from '../../src/addon/config/run-config.ts'
import type { Host } from '../../src/core/host.ts'
import { collectResults } from '../../src/pipeline/collect-results.ts'
import { causeOf } from '../../src/pipeline/target-outcome.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { ResultFile } from '../../src/report/model/result-file.ts'
import { digest, first, healthy, built as imageOf, target } from '../report/reports.ts'

const sha = 'c'.repeat(40)
const architectures = ['amd64', 'aarch64'] as const

const plan: Plan = {
  addons: [
    {
      slug: 'aicleaner_v3',
      name: 'AICleaner',
      folder: 'docker',
      version: '2.0.0',
      targets: architectures.map((architecture) => ({
        ...{ id: `aicleaner_v3/${architecture}`, addon: 'aicleaner_v3', architecture },
        platform: architecture === 'amd64' ? 'linux/amd64' : 'linux/arm64',
        image: `ghcr.io/org/${architecture}-planned`,
        tags: ['2.0.0'],
        context: 'docker',
        dockerfile: 'docker/Dockerfile',
        buildArguments: new Map(),
        buildContexts: new Map(),
        labels: new Map(),
        annotations: new Map(),
        cacheScope: 'x',
        run: defaultRun,
      })),
    },
  ],
  matrix: { include: [] },
  diagnostics: [],
}

const result = (architecture: (typeof architectures)[number], parts: Partial<ResultFile> = {}): ResultFile => ({
  schemaVersion: 1,
  kind: 'aicleaner-build-result',
  id: `aicleaner_v3/${architecture}`,
  sha,
  run: { id: '1000', attempt: 1 },
  report: target(architecture, { build: imageOf(), smoke: healthy(), size: first(50_000_000) }),
  ...parts,
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-results-'))
})
afterEach(() => rm(folder, { recursive: true }))

const none = { only: new Map() }

async function joined(
  files: Readonly<Record<string, unknown>>,
  options: Partial<Parameters<typeof collectResults>[1]> = {},
) {
  for (const [path, value] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), typeof value === 'string' ? value : JSON.stringify(value))
  }
  const host = { environment: {}, workspace: folder, event: { sha } } as unknown as Host
  return collectResults(plan, { results: folder, smokeTest: true, maxSize: none, maxIncrease: none, ...options }, host)
}
const both = { 'a/x.result.json': result('amd64'), 'b/y.result.json': result('aarch64') }
const codes = ({ problems }: Awaited<ReturnType<typeof joined>>) => problems.map(({ code }) => code)

test('the results of all jobs make the outcomes of all targets, with the names and tags of the plan', async () => {
  const { outcomes, problems } = await joined(both)
  expect(problems).toEqual([])
  expect([...outcomes.keys()]).toEqual(['aicleaner_v3/amd64', 'aicleaner_v3/aarch64'])
  const outcome = outcomes.get('aicleaner_v3/aarch64')
  expect(outcome?.report).toMatchObject({ image: 'ghcr.io/org/aarch64-planned', tags: ['2.0.0'], build: imageOf() })
  expect(outcome).toMatchObject({ status: 'tested', upload: {} })
})

describe('with incomplete results', () => {
  const { 'a/x.result.json': amd64, 'b/y.result.json': aarch64 } = both
  const other = imageOf(40)

  test.each<readonly [string, Readonly<Record<string, unknown>>, readonly string[], RegExp]>([
    ['a missing result', { 'x.result.json': amd64 }, ['publish/missing-result'], /aicleaner_v3\/aarch64/],
    ['an empty folder', {}, ['publish/missing-result', 'publish/missing-result'], /result file/],
    [
      'a result of another commit',
      { 'x.result.json': amd64, 'y.result.json': { ...aarch64, sha: 'd'.repeat(40) } },
      ['publish/other-commit'],
      /ddddddd.*ccccccc/,
    ],
    [
      'a conflict between results of two runs',
      { ...both, 'c.result.json': { ...aarch64, run: { id: '999', attempt: 3 } } },
      ['publish/two-results'],
      /2 different results/,
    ],
    ['text', { ...both, 'c.result.json': 'hello' }, ['publish/bad-result'], /c\.result\.json is not JSON/],
    ['null', { ...both, 'c.result.json': 'null' }, ['publish/bad-result'], /is not a result file/],
    [
      'a result of a later version',
      { ...both, 'c.result.json': { ...amd64, schemaVersion: 2 } },
      ['publish/bad-result'],
      /2/,
    ],
    [
      'an image without a digest',
      {
        ...both,
        'c.result.json': { ...amd64, report: { ...amd64.report, build: { ...imageOf(), configDigest: 'x' } } },
      },
      ['publish/bad-result'],
      /report\.build/,
    ],
    [
      'a report on another image',
      { 'x.result.json': amd64, 'y.result.json': { ...amd64, id: 'aicleaner_v3/aarch64' } },
      ['publish/bad-result', 'publish/missing-result'],
      /is for aicleaner_v3\/aarch64, but reports on aicleaner_v3\/amd64/,
    ],
    [
      'a size of another image',
      { 'x.result.json': amd64, 'y.result.json': { ...aarch64, report: { ...aarch64.report, build: other } } },
      ['publish/bad-result', 'publish/missing-result'],
      /size of another image/,
    ],
    [
      'a value of the wrong type for the steps',
      { ...both, 'c.result.json': { ...amd64, report: { ...amd64.report, build: { ...imageOf(), steps: 'all' } } } },
      ['publish/bad-result'],
      /report\.build/,
    ],
  ])('%s is reported', async (_, files, expected, said) => {
    const answer = await joined(files)
    expect(codes(answer).sort()).toEqual([...expected].sort())
    expect(answer.problems.map(({ message }) => message).join('\n')).toMatch(said)
  })

  test('usable results are returned although others are missing', async () => {
    expect([...(await joined({ 'x.result.json': amd64 })).outcomes.keys()]).toEqual(['aicleaner_v3/amd64'])
  })
})

test('the last attempt of a run counts, and identical results count once', async () => {
  const failed = { status: 'failed', durationMs: 1, emulated: false, reason: 'no space', log: [] } as const
  const { outcomes, problems } = await joined({
    'first/y.result.json': result('aarch64', { report: target('aarch64', { build: failed }), notPushed: 'failed' }),
    'second/y.result.json': result('aarch64', { run: { id: '1000', attempt: 2 } }),
    'a/x.result.json': result('amd64'),
    'copy/x.result.json': result('amd64'),
    'elsewhere/z.result.json': { ...result('amd64'), id: 'other/amd64', report: target('amd64', { addon: 'other' }) },
  })
  expect(problems).toEqual([])
  expect([...outcomes.values()].map(({ report }) => report.build.status)).toEqual(['built', 'built'])
})

test('the size limits of the publishing job apply, otherwise those of the job that built the image', async () => {
  const over = {
    budget: 'max-size',
    limit: '1 MB',
    limitBytes: 1,
    actualBytes: 2,
    over: true,
    message: 'over',
  } as const
  const files = { ...both, 'a/x.result.json': result('amd64') }
  const measured = { ...first(50_000_000), budgets: [over] }
  files['a/x.result.json'] = result('amd64', {
    report: target('amd64', { build: imageOf(), smoke: healthy(), size: measured }),
  })
  const budgetsOf = async (options: Parameters<typeof joined>[1]) =>
    (await joined(files, options)).outcomes.get('aicleaner_v3/amd64')?.report.size?.budgets.map(({ over }) => over)
  expect(await budgetsOf({})).toEqual([true])
  expect(await budgetsOf({ maxSize: { all: 60_000_000, only: new Map() } })).toEqual([false])
  expect(await budgetsOf({ maxSize: { all: 40_000_000, only: new Map() } })).toEqual([true])
})

test('an image that was not tested fails, unless the smoke test is off', async () => {
  const untested = result('amd64', { report: target('amd64', { build: imageOf(), size: first(50_000_000) }) })
  const { smoke: _, ...report } = untested.report
  const files = { ...both, 'a/x.result.json': { ...untested, report } }
  const failureOf = async (smokeTest: boolean) =>
    causeOf((await joined(files, { smokeTest })).outcomes.get('aicleaner_v3/amd64'))?.diagnostics.map(
      ({ code }) => code,
    )
  expect(await failureOf(true)).toEqual(['publish/not-tested'])
  expect(await failureOf(false)).toBeUndefined()
})

test('the reasons for a missing test result and a missing push are kept', async () => {
  const failure = {
    kind: 'environment',
    diagnostics: [{ severity: 'error', code: 'x', message: 'No room.', remedy: '' }],
  } as const
  const { outcomes } = await joined({
    ...both,
    'a/x.result.json': result('amd64', { failure, notPushed: 'The registry answers 503.' }),
  })
  const outcome = outcomes.get('aicleaner_v3/amd64')
  expect(causeOf(outcome)).toMatchObject({ kind: 'environment', message: 'No room.' })
  expect(outcome?.upload?.notPushed).toBe('The registry answers 503.')
})

test('a digest of a published image in a result file is ignored', async () => {
  const report = { ...result('amd64').report, published: digest(9) }
  const { outcomes } = await joined({ ...both, 'a/x.result.json': result('amd64', { report }) })
  expect(outcomes.get('aicleaner_v3/amd64')?.report).not.toHaveProperty('published')
})
