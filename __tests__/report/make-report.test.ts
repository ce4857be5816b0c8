import { expect, test } from '@jest/globals'
import { makeReport } from '../../src/report/make-report.ts'
import type { TargetReport } from '../../src/report/report.ts'
import type { ContextReport } from '../../src/size/context-measure.ts'
import { events } from '../plan/events.ts'
import { target } from './reports.ts'

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

test('a build context stands once at its add-on, and no more at each architecture', () => {
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
