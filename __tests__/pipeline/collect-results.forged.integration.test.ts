import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { defaultRun } from '../../src/addon/config/run-config.ts'
import type { Host } from '../../src/core/host.ts'
import { longestText } from '../../src/core/schema.ts'
import { collectResults } from '../../src/pipeline/collect-results.ts'
import { causeOf } from '../../src/pipeline/target-outcome.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { ResultFile } from '../../src/report/model/result-file.ts'
import { first, healthy, built as imageOf, target, unhealthy } from '../report/reports.ts'

const event = { sha: 'c'.repeat(40), runId: '1000', runAttempt: 2 }
const id = 'aicleaner_v3/amd64'
const plan: Plan = {
  addons: [
    {
      ...{ slug: 'aicleaner_v3', name: 'AICleaner', folder: 'docker', version: '2.0.0' },
      targets: [
        {
          ...{ id, addon: 'aicleaner_v3', architecture: 'amd64', platform: 'linux/amd64' },
          ...{
            image: 'ghcr.io/org/amd64-planned',
            tags: ['2.0.0'],
            context: 'docker',
            dockerfile: 'docker/Dockerfile',
          },
          ...{ buildArguments: new Map(), buildContexts: new Map(), labels: new Map(), annotations: new Map() },
          ...{ cacheScope: 'x', run: defaultRun },
        },
      ],
    },
  ],
  matrix: { include: [] },
  diagnostics: [],
}

const amount = { files: 3, bytes: 742 }
const genuine: ResultFile = {
  ...{ schemaVersion: 1, kind: 'aicleaner-build-result', id, sha: event.sha, run: { id: '1000', attempt: 1 } },
  report: {
    ...target('amd64', { build: imageOf(), smoke: healthy(), size: first(50_000_000) }),
    context: {
      ...{ folder: 'docker', dockerfile: 'docker/Dockerfile', before: amount, after: amount },
      ...{ exclude: [], largestFiles: [{ path: 'Dockerfile', bytes: 341 }] },
    },
  },
}
/** Another image than the one that was tested, and all is well with it. */
const evil: ResultFile = {
  ...genuine,
  report: target('amd64', { build: imageOf(66), smoke: healthy(), size: first(1, 66) }),
}
const json = (value: unknown): string => JSON.stringify(value)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-forged-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

function joined(of: Partial<typeof event> = event) {
  const none = { only: new Map() }
  const host = { environment: {}, workspace: folder, event: { sha: event.sha, ...of } } as unknown as Host
  return collectResults(plan, { results: folder, smokeTest: true, maxSize: none, maxIncrease: none }, host)
}

const digestOf = ({ outcomes }: Awaited<ReturnType<typeof joined>>): string | undefined => {
  const build = outcomes.get(id)?.report.build
  return build?.status === 'built' ? build.configDigest : undefined
}
const configOf = ({ report: { build } }: ResultFile): string => (build.status === 'built' ? build.configDigest : '')

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const deepTree = (levels: number): string => '{"name":"x","bytes":1,"children":['.repeat(levels) + ']}'.repeat(levels)
const withField = (name: string, text: string): string => `${json(evil).slice(0, -1)},${json(name)}:${text}}`
const withTree = (tree: string): string => json(evil).replace('"contents":{', `"contents":{"tree":${tree},`)

test('a genuine result comes back with all that a job writes, its build context too', async () => {
  await write({ 'a/x.result.json': json(genuine) })
  const { outcomes, problems } = await joined()
  expect(problems).toEqual([])
  expect(outcomes.get(id)?.report).toEqual({ ...genuine.report, image: 'ghcr.io/org/amd64-planned', tags: ['2.0.0'] })
})

