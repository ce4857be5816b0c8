import { readFile } from 'node:fs/promises'
import { afterAll, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { removeLabelled } from '../../src/docker/labels.ts'
import { openList } from '../../src/docker/lists.ts'
import type { Options } from '../../src/inputs/options.ts'
import { readRoutes, routesInto, type Subnet, subnets } from '../../src/smoke/network/subnets.ts'
import { openTestNetwork, type TestNetwork, type Transport } from '../../src/smoke/network/test-network.ts'
import { smokeTest } from '../../src/smoke/smoke-test.ts'
import { describeWith } from '../environment/describe-with.ts'
import { until } from '../faults/fault-job.ts'
import { apiClient } from './api-client.ts'
import {
  buildFixture,
  checkOf,
  file,
  firstRunOnly,
  leftovers,
  makeHost,
  makeOptions,
  makeTarget,
  native,
  pool,
  removeFolders,
  trySmoke,
} from './smoke-fixture.ts'

// Four of these tests wait for an address that exists once, and that every run of the suite on this machine wants.
const limitMs = 900_000
/** For a container that becomes ready, or ends: how long that takes depends on what else the machine does. */
const patient = { smokeTimeoutMs: 120_000 }

const client = {
  lines: [apiClient, 'HEALTHCHECK CMD test -e /tmp/ok', 'CMD ["/run.sh"]'],
  run: {
    hassioApi: true,
    services: ['mqtt:need', 'mysql:want'],
    options: { log_level: 'info', mqtt: { port: 1883 } },
    schema: { log_level: 'str', mqtt: { port: 'port' } },
  },
  options: {
    ...patient,
    smokeOptions: { log_level: 'debug' },
    smokeServices: { mqtt: { host: 'broker.local', port: 1883 } },
  } satisfies Partial<Options>,
}

/** The expected responses to the client, wherever the Supervisor mock runs. */
const answered = [
  'GET /supervisor/ping → 200',
  'GET /addons/self/options/config → 200',
  'GET /services/mysql → 400',
  'GET /info → 401',
  'GET /info → 403',
  'GET /core/api/states → 401',
]

/** The documented nginx of an ingress add-on. */
const nginx = (allowed: string): readonly string[] => [
  'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*',
  file(
    '/etc/nginx/nginx.conf',
    `user www-data;
events {}
http {
  access_log /dev/stdout;
  server {
    listen 8099;
    allow ${allowed};
    deny all;
    if ($http_x_ingress_path = "") { return 403; }
    root /srv;
  }
}`,
    '644',
  ),
  // With the mode of the file Docker makes the folder.
  file('/srv/index.html', 'hello', '755'),
  'STOPSIGNAL SIGQUIT',
  'CMD ["nginx", "-g", "daemon off;"]',
]

/**
 * At the Supervisor's own address, which exists once on a machine: waits until the tests of this and of other runs have released it. Polls often,
 * because the next test that starts takes it.
 */
async function openExactly(host: Host, transport: Transport): Promise<TestNetwork> {
  for (const end = Date.now() + limitMs - 30_000; ; await host.clock.sleep(100)) {
    const routes = await readFile('/proc/net/route', 'utf8')
    if (routesInto(subnets[0] as Subnet, readRoutes(routes)) === 0) {
      const network = await openTestNetwork(host, [transport])
      if (network.hasSupervisorAddress || network.supervisor.kind === 'none') return network
      await network.release()
    }
    if (Date.now() > end) throw new Error(`172.30.32.0/23 stays taken: ${routes}`)
  }
}

describeWith(['engine', 'bases'], 'the Supervisor fake, with real containers', ({ runnable }) => {
  const run = pool(4)
  const host = makeHost()

  afterAll(removeFolders)
  afterAll(async () => {
    expect(await leftovers(host)).toEqual([])
    expect(await removeLabelled(host.runId, host.processes, await openList(host))).toMatchObject({
      containers: 0,
      networks: 0,
      volumes: 0,
    })
  }, 60_000)

  test.concurrent.each([
    ['this process', 'gateway' as const],
    ['a container', 'relay' as const],
  ])(
    'serves a client from %s as the Supervisor does',
    (_, transport) =>
      run(async () => {
        const own = makeHost()
        const result = await trySmoke(
          {
            ...client,
            name: `client-${transport}`,
            open: (one) => openTestNetwork(one, [transport]),
            // It ends after its last request and is never ready: the evidence of a failure lists the calls.
            lines: [apiClient, `CMD /run.sh & until [ -e /tmp/ok ]; do sleep 0.5; done; exit 3`],
            options: { ...client.options, smokeCommand: 'exit 1' },
          },
          own,
        )
        expect(result.evidence?.stderr.join('\n')).not.toContain('wanted')
        expect(result.evidence?.stdout).toContain('all answered')
        expect(result.evidence?.supervisorCalls).toEqual(expect.arrayContaining(answered))
        expect(checkOf(result, 'supervisor').reason).toMatch(/refused: GET \/core\/api\/states: .*homeassistant_api/)
        expect(await leftovers(own)).toEqual([])
      }),
    limitMs,
  )

  test.concurrent(
    'copies Node into the container of the fake if the daemon cannot read files of this machine',
    () =>
      run(async () => {
        const own = makeHost()
        const { exec } = own.processes
        const blind = {
          ...own.processes,
          exec: async (command: string, args: readonly string[], options?: Parameters<typeof exec>[2]) =>
            args.some((one) => one.includes('type=bind'))
              ? { exitCode: 125, stdout: '', stderr: 'invalid mount config for type "bind": source does not exist' }
              : exec(command, args, options),
        }
        const open = (one: Host) => openTestNetwork(one, ['relay'])
        const result = await trySmoke({ ...client, name: 'client-copied', open }, { ...own, processes: blind })
        expect(result).toMatchObject({ status: 'passed' })
        expect(await leftovers(own)).toEqual([])
      }),
    limitMs,
  )

  test.concurrent(
    'passes the client, with a warning about refused requests',
    () =>
      run(async () => {
        const result = await trySmoke({ ...client, name: 'client' }, host)
        expect(result).toMatchObject({ status: 'passed', readiness: 'HEALTHCHECK' })
        expect(checkOf(result, 'supervisor').status).toBe('warn')
      }),
    limitMs,
  )

  test.concurrent(
    'moves to another subnet if its own is in use, and passes SUPERVISOR_API to the add-on',
    () =>
      run(async () => {
        const [first, second] = [makeHost(), makeHost()]
        const taken = await openExactly(first, 'gateway')
        try {
          const result = await trySmoke({ ...client, name: 'client-elsewhere' }, second)
          expect(result.status).toBe('passed')
          expect(checkOf(result, 'supervisor').reason).toMatch(
            new RegExp(
              `at (${subnets
                .slice(1)
                .map((one) => one.supervisor)
                .join('|')})`,
            ),
          )
        } finally {
          await taken.release()
        }
        expect([...(await leftovers(first)), ...(await leftovers(second))]).toEqual([])
      }),
    limitMs,
  )

  test.concurrent(
    'fails an add-on that stops itself through the API, with this as the reason',
    () =>
      run(async () => {
        const script = [
          '#!/bin/sh',
          'sleep 1',
          'wget -q -O - --header "Authorization: Bearer $SUPERVISOR_TOKEN" --post-data "" http://supervisor/addons/self/stop',
          'sleep 100',
        ]
        const result = await trySmoke(
          { name: 'stops-itself', lines: [file('/run.sh', script.join('\n')), 'CMD ["/run.sh"]'] },
          host,
        )
        expect(result).toMatchObject({
          status: 'failed',
          reason: 'the add-on asked the Supervisor to stop it (POST /addons/self/stop)',
        })
        expect(result.evidence?.supervisorCalls).toEqual(['POST /addons/self/stop → 200'])
      }),
    limitMs,
  )

  test.concurrent.each([
    ['in this process', 'gateway' as const],
    ['in a container', 'relay' as const],
  ])(
    'reaches an nginx that allows only the Supervisor, from its address, %s',
    (_, transport) =>
      run(async () => {
        const result = await trySmoke(
          {
            name: `nginx-${transport}`,
            base: 'python',
            lines: nginx('172.30.32.2'),
            run: { ingress: true, ingressPort: 8099 },
            options: patient,
            open: (one) => openExactly(one, transport),
          },
          makeHost(),
        )
        expect(result).toMatchObject({
          status: 'passed',
          readiness: 'ingress port 8099',
          reason: expect.stringMatching(/^ingress port 8099: .* after the start$/),
        })
        expect(checkOf(result, 'sockets')).toMatchObject({ status: 'pass', reason: 'listens on 8099' })
      }),
    limitMs,
  )

  test.concurrent(
    'is refused by an nginx that allows only another address',
    () =>
      run(async () => {
        const result = await trySmoke(
          {
            name: 'nginx-closed',
            base: 'python',
            lines: nginx('172.30.32.77'),
            run: { ingress: true, ingressPort: 8099 },
            options: { smokeTimeoutMs: 6000 },
            open: (one) => openExactly(one, 'gateway'),
          },
          makeHost(),
        )
        expect(result).toMatchObject({
          status: 'failed',
          reason: expect.stringContaining('ingress port 8099: HTTP 403'),
        })
      }),
    limitMs,
  )

  test.concurrent(
    'tests several architectures at once that all listen on the same port',
    async () => {
      const architectures = (['amd64', 'aarch64', 'armv7'] as const).filter((one) => runnable.includes(one))
      const results = await Promise.all(
        architectures.map((architecture) =>
          trySmoke(
            {
              name: 'same-port',
              architecture,
              lines: [
                file('/www/api/health', 'fine', '644'),
                'EXPOSE 8000',
                'CMD ["httpd", "-f", "-p", "8000", "-h", "/www"]',
              ],
              run: { ports: new Map([['8000/tcp', 8000]]) },
              options: { smokeHttp: { port: 8000, path: '/api/health' }, ...patient },
            },
            host,
          ),
        ),
      )
      for (const result of results) {
        expect(result).toMatchObject({ status: 'passed', readiness: 'smoke-http 8000/api/health' })
        expect(checkOf(result, 'sockets')).toMatchObject({ status: 'pass', reason: 'listens on 8000' })
      }
    },
    limitMs,
  )

  test.concurrent(
    'distinguishes concurrent add-ons: each has its own options, and only the one that stops itself fails',
    async () => {
      const script = (after: string) =>
        [
          '#!/bin/sh',
          'trap "exit 0" TERM',
          'ask() { wget -q -O - --header "X-Supervisor-Token: $SUPERVISOR_TOKEN" $2 "http://hassio/addons/self/$1"; }',
          'ask info | grep -q "\\"hostname\\":\\"$(hostname)\\"" || exit 8',
          'ask options/config | grep -q "\\"who\\":\\"$(hostname)\\"" || exit 9',
          after,
          'touch /tmp/ok',
          'while :; do sleep 1 & wait $!; done',
        ].join('\n')
      const tryOne = (addon: string, after: string) =>
        trySmoke(
          {
            name: addon,
            addon,
            lines: [file('/run.sh', script(after)), 'HEALTHCHECK CMD test -e /tmp/ok', 'CMD ["/run.sh"]'],
            run: { options: { who: `local-${addon}` }, schema: { who: 'str' } },
            options: patient,
          },
          host,
        )
      const [one, two, three] = await Promise.all([
        tryOne('one', ''),
        tryOne('two', 'ask restart "--post-data="'),
        tryOne('three', ''),
      ])
      for (const result of [one, three]) {
        expect(result).toMatchObject({ status: 'passed', readiness: 'HEALTHCHECK' })
        expect(checkOf(result, 'supervisor').reason).toMatch(/^2 distinct requests, all answered/)
      }
      expect(two).toMatchObject({
        status: 'failed',
        reason: 'the add-on asked the Supervisor to restart it (POST /addons/self/restart)',
        evidence: {
          supervisorCalls: [
            'GET /addons/self/info → 200',
            'GET /addons/self/options/config → 200',
            'POST /addons/self/restart → 200',
          ],
        },
      })
    },
    limitMs,
  )

  test.concurrent(
    'names the missing service that an add-on requested if it fails',
    () =>
      run(async () => {
        const script = [
          '#!/bin/sh',
          'wget -q -O - --header "Authorization: Bearer $SUPERVISOR_TOKEN" http://supervisor/services/mqtt && exit 0',
          'echo "no broker" >&2',
          'exit 1',
        ]
        const lines = [file('/run.sh', script.join('\n')), 'CMD ["/run.sh"]']
        const result = await trySmoke({ name: 'in-vain', lines, run: { services: ['mqtt:need'] } }, host)
        expect(result.reason).toMatch(
          /exit code 1; it reported: wget: server returned error: .* It requested the service mqtt, .*"smoke-services: mqtt: /,
        )
        expect(result.evidence?.supervisorCalls).toEqual(['GET /services/mqtt → 400'])
      }),
    limitMs,
  )

  test.concurrent(
    'only warns of an ingress port that answers with a page that is not there, and waits no longer than it has to',
    () =>
      run(async () => {
        const lines = ['CMD ["httpd", "-f", "-p", "8099", "-h", "/tmp"]']
        const result = await trySmoke(
          { name: 'not-found', lines, run: { ingress: true }, options: { smokeTimeoutMs: 16_000 } },
          host,
        )
        expect(result.status).toBe('passed')
        expect(checkOf(result, 'healthy')).toMatchObject({
          status: 'warn',
          reason: expect.stringMatching(/^stayed up for \d.* s, but ingress port 8099: HTTP 404$/),
        })
      }),
    limitMs,
  )

  test.concurrent(
    'has the evidence of an unusual start if that check fails',
    () =>
      run(async () => {
        const script = '#!/bin/sh\necho state > /state || { echo "cannot write /state" >&2; exit 1; }\nexec sleep 1000'
        const result = await trySmoke(
          {
            name: 'read-only',
            lines: [file('/run.sh', script), 'HEALTHCHECK CMD test -e /state', 'CMD ["/run.sh"]'],
            options: { smokeChecks: new Map([...firstRunOnly, ['read-only', 'fail']]) },
          },
          host,
        )
        expect(result).toMatchObject({
          status: 'failed',
          reason: expect.stringMatching(/^does not start with a read-only root .* cannot write \/state$/),
          evidence: { state: 'exited, exit code 1', exitCode: 1, reproduce: expect.stringContaining(' --read-only ') },
        })
        expect(result.evidence?.stderr.at(-1)).toBe('cannot write /state')
      }),
    limitMs,
  )

  test.concurrent.each([
    ['smoke-command', { smokeCommand: 'test -e /tmp/ok' }, {}, 'smoke-command'],
    ['watchdog', {}, { watchdog: 'http://[HOST]:[PORT:8000]/ok' }, 'watchdog http://[HOST]:[PORT:8000]/ok'],
    ['webui', {}, { webui: '[PROTO:ssl]://[HOST]:[PORT:8000]/ok' }, 'webui [PROTO:ssl]://[HOST]:[PORT:8000]/ok'],
    [
      'ports',
      {},
      {
        ports: new Map([
          ['8000/tcp', 8000],
          ['53/udp', 53],
        ]),
      },
      'port 8000',
    ],
  ])(
    'takes %s as the sign of being ready',
    (name, options, config, readiness) =>
      run(async () => {
        const lines = [
          file('/www/ok', 'fine', '644'),
          file('/run.sh', '#!/bin/sh\nsleep 2\ntouch /tmp/ok\nexec httpd -f -p 8000 -h /www'),
          'CMD ["/run.sh"]',
        ]
        const result = await trySmoke(
          { name: `ready-${name}`, lines, run: config, options: { ...patient, ...options } },
          host,
        )
        expect(result).toMatchObject({ status: 'passed', readiness })
        expect(result.timeToHealthyMs).toBeGreaterThan(1900)
      }),
    limitMs,
  )

  test.concurrent(
    'reports that an add-on needs a writable root file system, capabilities or a network',
    () =>
      run(async () => {
        const script = [
          '#!/bin/sh',
          'trap "exit 0" TERM',
          'echo state > /state || { echo "cannot write /state" >&2; exit 1; }',
          'chown 1:1 /state || { echo "may not chown" >&2; exit 1; }',
          'grep -q "^eth0.00000000" /proc/net/route || { echo "no way out" >&2; exit 1; }',
          'touch /tmp/ok',
          'while :; do sleep 1 & wait $!; done',
        ]
        const result = await trySmoke(
          {
            name: 'needy',
            furtherRuns: true,
            lines: [file('/run.sh', script.join('\n')), 'HEALTHCHECK CMD test -e /tmp/ok', 'CMD ["/run.sh"]'],
          },
          host,
        )
        expect(result.status).toBe('passed')
        expect(checkOf(result, 'restart').status).toBe('pass')
        expect(checkOf(result, 'read-only')).toMatchObject({
          status: 'warn',
          reason: expect.stringContaining('cannot write /state'),
        })
        expect(checkOf(result, 'capabilities')).toMatchObject({
          status: 'warn',
          reason: expect.stringContaining('may not chown'),
        })
        expect(checkOf(result, 'network')).toMatchObject({
          status: 'warn',
          reason: expect.stringContaining('no way out'),
        })
      }),
    limitMs,
  )

  test.concurrent(
    'fails if a warning is configured as a failure',
    () =>
      run(async () => {
        const lines = ['HEALTHCHECK CMD true', 'CMD ["sleep", "1000"]']
        const smokeChecks = new Map([
          ['user', 'fail'],
          ['restart', 'off'],
          ['read-only', 'off'],
          ['capabilities', 'off'],
          ['network', 'off'],
        ] as const)
        const result = await trySmoke({ name: 'root', lines, options: { smokeChecks } }, host)
        expect(result).toMatchObject({ status: 'failed', reason: 'process 1 runs as root' })
      }),
    limitMs,
  )

  test.concurrent(
    'passes the secrets of the environment only to the container',
    () =>
      run(async () => {
        const own = makeHost()
        const spoken: string[] = []
        const { exec } = own.processes
        const processes = {
          ...own.processes,
          exec: (command: string, args: readonly string[], options?: Parameters<typeof exec>[2]) => {
            spoken.push(args.join(' '))
            return exec(command, args, options)
          },
        }
        const smokeEnvironment = new Map([
          ['API_TOKEN', 'tell-nobody-1'],
          ['TWO_LINES', 'one\ntwo'],
        ])
        const result = await trySmoke(
          {
            name: 'secrets',
            lines: ['CMD echo "$API_TOKEN"; echo "$TWO_LINES"; exit 1'],
            options: { smokeEnvironment },
          },
          { ...own, processes },
        )
        expect(result.evidence?.stdout).toEqual(['***', 'one', 'two'])
        expect(JSON.stringify(result)).not.toContain('tell-nobody-1')
        expect(spoken.filter((line) => /^create .*--env TWO_LINES\b/.test(line))).toHaveLength(1)
        expect(spoken.join('\n')).not.toContain('tell-nobody-1')
      }),
    limitMs,
  )

  test.concurrent(
    'leaves nothing behind when the run is cancelled in the middle',
    () =>
      run(async () => {
        const controller = new AbortController()
        const own = makeHost({ signal: controller.signal })
        const image = await buildFixture(
          { name: 'cancelled', lines: ['HEALTHCHECK CMD false', 'CMD ["sleep", "1000"]'] },
          own,
        )
        try {
          const test = smokeTest(
            { target: makeTarget({}, native), reference: image, emulated: false },
            makeOptions({ smokeTimeoutMs: 60_000 }),
            own,
          )
          const ended = expect(test).rejects.toMatchObject({ kind: 'cancelled' })
          const running = ['ps', '--quiet', '--filter', `label=aicleaner-build.run=${own.runId}`]
          await until(async () => (await host.processes.exec('docker', running)).stdout !== '')
          controller.abort()
          await ended
          expect(await leftovers(own)).toEqual([])
        } finally {
          await own.processes.exec('docker', ['image', 'rm', '--force', image])
        }
      }),
    limitMs,
  )

  test.concurrent(
    'removes the resources of a killed run, and nothing the second time',
    () =>
      run(async () => {
        const own = makeHost()
        const list = await openList(own)
        const network = await openTestNetwork(own, ['relay'])
        expect((await leftovers(own)).length).toBeGreaterThan(1)
        expect(await removeLabelled(own.runId, own.processes, list)).toEqual({ containers: 1, networks: 1, volumes: 0 })
        expect(await leftovers(own)).toEqual([])
        expect(await removeLabelled(own.runId, own.processes, list)).toEqual({ containers: 0, networks: 0, volumes: 0 })
        await network.release()
      }),
    limitMs,
  )
})
