import { expect, test } from '@jest/globals'
import type { ContextReport } from '../../../src/context/context-measure.ts'
import { Failure } from '../../../src/core/diagnostics.ts'
import { makeReport, reasonsOf, toolVersion } from '../../../src/report/model/make-report.ts'
import type { TargetReport } from '../../../src/report/model/report.ts'
import { events } from '../../plan/events.ts'
import { target } from '../reports.ts'

const context = (dockerfile: string, bytes: number): ContextReport => ({
  folder: 'a',
  dockerfile,
  before: { files: 1, bytes },
  after: { files: 1, bytes },
  exclude: [],
  largestFiles: [],
})

/** The add-on of a report that was made of these targets. */
const made = (...targets: readonly TargetReport[]) =>
  makeReport(
    {
      mode: 'run',
      plan: {
        addons: [
          {
            slug: 'a',
            name: 'A',
            folder: 'a',
            version: '1',
            targets: targets.map((one) => ({ ...one, id: one.architecture })),
          },
        ],
        matrix: { include: [] },
        diagnostics: [],
      } as never,
      targets: new Map(targets.map((one) => [one.architecture, one])),
      verdict: { passed: true, reasons: [], warnings: [] },
      publication: { status: 'published' },
      diagnostics: [],
      startedAt: 0,
      finishedAt: 1,
    },
    events.pullRequest,
  ).addons[0]

test('a build context is listed once for its add-on, not for each architecture', () => {
  const shared = context('a/Dockerfile', 5)
  const addon = made(target('amd64', { context: shared }), target('armv7', { context: shared }), target('i386'))
  expect(addon?.contexts).toEqual([shared])
  expect(addon?.targets).toHaveLength(3)
  for (const one of addon?.targets ?? []) expect(one).not.toHaveProperty('context')
})

test('architectures with Dockerfiles of their own have contexts of their own', () => {
  const [first, second] = [context('a/Dockerfile', 5), context('a/Dockerfile.armv7', 6)]
  expect(made(target('amd64', { context: first }), target('armv7', { context: second }))?.contexts).toEqual([
    first,
    second,
  ])
})

test('an add-on of which nothing was built has none', () => {
  expect(made(target('amd64'))).not.toHaveProperty('contexts')
})

const findings = (parts: object = {}): Parameters<typeof makeReport>[0] => ({
  mode: 'build',
  targets: new Map(),
  verdict: { passed: true, reasons: [], warnings: [] },
  publication: { status: 'published' },
  diagnostics: [],
  startedAt: 0,
  finishedAt: 1500,
  ...parts,
})
const problem = (severity: 'error' | 'warning', message: string) => ({ severity, code: 'c', message, remedy: 'Do.' })
const { pullRequest, ...push } = events.pullRequest

test('a report has the data of the run and of its pull request', () => {
  const { number, headSha, baseRef, baseSha } = pullRequest ?? {}
  const { name, repository, ref, sha, workflow, runId, runAttempt, runUrl } = push
  const run = {
    ...{ mode: 'build', event: name, repository, ref, sha, workflow, runId, runAttempt, url: runUrl },
    ...{ startedAt: '1970-01-01T00:00:00.000Z', finishedAt: '1970-01-01T00:00:01.500Z' },
  }
  expect(makeReport(findings(), push)).toEqual({
    schemaVersion: 1,
    tool: { name: 'aicleaner-build', version: toolVersion },
    run,
    addons: [],
    verdict: { passed: true, reasons: [], warnings: [] },
    publication: { status: 'published' },
    diagnostics: [],
  })
  expect(makeReport(findings(), events.pullRequest).run).toEqual({
    ...run,
    headSha,
    pullRequest: number,
    baseRef,
    baseSha,
  })
})

test('diagnostics of the plan come before those of the run', () => {
  const [first, second] = [problem('warning', 'a'), problem('error', 'b')]
  const plan = { addons: [], diagnostics: [first] }
  expect(makeReport(findings({ plan, diagnostics: [second] }), push).diagnostics).toEqual([first, second])
})

test('an add-on has the targets that were reached, their digests and its manifest', () => {
  const [one, other] = [target('amd64'), target('armv7')]
  const addon = {
    ...{ slug: 'a', name: 'A', folder: 'f', version: '1' },
    targets: [{ id: 'a/amd64' }, { id: 'a/armv7' }, { id: 'a/i386' }],
    multiArch: { image: 'i', tags: ['1'] },
  }
  const plan = { addons: [addon], diagnostics: [] }
  const targets = new Map([
    ['a/amd64', one],
    ['a/armv7', other],
  ])
  const published = (manifest?: string) => new Map([['a', { digests: new Map([['amd64', 'sha256:1']]), manifest }]])
  const of = (parts: object) => makeReport(findings({ plan, targets, ...parts }), push).addons
  const bare = { slug: 'a', name: 'A', folder: 'f', version: '1' }
  expect(of({})).toEqual([{ ...bare, targets: [one, other], manifest: { image: 'i', tags: ['1'] } }])
  expect(of({ published: published('sha256:2') })).toEqual([
    {
      ...bare,
      targets: [{ ...one, published: 'sha256:1' }, other],
      manifest: { image: 'i', tags: ['1'], digest: 'sha256:2' },
    },
  ])
  expect(of({ published: published() })[0]?.manifest).toEqual({ image: 'i', tags: ['1'] })
  const { multiArch: _, ...single } = addon
  expect(of({ plan: { addons: [single], diagnostics: [] } })[0]).not.toHaveProperty('manifest')
})

test('a failure is a reason for each of its errors', () => {
  const failure = new Failure('environment', [problem('error', 'A'), problem('warning', 'B'), problem('error', 'C')])
  expect(reasonsOf(failure)).toEqual([
    { gate: 'environment', message: 'A. Do.' },
    { gate: 'environment', message: 'C. Do.' },
  ])
  expect(reasonsOf(new Failure('cancelled', []))).toEqual([{ gate: 'cancelled', message: 'cancelled' }])
})
