import fc from 'fast-check'
import type { Architecture } from '../../src/core/architecture.ts'
import { makeClient } from '../../src/github/client.ts'
import { upsertComment } from '../../src/github/comment.ts'
import { readMarker } from '../../src/github/comment-marker.ts'
import type { UpsertOptions, UpsertResult } from '../../src/github/comment-options.ts'
import type { RestClient } from '../../src/github/rest.ts'
import { renderComment } from '../../src/report/markdown/comment.ts'
import type { Part } from '../../src/report/parts.ts'
import { readParts, renderShared, sharedCommentOf } from '../../src/report/shared-comment.ts'
import { forbidden, serverError } from '../fakes/github/faults.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { partOf, scope } from '../report/parts.ts'
import { addon, compared, failing, report, run, target } from '../report/reports.ts'
import { virtualTime } from './virtual-time.ts'

const key = 'Build x'

let github: FakeGitHub
let waited: number[]

beforeEach(async () => {
  github = await startGitHub()
  waited = []
})
afterEach(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

interface Job {
  /** What it builds. */
  readonly chosen: readonly Architecture[]
  readonly number: number
  readonly runId?: string
  readonly attempt?: number
  /** Download bytes of its images, after 10 MB before. */
  readonly after?: number
  readonly fails?: boolean
  readonly partial?: boolean
  /** It had nothing to build. */
  readonly isEmpty?: boolean
  readonly policy?: UpsertOptions['policy']
  readonly key?: string
  readonly client?: RestClient
  readonly sleep?: (ms: number) => Promise<void>
}

const client = (): RestClient => makeClient({ token: github.token, baseUrl: github.url, sleep: async () => {} })

/** The end of a job that built some architectures of one add-on. */
function end(job: Job): Promise<UpsertResult> {
  const { chosen, number, runId = '1001', attempt = 1, after = 2e7, fails = false, key: name = key } = job
  const own: Part = partOf(
    report(job.isEmpty ? [] : [addon(chosen.map((one) => target(one, { size: compared(1e7, after) })))], {
      run: { ...run, runId, runAttempt: attempt, url: `https://github.com/org/addons/actions/runs/${runId}` },
      ...(fails && {
        verdict: failing(
          ...chosen.map(
            (architecture) => ({ gate: 'smoke', addon: 'aicleaner_v3', architecture, message: 'no' }) as const,
          ),
        ),
      }),
    }),
    chosen,
  )
  return upsertComment({
    client: job.client ?? client(),
    repository: github.repository,
    number,
    key: name,
    body: renderComment(own.report, { key: name }),
    run: { id: runId, attempt },
    policy: job.policy ?? 'auto',
    shared: sharedCommentOf(own, name, {
      partial: job.partial ?? true,
      sleep: job.sleep ?? (async (ms) => void waited.push(ms)),
    }),
  })
}

const body = (index = 0): string => github.comments[index]?.body ?? ''
/** Architectures of the table, in the order of its rows. */
const rows = (index = 0): readonly string[] =>
  [...body(index).matchAll(/^\| (?:❌ )?`(\w+)` \| \d/gm)].map(([, name = '']) => name)
const headline = (): string => body().split('\n')[0] ?? ''
const written = (): number => github.requests.filter(({ method }) => method !== 'GET').length

describe('jobs of one run that build different architectures', () => {
  test('share one comment, each with its own rows, in the order of architectures', async () => {
    const { number } = github.addPull()
    expect(await end({ chosen: ['armv7'], number })).toMatchObject({ action: 'created' })
    expect(await end({ chosen: ['amd64'], number })).toMatchObject({ action: 'updated' })
    expect(await end({ chosen: ['aarch64', 'i386'], number })).toMatchObject({ action: 'updated' })
    expect(github.comments).toHaveLength(1)
    expect(rows()).toEqual(['amd64', 'aarch64', 'armv7', 'i386'])
    expect(headline()).toBe('### ✅ AICleaner v3 1.2.3: 4 architectures passed, 10.0 MB larger each (+100.0 %)')
  })

  test('have failed as a whole if one of them has failed', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number, fails: true })
    await end({ chosen: ['aarch64'], number })
    expect(headline()).toBe('### ❌ AICleaner v3 1.2.3: smoke test failed for amd64')
  })

  test('replace only their own rows when they are run again', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number, fails: true })
    await end({ chosen: ['aarch64'], number })
    await end({ chosen: ['amd64'], number, attempt: 2, after: 3e7 })
    expect(rows()).toEqual(['amd64', 'aarch64'])
    expect(headline()).toMatch(/^### ✅ .*2 architectures passed/)
    expect(body()).toMatch(/`amd64` \| 10\.0\sMB \| 30\.0\sMB[^\n]*\n\| `aarch64` \| 10\.0\sMB \| 20\.0\sMB/)
    expect(readMarker(body())).toMatchObject({ run: '1001', attempt: 2 })
    // An attempt that ends late has nothing to add.
    expect(await end({ chosen: ['amd64'], number, attempt: 1, fails: true })).toMatchObject({ action: 'unchanged' })
  })

  test('start over with a newer run, and do not change its comment with an older one', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    await end({ chosen: ['aarch64'], number })
    await end({ chosen: ['aarch64'], number, runId: '1002' })
    expect(rows()).toEqual(['aarch64'])
    expect(await end({ chosen: ['amd64'], number })).toMatchObject({ action: 'superseded' })
    expect(rows()).toEqual(['aarch64'])
    await end({ chosen: ['amd64'], number, runId: '1002' })
    expect(rows()).toEqual(['amd64', 'aarch64'])
  })

  test('do not change the comment of another key', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    const before = body()
    await end({ chosen: ['amd64'], number, key: 'Build y' })
    await end({ chosen: ['aarch64'], number, key: 'Build y' })
    expect(github.comments).toHaveLength(2)
    expect(body()).toBe(before)
    expect(rows(1)).toEqual(['amd64', 'aarch64'])
  })

  test('read the comment again after a delay, and write nothing if it is complete', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['aarch64'], number })
    expect(waited).toEqual([3000])
    expect(written()).toBe(1)
  })

  test('with on-change begin with the first job that has something to report', async () => {
    const { number } = github.addPull()
    expect(await end({ chosen: ['amd64'], number, after: 1e7, policy: 'on-change' })).toEqual({
      skipped: expect.stringContaining('on-change'),
    })
    await end({ chosen: ['aarch64'], number, policy: 'on-change' })
    expect(await end({ chosen: ['armv7'], number, after: 1e7, policy: 'on-change' })).toMatchObject({
      action: 'updated',
    })
    expect(body()).toMatch(/1 architecture identical/)
  })
})