const forged: Readonly<Record<string, string | Buffer>> = {
  'an attempt that there was not': json({ ...evil, run: { id: '1000', attempt: 999_999 } }),
  'the next attempt': json({ ...evil, run: { id: '1000', attempt: 3 } }),
  'the largest attempt of all': json({ ...evil, run: { id: '1000', attempt: 1 } }).replace(
    '"attempt":1',
    '"attempt":1e300',
  ),
  'another run': json({ ...evil, run: { id: '999', attempt: 1 } }),
  'a later run': json({ ...evil, run: { id: '99999999', attempt: 1 } }),
  'no run': json({ ...evil, run: { id: '', attempt: 1 } }),
  'the number of the run with a blank': json({ ...evil, run: { id: '1000 ', attempt: 2 } }),
  'the same attempt': json({ ...evil, run: { id: '1000', attempt: 1 } }),
  'another commit': json({ ...evil, sha: 'd'.repeat(40) }),
  'a commit of escape sequences': json({ ...evil, sha: '\u001b]52;c;eA==\u0007\n::error::x' }),
  'the attempt as text': json({ ...evil, run: { id: '1000', attempt: '9' } }),
  'a negative attempt': json({ ...evil, run: { id: '1000', attempt: -1 } }),
  'a broken attempt': json({ ...evil, run: { id: '1000', attempt: 1.5 } }),
  'no JSON': 'hello',
  'no text': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  nothing: '',
  'a list': '[]',
  null: 'null',
  'a schema version that is an object': json({ ...evil, schemaVersion: { toString: 'x' } }),
  'an add-on by the name of a property': json({ ...evil, id: '__proto__/amd64' }),
  'a digest with a path': json(evil).replaceAll(configOf(evil), '../../etc/passwd'),
  'the size of another image': json({ ...evil, report: { ...evil.report, size: genuine.report.size } }),
  'a list nested a million times': deep(1_000_000),
  'a tree nested a hundred thousand times': withTree(deepTree(100_000)),
  'a tree nested two thousand times': withTree(deepTree(2_000)),
  'nine megabytes': withField('x', json('x'.repeat(9e6))),
  'a name of controls': 'hello',
}

test.each(Object.entries(forged))('a result with %s keeps the real one from being replaced', async (name, text) => {
  const file = name === 'a name of controls' ? 'e/\u001b]0;x\u0007\n::error::x.result.json' : 'e/x.result.json'
  await write({ 'a/x.result.json': json(genuine), [file]: text })
  const result = await joined()
  expect(digestOf(result) ?? configOf(genuine)).toBe(configOf(genuine))
  expect(result.problems.length).toBeGreaterThan(0)
  expect(result.problems.every(({ severity, code }) => severity === 'error' && code.startsWith('publish/'))).toBe(true)
  // Nothing of a file acts on a log that it is named in.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(result.problems.map(({ message }) => message).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
})

test.each(['another run', 'a later run', 'no run', 'another commit'])('a result of %s alone is none', async (name) => {
  await write({ 'x.result.json': forged[name] ?? '' })
  const result = await joined()
  expect(result.outcomes.size).toBe(0)
  expect(result.problems.map(({ code }) => code)).toEqual([
    name === 'another commit' ? 'publish/other-commit' : 'publish/other-run',
  ])
})

