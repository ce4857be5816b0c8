import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { error } from '../../src/core/diagnostics.ts'
import type { GitHubEvent } from '../../src/core/host.ts'
import { type Delivery, deliverReport, reportFolder } from '../../src/pipeline/deliver-report.ts'
import type { CommentRequest, GitHubServices } from '../../src/pipeline/github-services.ts'
import type { Report } from '../../src/report/model/report.ts'
import { events } from '../plan/events.ts'
import { addon, failing, first, report, target, unhealthy } from '../report/reports.ts'
import { type FakeRun, fakeRun } from './fake-stages.ts'

let fake: FakeRun
afterEach(() => fake.remove())
beforeEach(() => start())
const start = (event: GitHubEvent = events.pullRequest, environment = {}) => {
  fake?.remove()
  fake = fakeRun({ event, environment })
}

const size = first(50_000_000)
const passing = report([addon([target('amd64', { size })])])
const failed = report([addon([target('amd64', { smoke: unhealthy() })])], {
  verdict: failing({ gate: 'smoke', addon: 'aicleaner_v3', architecture: 'amd64', message: 'not healthy' }),
})

interface Changes {
  readonly delivery?: Partial<Delivery>
  readonly services?: Partial<GitHubServices>
}

async function deliver(one: Report, { delivery, services }: Changes = {}) {
  const comments: CommentRequest[] = []
  await deliverReport(
    one,
    { targets: ['a'], comment: 'auto', githubToken: 'token', baseline: { kind: 'auto' }, ...delivery },
    fake.host,
    fake.outputs,
    {
      openSizeCache: async () => undefined,
      async upsertComment(comment) {
        comments.push(comment)
        return { url: 'https://example.org/comment/1', action: 'updated' }
      },
      ...services,
    },
  )
  return { comments, codes: fake.host.said.map(({ code }) => code), output: fake.output, written: filesOf() }
}

const folder = (): string => join(fake.host.environment.RUNNER_TEMP ?? '', 'aicleaner-build')
const filesOf = (): readonly string[] => {
  try {
    return readdirSync(folder()).sort()
  } catch {
    return []
  }
}

describe('a report', () => {
  test('goes to the log, files, outputs, the job summary and a comment', async () => {
    const { comments, codes, output, written } = await deliver(passing)
    expect(codes).toEqual([])
    expect(fake.host.lines.join('\n')).toContain('amd64')
    expect(written).toEqual(['report.html', 'report.json', 'report.md'])
    expect(JSON.parse(readFileSync(join(folder(), 'report.json'), 'utf8'))).toMatchObject({ schemaVersion: 1 })
    expect(output.get('report')).toBe(join(folder(), 'report.json'))
    expect(output.get('smoke')).toBe('passed')
    expect(output.get('size-table')).toContain('amd64')
    expect(fake.summaries).toHaveLength(1)
    expect(comments).toMatchObject([{ number: 7, repository: 'Owner/addons', key: 'Build a', policy: 'auto' }])
    expect(comments[0]?.body).toBe(readFileSync(join(folder(), 'report.md'), 'utf8'))
    expect(output.get('comment-url')).toBe('https://example.org/comment/1')
    expect(fake.host.lines.at(-1)).toBe('Comment updated: https://example.org/comment/1')
  })

  test('of a failed run annotates the reasons', async () => {
    const { codes, output } = await deliver(failed)
    expect(codes.length).toBeGreaterThan(0)
    expect(
      fake.host.said.some(({ severity, message }) => severity === 'error' && message.includes('not healthy')),
    ).toBe(true)
    expect(output.get('smoke')).toBe('failed')
  })

  test('of a run that ended early annotates the error once, with its location', async () => {
    const where = { file: 'a/config.yaml', line: 3, column: 1 }
    const diagnostic = error('config/no-version', 'There is no version.', 'Add one.', where)
    const verdict = failing({ gate: 'input', message: 'a/config.yaml:3:1: There is no version. Add one.' })
    await deliver(report([], { verdict, diagnostics: [diagnostic] }))
    expect(fake.host.said.filter(({ severity }) => severity === 'error')).toEqual([diagnostic])
  })

  test('has SARIF if the images were audited', async () => {
    const { written } = await deliver(report([addon([target('amd64', { audit: [] })])]))
    expect(written).toContain('report.sarif')
  })

  test('of a matrix cell annotates errors only, and writes no comment', async () => {
    const run = { ...passing.run, mode: 'build' } as const
    const warnings = [{ gate: 'size', message: 'close to the limit' } as const]
    const cell = await deliver({ ...passing, run, verdict: { passed: true, reasons: [], warnings } })
    expect([cell.codes, cell.comments]).toEqual([[], []])
    expect(cell.output.has('comment-url')).toBe(false)
    expect(cell.written).toContain('report.json')
    await deliver({ ...failed, run })
    expect(fake.host.said.map(({ severity }) => severity)).toContain('error')
  })
})

describe('a place that cannot be written', () => {
  test('is reported, and the others are written: a file', async () => {
    symlinkSync('/dev/null', join(fake.host.workspace, 'report.html'))
    const { codes, output, comments } = await deliver(passing, { delivery: { reportPath: '.' } })
    expect(codes).toEqual(['report/not-written'])
    expect(output.get('report')).toBe(join(fake.host.workspace, 'report.json'))
    expect([fake.summaries.length, comments.length]).toEqual([1, 1])
  })

  test('is reported, and the others are written: the job summary', async () => {
    fake.outputs.summary = () => Promise.reject(new Error('disk full'))
    const { codes, comments, written } = await deliver(passing)
    expect(codes).toEqual(['report/not-written'])
    expect(fake.host.said[0]?.message).toBe('The job summary could not be written: disk full.')
    expect([comments.length, written.length]).toEqual([1, 3])
  })

  test('is reported, and the others are written: the comment', async () => {
    const upsertComment = () => Promise.reject(new Error('502'))
    const { codes, written, output } = await deliver(passing, { services: { upsertComment } })
    expect(codes).toEqual(['report/not-written'])
    expect([written.length, output.has('comment-url')]).toEqual([3, false])
  })
})