describe('a job with nothing to build', () => {
  const empty = { isEmpty: true, policy: 'update' } as const
  test.each([true, false])('creates no comment, partial: %s', async (partial) => {
    const { number } = github.addPull()
    expect(await end({ chosen: ['amd64'], number, partial, ...empty })).toEqual({
      skipped: expect.stringContaining('nothing to build'),
    })
    expect([github.comments, waited, written()]).toEqual([[], [], 0])
  })

  test.each([true, false])('keeps the rows of other jobs of its run, partial: %s', async (partial) => {
    const { number } = github.addPull()
    await end({ chosen: ['aarch64'], number })
    expect(await end({ chosen: ['amd64'], number, partial, ...empty })).toHaveProperty('url')
    await end({ chosen: ['armv7'], number })
    expect(rows()).toEqual(['aarch64', 'armv7'])
    expect(headline()).toMatch(/^### ✅ .*2 architectures passed/)
  })

  test('before the others does not stop them from creating the comment', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number, ...empty })
    expect(await end({ chosen: ['aarch64'], number })).toMatchObject({ action: 'created' })
    expect(rows()).toEqual(['aarch64'])
  })

  test.each([true, false])('updates the comment of an earlier run, partial: %s', async (partial) => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    await end({ chosen: ['aarch64'], number })
    const next = { number, runId: '1002', partial } as const
    expect(await end({ chosen: ['amd64'], ...next, ...empty })).toMatchObject({ action: 'updated' })
    expect([rows(), headline()]).toEqual([[], '### ✅ aicleaner-build: nothing to build'])
  })

  test('creates the comment again if it was removed while other jobs have rows', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['aarch64'], number })
    let removed = false
    const real = client()
    const racing: RestClient = {
      ...real,
      request: async (route, parameters) => {
        if (route.startsWith('PATCH') && !removed) {
          removed = true
          github.comments.length = 0
        }
        return real.request(route, parameters)
      },
    }
    await end({ chosen: ['amd64'], number, client: racing, ...empty })
    expect([removed, rows()]).toEqual([true, ['aarch64']])
  })
})

describe('a job that builds everything', () => {
  test('writes its comment without a delay', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64', 'aarch64'], number, partial: false })
    expect(body()).not.toContain('parts=')
    expect(waited).toEqual([])
    await end({ chosen: ['amd64', 'aarch64'], number, partial: false, runId: '1002', after: 3e7 })
    expect(waited).toEqual([])
    expect(written()).toBe(2)
  })

  test('replaces its own parts of the run, and keeps the others', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number, fails: true })
    await end({ chosen: ['i386'], number })
    await end({ chosen: ['amd64', 'aarch64'], number, partial: false, attempt: 2 })
    expect(rows()).toEqual(['amd64', 'aarch64', 'i386'])
    await end({ chosen: ['amd64', 'aarch64', 'i386'], number, partial: false, attempt: 3 })
    expect(headline()).toMatch(/3 architectures passed/)
    expect(body()).not.toContain('parts=')
  })
})