describe('of what a file has', () => {
  test('fields that no job writes are dropped, however deep they are', async () => {
    const text = json(genuine).replace('"report":{', `"report":{"x":${deep(50_000)},"__proto__":{"published":"y"},`)
    await write({ 'x.result.json': text.replace(/\}$/, `,"__proto__":{"notPushed":"z"},"y":${deep(50_000)}}`) })
    const { outcomes, problems } = await joined()
    expect(problems).toEqual([])
    const outcome = outcomes.get(id)
    expect(Object.keys(outcome?.report ?? {})).not.toContain('x')
    expect(outcome?.upload).toEqual({})
    expect(() => JSON.stringify(outcome?.report)).not.toThrow()
  })

  test('texts are cut, and the problems of a job are fifty at most', async () => {
    const long = 'x'.repeat(1_000_000)
    const diagnostic = { severity: 'error', code: 'x', message: long, remedy: '' } as const
    const smoke = unhealthy()
    const diagnostics = Array.from({ length: 200 }, (_, index) => ({ ...diagnostic, message: `${index}` }))
    const report = {
      ...genuine.report,
      smoke: { ...smoke, reason: long, ...(smoke.evidence && { evidence: { ...smoke.evidence, stdout: [long] } }) },
    }
    await write({
      'x.result.json': json({
        ...genuine,
        report,
        failure: { kind: 'environment', diagnostics: [diagnostic, ...diagnostics] },
        notPushed: long,
      }),
    })
    const outcome = (await joined()).outcomes.get(id)
    expect(causeOf(outcome)?.diagnostics).toHaveLength(50)
    const texts = [
      causeOf(outcome)?.diagnostics[0]?.message,
      outcome?.upload?.notPushed,
      outcome?.report.smoke?.reason,
      outcome?.report.smoke?.evidence?.stdout[0],
    ]
    expect(texts.map((text) => text?.length)).toEqual(texts.map(() => longestText))
  })
})

test('links, pipes and folders are not read, wherever they lead', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'aicleaner-outside-'))
  try {
    await writeFile(join(outside, 'x.result.json'), json(genuine))
    await mkdir(join(folder, 'folder.result.json'))
    await symlink(join(outside, 'x.result.json'), join(folder, 'link.result.json'))
    await symlink('/dev/zero', join(folder, 'zero.result.json'))
    await symlink('nowhere', join(folder, 'nowhere.result.json'))
    await symlink(outside, join(folder, 'linked'))
    execFileSync('mkfifo', [join(folder, 'pipe.result.json')])
    const { outcomes, problems } = await joined()
    expect(outcomes.size).toBe(0)
    expect(problems.map(({ code }) => code).sort()).toEqual([
      ...Array.from({ length: 4 }, () => 'publish/bad-result'),
      'publish/missing-result',
    ])
  } finally {
    await rm(outside, { recursive: true })
  }
})

test('a hundred hostile files of a megabyte each are read one after the other', async () => {
  const long = 'x'.repeat(9_000)
  const log = Array.from({ length: 110 }, () => long)
  for (let index = 0; index < 100; index += 1) {
    const build = { status: 'failed', durationMs: 1, emulated: false, reason: `${index}`, log } as const
    await write({ [`${index}/x.result.json`]: json({ ...genuine, report: target('amd64', { build }) }) })
  }
  global.gc?.()
  const before = process.memoryUsage().rss
  const { problems } = await joined()
  expect(problems.map(({ code }) => code)).toEqual(['publish/two-results'])
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
})

test('of thousands of bad files fifty are named, and the rest are counted', async () => {
  await write({ 'good.result.json': json(genuine) })
  for (let index = 0; index < 2_000; index += 1) writeFileSync(join(folder, `${index}.result.json`), 'x')
  const { problems } = await joined()
  expect(problems).toHaveLength(51)
  expect(problems.at(-1)?.message).toContain('has 1950 more problems')
})

test('a folder with more entries than any run leaves is not read to its end', async () => {
  for (let index = 0; index < 10_001; index += 1) writeFileSync(join(folder, `${index}`), '')
  expect((await joined()).problems.map(({ message }) => message).join()).toContain('more than 10000 files')
})

test('without a run, as in a terminal, results of any run count', async () => {
  await write({ 'x.result.json': json({ ...genuine, run: { id: '', attempt: 7 } }) })
  expect(digestOf(await joined({ runId: '', runAttempt: 1 }))).toBe(configOf(genuine))
})

test('a job that ran again replaces what it left before', async () => {
  await write({ 'a.result.json': json(evil), 'b.result.json': json({ ...genuine, run: { id: '1000', attempt: 2 } }) })
  const result = await joined()
  expect(result.problems).toEqual([])
  expect(digestOf(result)).toBe(configOf(genuine))
})
