import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import type { RunConfig } from '../../../src/addon/addon.ts'
import { directProber } from '../../../src/smoke/readiness/probe.ts'
import { chooseReadinessSignals, type ReadinessSignal } from '../../../src/smoke/readiness/readiness.ts'
import { runConfig } from '../../fixtures/target.ts'

const healthcheck = {
  test: ['CMD', 'true'],
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  startIntervalMs: 5000,
  retries: 3,
}
const all: Partial<RunConfig> = {
  watchdog: 'tcp://[HOST]:[PORT:22]',
  webui: 'http://[HOST]:[PORT:80]/',
  ingress: true,
  ports: new Map([['8080/tcp', 8080]]),
}
const titles = (signals: readonly ReadinessSignal[]): readonly string[] => signals.map(({ title }) => title)
const choose = (
  run: Partial<RunConfig>,
  image: Parameters<typeof chooseReadinessSignals>[1] = {},
  inputs: Parameters<typeof chooseReadinessSignals>[2] = {},
) => chooseReadinessSignals(runConfig(run), image, inputs, { staysUpMs: 10_000 })

describe('the readiness signal of an add-on', () => {
  test.each<[string, readonly string[], ReturnType<typeof choose>]>([
    ['HEALTHCHECK over everything that is inferred', ['HEALTHCHECK'], choose(all, { healthcheck })],
    [
      'all configured signals, in addition to HEALTHCHECK',
      ['HEALTHCHECK', 'smoke-http 8000/api/health', 'smoke-command'],
      choose(all, { healthcheck }, { smokeHttp: { port: 8000, path: '/api/health' }, smokeCommand: 'true' }),
    ],
    ['the watchdog over the web interface', ['watchdog tcp://[HOST]:[PORT:22]'], choose(all)],
    [
      'the web interface over the ingress port',
      ['webui http://[HOST]:[PORT:80]/'],
      choose({ ...all, watchdog: 'odd' }),
    ],
    [
      'the ingress port over the ports',
      ['ingress port 8099'],
      choose({ ingress: true, ports: all.ports ?? new Map() }),
    ],
    [
      'the ports over nothing',
      ['port 8080'],
      choose({
        ports: new Map([
          ['8080/tcp', null],
          ['53/udp', 53],
        ]),
      }),
    ],
    ['that it stays up, as the weakest', ['stays up for 10 s'], choose({ ports: new Map([['53/udp', 53]]) })],
    [
      'its exit, if it runs once',
      ['ends with exit code 0 (startup: once)'],
      choose({ ...all, startup: 'once' }, { healthcheck }),
    ],
  ])('is %s', (_, expected, signals) => {
    expect(titles(signals)).toEqual(expected)
  })

  test.each<[string, boolean, Partial<RunConfig>]>([
    ['a user starts it, and it serves nothing', true, { boot: 'manual' }],
    ['Home Assistant starts it', false, {}],
    ['it has a port, whatever its protocol', false, { boot: 'manual', ports: new Map([['53/udp', 53]]) }],
  ])('staying up can be replaced by an end without an error if %s: %s', (_, mayEnd, run) => {
    expect(choose(run)).toMatchObject([{ kind: 'stays-up' }])
    expect(choose(run)).toEqual([expect.objectContaining(mayEnd ? { mayEnd } : { kind: 'stays-up' })])
    expect('mayEnd' in (choose(run)[0] as object)).toBe(mayEnd)
  })

  test.each<[string, Partial<RunConfig>, Partial<Extract<ReadinessSignal, { kind: 'http' }>>]>([
    [
      'a watchdog',
      { watchdog: 'http://[HOST]:[PORT:8099]/health' },
      { scheme: 'http', port: 8099, path: '/health', statusBelow: 400, required: true },
    ],
    ['a watchdog without PORT', { watchdog: 'https://[HOST]:8443' }, { scheme: 'https', port: 8443, path: '/' }],
    [
      'a protocol by option',
      { watchdog: '[PROTO:ssl]://[HOST]:[PORT:80]/', options: { ssl: true } },
      { scheme: 'https' },
    ],
    [
      'the option being off',
      { watchdog: '[PROTO:ssl]://[HOST]:[PORT:80]/', options: { ssl: false } },
      { scheme: 'http' },
    ],
    [
      'a path that no URL can have',
      { ingress: true, ingressEntry: '/a b\n\ud800é?x=1#%20' },
      { path: '/a%20b%0A%EF%BF%BD%C3%A9?x=1#%20' },
    ],
    ['a web interface', { webui: 'http://[HOST]:[PORT:80]/app#tab' }, { port: 80, required: false, statusBelow: 500 }],
    [
      'an ingress entry',
      { ingress: true, ingressEntry: 'ui/' },
      { path: '/ui/', ingress: { 'x-ingress-path': '/api/hassio_ingress/self', 'x-hass-source': 'core.ingress' } },
    ],
  ])('reads %s', (_, run, expected) => {
    expect(choose(run)).toMatchObject([{ kind: 'http', ...expected }])
  })

  test('tries no more ports at once than an add-on has', () => {
    const ports = new Map(Array.from({ length: 2000 }, (_, index) => [`${index + 1}/tcp`, null]))
    expect(choose({ ports })).toMatchObject([
      { kind: 'tcp', ports: Array.from({ length: 32 }, (_, index) => index + 1) },
    ])
  })
})

describe('an address in config.yaml', () => {
  test.each(['a b', 'ü/ñ', '\n\rGET /evil', '\u2028', '\ud800', '\0', '日本', '%zz?x=1#y'])(
    'is sent as a path that HTTP allows: %j',
    async (entry) => {
      const [signal] = choose({ ingress: true, ingressEntry: entry }) as readonly Extract<
        ReadinessSignal,
        { kind: 'http' }
      >[]
      expect(signal?.path).toMatch(/^\/[!-~]*$/)
      const { scheme = 'http', path = '', ingress } = signal ?? {}
      // A port that was free a moment ago: the request is made and refused, where Node would not even make it.
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await new Promise((closed) => server.close(closed))
      expect(
        await directProber({
          kind: scheme,
          address: '127.0.0.1',
          port,
          path,
          timeoutMs: 1000,
          headers: { ...ingress },
        }),
      ).toEqual({
        failed: 'connection refused',
      })
    },
  )

  test.each([
    [{ watchdog: 'tcp://[HOST]:99999' }],
    [{ watchdog: 'http://[HOST]:[PORT:65536]/' }],
    [{ webui: 'http://[HOST]:[PORT:123456789]/' }],
    [{ watchdog: 'tcp://[HOST]:0' }],
  ])('does not count where the port is none: %j', (run) => {
    expect(titles(choose(run))).toEqual(['stays up for 10 s'])
  })
})