describe('a comment that was changed', () => {
  test.each([
    ['edited', (text: string) => text.replace(/parts=\S+/, 'parts=aGVsbG8=')],
    ['without its parts', (text: string) => text.replace(/\n<!-- aicleaner-build parts=.*/, '')],
  ])('%s is written again', async (_, change) => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    const [comment] = github.comments
    if (comment) comment.body = change(comment.body)
    expect(await end({ chosen: ['aarch64'], number })).toMatchObject({ action: 'updated' })
    expect(rows()).toEqual(['aarch64'])
  })

  test('has no link to another run', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    const [comment] = github.comments
    const [part] = readParts(body())
    if (!comment || !part) throw new Error('no comment')
    const forged = {
      ...part,
      report: { ...part.report, run: { ...part.report.run, url: 'https://evil.example/actions/runs/1' } },
    }
    comment.body = renderShared([forged], { key })
    expect(body()).toContain('evil.example')
    await end({ chosen: ['aarch64'], number })
    expect(rows()).toEqual(['amd64', 'aarch64'])
    expect(body()).not.toContain('evil.example')
  })

  test('by another user is not read', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    const planted = body()
    github.comments.length = 0
    github.addComment({ issue: number, body: planted, author: 'mallory' })
    await end({ chosen: ['aarch64'], number })
    expect(body()).toBe(planted)
    expect(rows(1)).toEqual(['aarch64'])
  })
})

describe('when GitHub refuses', () => {
  test('before anything is written, it returns the reason', async () => {
    const { number } = github.addPull()
    github.faults.add(forbidden({ on: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments' }))
    expect(await end({ chosen: ['amd64'], number })).toEqual({
      skipped: expect.stringContaining('pull-requests: write'),
    })
  })

  test('after it is written, the comment stays', async () => {
    const { number } = github.addPull()
    const sleep = async () => void github.faults.add(serverError(502))
    expect(await end({ chosen: ['amd64'], number, sleep })).toMatchObject({ action: 'created' })
    expect(rows()).toEqual(['amd64'])
  })

  test('the comment that another job removed, its text goes into the one that is left', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    let removed = false
    const real = client()
    const racing: RestClient = {
      ...real,
      request: async (route, parameters) => {
        if (route.startsWith('PATCH') && !removed) {
          removed = true
          github.comments.length = 0
        }
        return real.request(route, parameters)
      },
    }
    expect(await end({ chosen: ['aarch64'], number, client: racing })).toMatchObject({ action: 'created' })
    expect(rows()).toEqual(['amd64', 'aarch64'])
  })
})

describe('jobs that end at the same time', () => {
  test('and both found no comment leave one with the rows of both', async () => {
    const { number } = github.addPull()
    await end({ chosen: ['amd64'], number })
    const [first] = github.comments.splice(0)
    await end({ chosen: ['aarch64'], number })
    const [second] = github.comments.splice(0)
    for (const comment of [first, second])
      github.addComment({ issue: number, body: comment?.body ?? '', author: 'github-actions[bot]' })
    expect(await end({ chosen: ['armv7'], number })).toMatchObject({ action: 'updated' })
    expect(github.comments).toHaveLength(1)
    expect(rows()).toEqual(['amd64', 'aarch64', 'armv7'])
  })

  test('lose no row, in any order of their requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom<Architecture>('amd64', 'aarch64', 'armv7', 'armhf', 'i386'), {
          minLength: 2,
          maxLength: 5,
        }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 5, maxLength: 5 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 300 })),
        async (chosen, starts, latencies) => {
          const { number } = github.addPull()
          github.comments.length = 0
          const time = virtualTime()
          const latency = (): number => latencies.next().value as number
          const jobs = chosen.map((architecture, index) =>
            time.start(async () => {
              await time.sleep(starts[index] ?? 0)
              const after = 2e7 + index * 1e6
              return end({
                chosen: [architecture],
                number,
                after,
                client: time.slow(client(), latency),
                sleep: time.sleep,
              })
            }),
          )
          await time.run()
          for (const result of await Promise.all(jobs)) expect(result).toHaveProperty('url')
          expect(github.comments).toHaveLength(1)
          expect([...rows()].sort()).toEqual([...chosen].sort())
          expect(readParts(body()).map((part) => part.scope)).toEqual(chosen.map(() => scope))
        },
      ),
      { numRuns: 25 },
    )
  })
})
