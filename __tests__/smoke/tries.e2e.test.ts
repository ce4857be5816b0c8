import { afterAll, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { describeSmoke } from '../../src/smoke/smoke-test.ts'
import { describeWith } from '../environment/describe-with.ts'
import { checkOf, leftovers, makeHost, removeFolders, trySmoke } from './smoke-fixture.ts'

const limitMs = 330_000

/** The same host, whose first containers have `TRY=1`, and so on: what differs between two tries on a real machine. */
function withTryNumber(host: Host): Host {
  let number = 0
  const exec: Host['processes']['exec'] = (command, args, options) => {
    if (args[0] !== 'create') return host.processes.exec(command, args, options)
    number += 1
    return host.processes.exec(command, ['create', '--env', `TRY=${number}`, ...args.slice(1)], options)
  }
  return { ...host, processes: { ...host.processes, exec } }
}

/** Works from the given try on. Its data must be new on each try. */
const worksFrom = (number: number) => ({
  lines: [
    `CMD ${JSON.stringify(['sh', '-c', `test ! -e /data/seen || exit 3; touch /data/seen; echo "try $TRY"; [ "$TRY" -ge ${number} ] || exit 1; trap "exit 0" TERM; sleep 1000 & wait`])}`,
    'HEALTHCHECK CMD true',
  ],
})

describeWith(['engine', 'bases'], 'a smoke test with smoke-retries', () => {
  afterAll(removeFolders)

  test.concurrent(
    'passes on the second try, as a warning, with the logs of both',
    async () => {
      const host = makeHost()
      const result = await trySmoke(
        { ...worksFrom(2), name: 'second', options: { smokeRetries: 2 } },
        withTryNumber(host),
      )
      expect(result).toMatchObject({
        status: 'passed',
        reason: expect.stringMatching(/^passed on the second try: HEALTHCHECK/),
        failedTries: [{ reason: expect.stringContaining('exit code 1'), evidence: { stdout: ['try 1'] } }],
        evidence: { stdout: ['try 2'] },
      })
      expect(checkOf(result, 'healthy')).toMatchObject({
        status: 'warn',
        reason: expect.stringMatching(/^passed on the second try; before: .*exit code 1/),
      })
      expect(describeSmoke(result).join('\n')).toMatch(/try 1 failed: .*try 1\n.*try 2:\n.*try 2\n/s)
      expect(await leftovers(host)).toEqual([])
    },
    limitMs,
  )

  test.concurrent(
    'fails after the last try',
    async () => {
      const result = await trySmoke(
        { ...worksFrom(9), name: 'never', options: { smokeRetries: 1 } },
        withTryNumber(makeHost()),
      )
      expect(result).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/exit code 1.*\(2 tries failed\)$/),
        failedTries: [{ evidence: { stdout: ['try 1'] } }],
        evidence: { stdout: ['try 2'] },
      })
    },
    limitMs,
  )

  test.concurrent(
    'does not repeat what cannot change',
    async () => {
      const run = { options: { level: 5 }, schema: { level: 'bool' } }
      const created = { ...run, schema: { level: 'list(a|b)' } }
      const result = await trySmoke({ ...worksFrom(1), name: 'options', run: created, options: { smokeRetries: 3 } })
      expect(result).toMatchObject({ status: 'failed' })
      expect(result.failedTries).toBeUndefined()
    },
    limitMs,
  )
})

describeWith(['engine', 'bases'], 'a smoke test with parallel: 1', () => {
  afterAll(removeFolders)

  test(
    'runs one container after the other, with every check',
    async () => {
      const host = makeHost()
      let [running, most] = [0, 0]
      const exec: Host['processes']['exec'] = async (command, args, options) => {
        if (args[0] === 'create') running += 1
        most = Math.max(most, running)
        const result = await host.processes.exec(command, args, options)
        if (args[0] === 'rm') running -= 1
        return result
      }
      const result = await trySmoke(
        {
          lines: ['CMD ["sh", "-c", "trap \'exit 0\' TERM; sleep 1000 & wait"]', 'HEALTHCHECK CMD true'],
          name: 'one-by-one',
          furtherRuns: true,
          options: { parallel: 1 },
        },
        { ...host, processes: { ...host.processes, exec } },
      )
      for (const name of ['restart', 'read-only', 'capabilities', 'network']) {
        expect(checkOf(result, name)).toMatchObject({ status: 'pass' })
      }
      expect([most, running]).toEqual([1, 0])
    },
    limitMs,
  )
})
