import { afterAll, expect, test } from '@jest/globals'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { describeWith } from '../environment/describe-with.ts'
import { checkOf, file, leftovers, makeHost, pool, removeFolders, type SmokeTrial, trySmoke } from './smoke-fixture.ts'

const script = (...lines: readonly string[]): string => ['#!/bin/sh', ...lines].join('\n')

/** A legacy service of s6-overlay. */
const service = (name: string, ...lines: readonly string[]): string =>
  file(`/etc/services.d/${name}/run`, script(...lines))

/** As in the add-ons of Home Assistant: stops the container. They differ in whether they keep the exit code. */
const finish = (name: string, ...before: readonly string[]): string =>
  file(`/etc/services.d/${name}/finish`, script(...before, 'exec /run/s6/basedir/bin/halt'))
const keepsCode = 'echo "$1" > /run/s6-linux-init-container-results/exitcode'

const healthy = 'HEALTHCHECK CMD true'
const quick = 'ENV S6_KILL_GRACETIME=100'
const works = service('works', 'exec sleep 1000')
const fatal = String.raw`printf '\033[31m[02:58:05] FATAL: No broker\033[0m\n'`

interface Case extends Omit<SmokeTrial, 'base'> {
  /** Completes "an add-on with s6". */
  readonly title: string
  readonly expected: { readonly status: SmokeResult['status']; readonly reason: RegExp }
  /** Status and reason of the check `settles`. */
  readonly settles?: readonly [string, RegExp]
}

const cases: readonly Case[] = [
  {
    name: 'slow-loop',
    title: 'fails if a service fails every 2.5 s',
    lines: [quick, healthy, works, service('web', fatal, 'sleep 2.5', 'exit 1')],
    expected: {
      status: 'failed',
      reason:
        /^crash loop: service "web" ended [2-9] times, .* s apart, exit code 1; it reported: \[02:58:05\] FATAL: No broker$/,
    },
  },
  {
    name: 'hidden-records',
    title: 'fails if a service fails again and again where the records of s6 cannot be read',
    lines: [quick, healthy, works, service('web', 'exit 1')],
    // `docker cp` sees no tmpfs.
    options: { smokeRunArguments: ['--tmpfs', '/run:exec'] },
    expected: { status: 'failed', reason: /^crash loop: "s6-supervise web" started its service [3-9] times/ },
  },
  {
    name: 'example',
    title: 'passes with a warning if a service ends without an error again and again',
    lines: [quick, healthy, works, service('web', 'echo hello', 'exit 0')],
    expected: { status: 'passed', reason: /^HEALTHCHECK/ },
    settles: ['warn', /; service "web" ended \d+ times, .* s apart, without an error, and was started again/],
  },
  {
    name: 'late-dependency',
    title: 'passes if a service fails until its dependency is up',
    lines: [
      quick,
      healthy,
      works,
      service(
        'web',
        'mkdir /tmp/first 2>/dev/null && exit 1',
        'mkdir /tmp/second 2>/dev/null && exit 1',
        'exec sleep 1000',
      ),
    ],
    expected: { status: 'passed', reason: /^HEALTHCHECK/ },
    settles: ['pass', /; service "web" ended 2 times, .* apart, exit code 1, and not again since then$/],
  },
  {
    name: 'calm',
    title: 'passes if no service ends',
    lines: [quick, healthy, works],
    expected: { status: 'passed', reason: /^HEALTHCHECK/ },
    settles: ['pass', /^still works \S+ s after it became ready$/],
  },
  {
    name: 'once-failed',
    title: 'that should run once fails if its program fails, though the container ends with exit code 0',
    lines: [quick, works, service('lets-encrypt', fatal, 'exit 1'), finish('lets-encrypt')],
    run: { startup: 'once' },
    expected: {
      status: 'failed',
      reason:
        /^ended after .*, because its service "lets-encrypt" failed, exit code 1; it reported: \[02:58:05\] FATAL: No broker$/,
    },
  },
  {
    name: 'once-done',
    title: 'that should run once passes if its program has done its work',
    lines: [quick, works, service('job', 'trap "exit 3" TERM', 'echo done', 'exit 0'), finish('job')],
    run: { startup: 'once' },
    expected: { status: 'passed', reason: /^ends with exit code 0/ },
  },
  {
    name: 'once-command',
    title:
      'that should run once passes if its command has done its work, whatever its services do when they are stopped',
    lines: [
      quick,
      service('stubborn', 'trap "exit 3" TERM', 'while :; do sleep 1 & wait $!; done'),
      'CMD ["/bin/true"]',
    ],
    run: { startup: 'once' },
    expected: { status: 'passed', reason: /^ends with exit code 0/ },
  },
  {
    name: 'halts',
    title: 'fails with the reason from its log, and not with the last line of s6',
    lines: [quick, healthy, works, service('web', fatal, 'exit 4'), finish('web', keepsCode)],
    expected: {
      status: 'failed',
      reason: /ended.* exit code 4; it reported: \[02:58:05\] FATAL: No broker$/,
    },
  },
]

const limitMs = 240_000

describeWith(['engine', 'bases'], 'the services of an add-on with s6', () => {
  const run = pool(2)
  const host = makeHost()
  afterAll(removeFolders)
  afterAll(async () => expect(await leftovers(host)).toEqual([]), limitMs)

  test.concurrent.each(cases)(
    '$title',
    async ({ title, expected, settles, ...trial }) => {
      const base = { base: 's6', ...trial, run: { init: false, ...trial.run } } as const
      const result = await run(() => trySmoke(base, host))
      expect(result).toMatchObject({ status: expected.status, reason: expect.stringMatching(expected.reason) })
      if (settles) {
        const [status, reason] = settles
        expect(checkOf(result, 'settles')).toMatchObject({ status, reason: expect.stringMatching(reason) })
      }
    },
    limitMs,
  )
})
