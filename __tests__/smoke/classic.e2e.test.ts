import { afterAll, expect, test } from '@jest/globals'
import { createProcesses } from '../../src/platform/processes.ts'
import { describeWith } from '../environment/describe-with.ts'
import { checkOf, file, leftovers, makeHost, removeFolders, trySmoke } from './smoke-fixture.ts'

const limitMs = 180_000

describeWith(['classic-engine', 'bases'], 'the smoke test on an engine with the classic image store', (facts) => {
  const architectures = (['amd64', 'armv7'] as const).filter((one) => facts.runnable.includes(one))

  afterAll(removeFolders)

  test.each(architectures)(
    'starts, fills a folder of, asks the Supervisor and stops an image for %s',
    async (architecture) => {
      const { classic = '' } = facts.engines
      const host = makeHost({ processes: createProcesses({ ...process.env, DOCKER_HOST: classic }) })
      const script = [
        '#!/bin/sh',
        'test -s /ssl/privkey.pem || exit 1',
        'trap "exit 0" TERM',
        'wget -q -O /tmp/info --header "Authorization: Bearer $SUPERVISOR_TOKEN" http://supervisor/info',
        'while :; do sleep 1 & wait $!; done',
      ]
      const result = await trySmoke(
        {
          name: 'classic',
          architecture,
          run: { map: [{ type: 'ssl', readOnly: true }] },
          lines: [file('/run.sh', script.join('\n')), 'HEALTHCHECK CMD test -s /tmp/info', 'CMD ["/run.sh"]'],
        },
        host,
      )
      expect(result).toMatchObject({ status: 'passed', readiness: 'HEALTHCHECK' })
      expect(checkOf(result, 'supervisor')).toMatchObject({
        status: 'pass',
        reason: expect.stringContaining('1 distinct request'),
      })
      expect(checkOf(result, 'stops').status).toBe('pass')
      expect(await leftovers(host)).toEqual([])
    },
    limitMs,
  )
})