describe('the comment', () => {
  test.each<readonly [string, Partial<Delivery>, Partial<GitHubEvent>]>([
    ['outside of a pull request', {}, events.push],
    ['with "comment: never"', { comment: 'never' }, events.pullRequest],
  ])('is not written %s', async (_, delivery, event) => {
    start({ ...events.push, ...event })
    const { comments, codes } = await deliver(passing, { delivery })
    expect([comments, codes]).toEqual([[], []])
  })

  test('is not written without a token, which is reported', async () => {
    const { comments, codes } = await deliver(passing, { delivery: { githubToken: '' } })
    expect([comments, codes]).toEqual([[], ['report/no-comment']])
    expect(fake.host.said[0]?.message).toContain('github-token')
  })

  test('is not written by the run of a fork, which is reported', async () => {
    const { pullRequest } = events.pullRequest
    start({ ...events.pullRequest, ...(pullRequest && { pullRequest: { ...pullRequest, fork: true } }) })
    const { comments, codes } = await deliver(passing)
    expect([comments, codes]).toEqual([[], ['report/no-comment']])
  })

  test('that GitHub does not take is reported with the reason', async () => {
    const upsertComment = async () => ({ skipped: 'The token may not write.' })
    const { codes } = await deliver(passing, { services: { upsertComment } })
    expect(codes).toEqual(['report/no-comment'])
    expect(fake.host.said[0]?.message).toBe('No comment was written: The token may not write.')
  })

  const empty = report([])
  const refused = report([], { verdict: failing({ gate: 'input', message: 'no' }) })
  test.each<readonly [string, Report, Delivery['comment'], string]>([
    ['is only updated if there was nothing to build', empty, 'auto', 'update'],
    ['is only updated if no add-on has an image', report([addon([])]), 'auto', 'update'],
    ['is only updated with "comment: on-change"', empty, 'on-change', 'update'],
    ['is created with "comment: always"', empty, 'always', 'always'],
    ['is created if inputs were refused', refused, 'auto', 'auto'],
    ['is created if there was something to build', passing, 'auto', 'auto'],
    ['depends on changes with "comment: on-change"', passing, 'on-change', 'on-change'],
  ])('%s', async (_, one, comment, policy) => {
    const { comments } = await deliver(one, { delivery: { comment } })
    expect(comments).toMatchObject([{ policy }])
  })

  test('is not written with "comment: never" if there was nothing to build', async () => {
    expect((await deliver(empty, { delivery: { comment: 'never' } })).comments).toEqual([])
  })

  test('has the key of the input, else the workflow and the targets', async () => {
    const { comments } = await deliver(passing, { delivery: { commentKey: 'mine', targets: ['a', 'b'] } })
    const { comments: others } = await deliver(passing, { delivery: { targets: ['a', 'b'] } })
    expect([comments[0]?.key, others[0]?.key]).toEqual(['mine', 'Build a b'])
  })

  test('is shared between the jobs of a run', async () => {
    const share = { architectures: ['amd64'], partial: true } as const
    const { comments } = await deliver(passing, { delivery: { share } })
    expect(comments[0]?.shared).toMatchObject({ partial: true })
  })
})

describe('a cancel', () => {
  test('before the report leaves out the comment only', async () => {
    fake.cancel()
    const { comments, written } = await deliver(failed)
    expect([comments, written.length, fake.summaries.length]).toEqual([[], 3, 1])
  })

  test('while the comment is written does not wait for GitHub', async () => {
    const upsertComment = () => {
      fake.cancel()
      return new Promise<never>(() => {})
    }
    const { codes, output } = await deliver(passing, { services: { upsertComment } })
    expect([codes, output.has('comment-url')]).toEqual([['report/not-written'], false])
  })
})

describe('sizes', () => {
  const cacheOf = (kept: string[]): Partial<GitHubServices> => ({
    openSizeCache: async () => ({
      find: async () => undefined,
      save: async (key) => void kept.push(key),
    }),
  })

  test.each<readonly [string, Report, GitHubEvent, number]>([
    ['a branch that passed are kept', passing, events.push, 1],
    ['a branch that failed are not kept', failed, events.push, 0],
    ['a pull request are not kept', passing, events.pullRequest, 0],
    ['a tag are not kept', passing, events.tag, 0],
  ])('of %s', async (_, one, event, count) => {
    start(event)
    const kept: string[] = []
    await deliver(one, { services: cacheOf(kept) })
    expect(kept).toHaveLength(count)
  })

  test('that cannot be kept do not stop the comment', async () => {
    const openSizeCache = () => Promise.reject(new Error('the cache does not respond'))
    start(events.push)
    const { codes } = await deliver(passing, { services: { openSizeCache } })
    expect(codes).toEqual(['report/not-written'])
    expect(fake.host.said[0]?.message).toContain('baseline')
  })
})

test.each([
  [undefined, '/tmp/runner/aicleaner-build'],
  ['reports', '/work/reports'],
  ['/elsewhere', '/elsewhere'],
])('the report path %s is the folder %s', (reportPath, expected) => {
  const host = { ...fake.host, workspace: '/work', environment: { RUNNER_TEMP: '/tmp/runner' } }
  expect(reportFolder({ reportPath }, host)).toBe(expected)
})
