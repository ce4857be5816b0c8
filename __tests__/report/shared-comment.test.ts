import { expect, test } from '@jest/globals'
import type { Architecture } from '../../src/core/architecture.ts'
import type { Part } from '../../src/report/parts.ts'
import { readParts, renderShared, sharedCommentOf } from '../../src/report/shared-comment.ts'
import { partOf } from './parts.ts'
import { addon, compared, report, run, target } from './reports.ts'

const key = 'build'
const sleep = async () => {}

/** The part of a job that built one architecture. */
const jobOf = (architecture: Architecture, changes: Partial<typeof run> = {}): Part =>
  partOf(
    report([addon([target(architecture, { size: compared(1e7, 2e7, { architecture }) })])], {
      run: { ...run, ...changes },
    }),
    [architecture],
  )

const shared = (own: Part) => sharedCommentOf(own, key, { partial: true, sleep })
const architecturesIn = (body: string) => readParts(body).flatMap(({ architectures }) => architectures)

test('the first job of a run writes its own part', () => {
  const own = jobOf('amd64')
  const { parts, partial } = shared(own)
  expect(partial).toBe(true)
  expect(parts.hasOthers).toBe(false)
  expect(parts.render()).toBe(renderShared([own], { key }))
})

test('a later job adds its part to those in the comment', () => {
  const first = shared(jobOf('amd64')).parts.render()
  const both = shared(jobOf('aarch64')).parts.add([first])
  expect(both.hasOthers).toBe(true)
  expect(architecturesIn(both.render())).toEqual(['amd64', 'aarch64'])
  const three = shared(jobOf('armv7')).parts.add([first]).add([both.render(), first])
  expect(architecturesIn(three.render())).toEqual(['amd64', 'aarch64', 'armv7'])
})

test('a job that finds its own part in the comment has seen no other job', () => {
  const own = jobOf('amd64')
  const { parts } = shared(own)
  const again = parts.add([parts.render()])
  expect(architecturesIn(again.render())).toEqual(['amd64'])
  expect(parts.add([]).hasOthers).toBe(false)
})

test('takes from the comment which attempt a part is from, and nothing else about the run', () => {
  const other = jobOf('amd64', { runAttempt: 2, sha: 'd'.repeat(40), workflow: 'Other', repository: 'evil/evil' })
  const body = renderShared([other], { key })
  const own = jobOf('aarch64', { runAttempt: 3 })
  const runs = readParts(shared(own).parts.add([body]).render()).map((part) => part.report.run)
  expect(runs.map(({ runAttempt }) => runAttempt)).toEqual([2, 3])
  const [first, second] = runs.map((each) => ({ ...each, runAttempt: 0 }))
  expect(first).toEqual(second)
  expect(first?.sha).toBe(run.sha)
})

test('jobs that end together wait for different times, longer in each round', () => {
  const times = (['amd64', 'aarch64', 'armv7', 'armhf', 'i386'] as const).map((one) => shared(jobOf(one)).waitMs)
  const first = times.map((waitMs) => waitMs(1))
  expect(new Set(first).size).toBe(times.length)
  expect(Math.min(...first)).toBe(2000)
  expect(times.map((waitMs) => waitMs(3))).toEqual(first.map((ms) => 3 * ms))
  expect(shared({ ...jobOf('amd64'), architectures: [] }).waitMs(1)).toBe(2000)
})
