import { expect } from '@jest/globals'
import { type Architecture, isNative, platformOf } from '../../src/core/architecture.ts'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { checkOf, file, type SmokeTrial } from './smoke-fixture.ts'

/** One image and its expected result, native or emulated. */
export interface Case extends SmokeTrial {
  /** Completes "says of an image that …". */
  readonly title: string
  /** The answer depends on the architecture, not only on whether it is emulated: once emulated is not enough. */
  readonly ofArchitecture?: true
  expect(result: SmokeResult, architecture: Architecture): void
}

/** A service that ends cleanly on SIGTERM. */
const service = (...before: string[]): string =>
  file('/run.sh', ['#!/bin/sh', 'trap "exit 0" TERM', ...before, 'while :; do sleep 1 & wait $!; done'].join('\n'))

const cmd = (script: string): string => `CMD ${JSON.stringify(['/bin/sh', '-c', script])}`

/** Emulated it is the same time: these cases wait for nothing that could be slow. */
const within = (smokeTimeoutMs: number) => ({ smokeTimeoutMs, smokeEmulationFactor: 3 })

interface Expected {
  readonly reason: RegExp
  readonly state: RegExp
  readonly exitCode?: number
  readonly stdout?: unknown
  readonly stderr?: unknown
  readonly diff?: readonly string[]
  readonly calls?: readonly string[]
  readonly probes?: unknown
  readonly outOfMemory?: boolean
}

/** The verdict, its reason, and every part of the evidence: what is not named has to be empty. */
function failed(result: SmokeResult, architecture: Architecture, expected: Expected): void {
  expect(result).toMatchObject({ status: 'failed', reason: expect.stringMatching(expected.reason) })
  const { evidence } = result
  expect(evidence).toEqual({
    state: expect.stringMatching(expected.state),
    ...(expected.exitCode !== undefined && { exitCode: expected.exitCode }),
    outOfMemory: expected.outOfMemory ?? false,
    probes: expected.probes ?? [],
    stdout: expected.stdout ?? [],
    stderr: expected.stderr ?? [],
    diff: expected.diff ?? [],
    supervisorCalls: expected.calls ?? [],
    reproduce: expect.stringMatching(/^cd .* docker run --rm --platform linux\/\S+ .*aicleaner-smoke-test\/\S+$/),
    image: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    emulated: !isNative(architecture, process.arch),
  })
  expect(evidence?.reproduce).toContain(`--platform ${platformOf(architecture)} `)
  expect(evidence?.reproduce).toContain("--env 'SUPERVISOR_TOKEN=***'")
  // No token anywhere, nor a part of one.
  const { stdout: _, ...rest } = evidence ?? {}
  expect(JSON.stringify({ ...result, evidence: rest }).replaceAll(/sha256:[0-9a-f]{64}/g, '')).not.toMatch(
    /[0-9a-f]{32}/,
  )
}

export const cases: readonly Case[] = [
  {
    name: 'at-once',
    ofArchitecture: true,
    title: 'is healthy at once that it passes, when, and how it stops',
    lines: [service('echo "the options: $(cat /data/options.json)"'), 'HEALTHCHECK CMD true', 'CMD ["/run.sh"]'],
    expect(result, architecture) {
      expect(result).toMatchObject({ status: 'passed', readiness: 'HEALTHCHECK' })
      expect(result.evidence).toBeUndefined()
      expect(result.timeToHealthyMs).toBeGreaterThan(400)
      expect(result.peakMemoryBytes).toBeGreaterThan(10_000)
      expect(checkOf(result, 'stops')).toMatchObject({ status: 'pass', reason: expect.stringContaining('exit code 0') })
      expect(checkOf(result, 'user').reason).toContain('root')
      const oci = { amd64: 'amd64', aarch64: 'arm64', armv7: 'arm' }[architecture as 'amd64']
      expect(checkOf(result, 'architecture')).toMatchObject({
        status: 'pass',
        reason: expect.stringMatching(`for ${oci}$`),
      })
    },
  },
  {
    name: 'late',
    title: 'is healthy after its own probes would have given it up that it passes, and that it took so long',
    lines: [service('(sleep 12; touch /tmp/ok) &'), 'HEALTHCHECK --interval=3s CMD test -e /tmp/ok', 'CMD ["/run.sh"]'],
    options: within(40_000),
    expect(result, architecture) {
      expect(result.status).toBe('passed')
      expect(result.timeToHealthyMs).toBeGreaterThan(11_000)
      // Its own interval and three retries would have made it unhealthy after 9 s.
      if (architecture === 'amd64') {
        expect(checkOf(result, 'startup')).toMatchObject({
          status: 'warn',
          reason: expect.stringContaining('--start-period'),
        })
      }
    },
  },
  {
    name: 'second-probe',
    title: 'fails its first probe that it passes',
    lines: [
      service(),
      'HEALTHCHECK --retries=1 CMD test -e /tmp/seen || { touch /tmp/seen; exit 1; }',
      'CMD ["/run.sh"]',
    ],
    expect(result) {
      expect(result).toMatchObject({ status: 'passed', reason: expect.stringMatching(/HEALTHCHECK: .* [2-9] probes/) })
    },
  },
  {
    name: 'never',
    title: 'is never healthy that it fails at the deadline, with every probe',
    lines: [
      service(
        'echo up',
        'echo warning >&2',
        'touch /tmp/started',
        'wget -q -O /dev/null --header "X-Supervisor-Token: $SUPERVISOR_TOKEN" http://hassio/info',
      ),
      'HEALTHCHECK CMD echo still cold; exit 1',
      'CMD ["/run.sh"]',
    ],
    options: { smokeTimeoutMs: 20_000, smokeEmulationFactor: 1 },
    expect(result, architecture) {
      const probe = { at: expect.any(Number), durationMs: expect.any(Number), exitCode: 1, output: 'still cold' }
      failed(result, architecture, {
        reason: /^not ready within 20 s.*HEALTHCHECK: \d+ probes, the last exit code 1 .*still cold/,
        state: /^running, starting$/,
        stdout: ['up'],
        stderr: ['warning'],
        probes: expect.arrayContaining([probe]),
        diff: ['C /tmp', 'A /tmp/started'],
        calls: ['GET /info → 200'],
      })
      expect(checkOf(result, 'healthy').status).toBe('fail')
      // More than the five that the daemon keeps.
      expect(result.evidence?.probes.length).toBeGreaterThan(architecture === 'amd64' ? 5 : 2)
    },
  },
  {
    name: 'exits-0',
    title: 'ends with 0 that it fails, since it is no "once"',
    lines: [cmd('echo done')],
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^ended by itself after .* with exit code 0, though startup is "application"/,
        state: /^exited, exit code 0: ended without an error$/,
        exitCode: 0,
        stdout: ['done'],
      }),
  },
  {
    name: 'exits-1',
    ofArchitecture: true,
    title: 'ends with 1 that it fails, with its last words',
    lines: [cmd('echo trying; mkdir /state; echo "no broker" >&2; exit 1')],
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^ended after .* exit code 1; its last line: no broker/,
        state: /^exited, exit code 1$/,
        exitCode: 1,
        stdout: ['trying'],
        stderr: ['no broker'],
        diff: ['A /state'],
      }),
  },
  {
    name: 'exits-137',
    title: 'is killed that it fails, and what 137 means',
    lines: [cmd('kill -9 $$')],
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^ended after .* exit code 137: killed \(SIGKILL\)/,
        state: /^exited, exit code 137: killed \(SIGKILL\)$/,
        exitCode: 137,
      }),
  },
  {
    name: 'crash-loop',
    title: 'keeps its supervisor alive and crashes below it that it is a crash loop',
    lines: [
      file('/usr/bin/s6-supervise', '#!/bin/sh\nwhile :; do /service.sh; done'),
      file('/service.sh', '#!/bin/sh\nsleep 0.7\necho crashed >&2\nexit 1'),
      'CMD ["/usr/bin/s6-supervise", "web"]',
    ],
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^crash loop: .*s6-supervise web" started its service \d+ times/,
        state: /^running$/,
        stderr: expect.arrayContaining(['crashed', 'crashed']),
      }),
  },
  {
    name: 'crash-at-once',
    title: 'crashes below its supervisor faster than the samples that it is a crash loop',
    lines: [
      file('/usr/bin/s6-supervise', '#!/bin/sh\nwhile :; do /service.sh; sleep 1; done'),
      file('/service.sh', '#!/bin/sh\nexit 1'),
      'HEALTHCHECK CMD true',
      'CMD ["/usr/bin/s6-supervise", "web"]',
    ],
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^crash loop: .*s6-supervise web" started its service \d+ times/,
        state: /^running, healthy$/,
        probes: expect.arrayContaining([expect.objectContaining({ exitCode: 0 })]),
      }),
  },
  {
    name: 'memory',
    title: 'runs out of memory that this is why',
    lines: [cmd(`sleep 1; exec awk 'BEGIN { s = "0123456789abcdef"; while (1) s = s s }'`), 'HEALTHCHECK CMD false'],
    options: { smokeTimeoutMs: 60_000, smokeRunArguments: ['--memory', '48m', '--memory-swap', '48m'] },
    expect(result, architecture) {
      failed(result, architecture, {
        reason: /^out of memory( after|: the kernel killed a process)/,
        state: /out of memory/,
        exitCode: 137,
        outOfMemory: true,
        probes: expect.any(Array),
      })
      expect(checkOf(result, 'memory').status).toBe('fail')
    },
  },
  {
    name: 'missing',
    title: 'has no entrypoint at its path that it was not found',
    lines: ['ENTRYPOINT ["/nope"]'],
    run: { init: false },
    expect(result, architecture) {
      failed(result, architecture, {
        reason: /^the entrypoint was not found: .*\/nope/,
        state: /\/nope.*no such file or directory/,
        exitCode: 127,
      })
      expect(checkOf(result, 'starts').status).toBe('fail')
    },
  },
  {
    name: 'missing-init',
    title: 'has no entrypoint, under docker-init, that it was not found',
    lines: ['ENTRYPOINT ["/nope"]'],
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^the entrypoint was not found: .*\/nope.* \(exit code 127\)/,
        state: /^exited, exit code 127: the entrypoint was not found$/,
        exitCode: 127,
        stderr: [expect.stringMatching(/^\[FATAL tini .*\/nope/)],
      }),
  },
  {
    name: 'not-executable',
    ofArchitecture: true,
    title: 'may not execute its entrypoint that it is not executable',
    lines: [file('/run.sh', '#!/bin/sh\nsleep 100', '644'), 'ENTRYPOINT ["/run.sh"]'],
    run: { init: false },
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^the entrypoint is not executable: .*permission denied/,
        state: /permission denied/,
        exitCode: 126,
      }),
  },
  {
    name: 'pipe',
    title: 'has a named pipe for an entrypoint that it may not execute it, without reading from it',
    lines: ['RUN mkfifo -m 755 /run.sh', 'ENTRYPOINT ["/run.sh"]'],
    run: { init: false },
    expect(result) {
      expect(result).toMatchObject({ status: 'failed', reason: expect.stringMatching(/run\.sh: permission denied/i) })
      expect(checkOf(result, 'architecture')).toMatchObject({ status: 'skip' })
    },
  },
  {
    name: 'wrong-machine',
    ofArchitecture: true,
    title: 'has an entrypoint of another architecture that it is the wrong one',
    lines: [
      // The head of a program for s390x, which nothing here can run.
      `RUN printf '\\177ELF\\002\\002\\001\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\026' > /prog && head -c 100 /dev/zero >> /prog && chmod 755 /prog`,
      'ENTRYPOINT ["/prog"]',
    ],
    run: { init: false },
    expect(result, architecture) {
      // Natively the kernel refuses it; emulated it is the emulator that cannot load it.
      failed(result, architecture, {
        reason: /is for s390x, not for|built for another architecture/,
        state: /exec format error|exited, exit code/,
        ...(result.evidence?.exitCode !== undefined && { exitCode: result.evidence.exitCode }),
        stderr: expect.any(Array),
      })
      expect(checkOf(result, 'architecture')).toMatchObject({
        status: 'fail',
        reason: `/prog is for s390x, not for ${architecture}`,
      })
    },
  },
  {
    name: 'health-none',
    title: 'disables HEALTHCHECK that only staying up was checked',
    lines: [service(), 'HEALTHCHECK NONE', 'CMD ["/run.sh"]'],
    options: { smokeTimeoutMs: 6000, smokeEmulationFactor: 1 },
    expect(result) {
      expect(result).toMatchObject({ status: 'passed', readiness: 'stays up for 3 s' })
      expect(checkOf(result, 'startup').status).toBe('skip')
    },
  },
  {
    name: 'health-inherited',
    title: 'inherits HEALTHCHECK from its base that it counts',
    lines: ['HEALTHCHECK CMD test -e /tmp/ok', 'FROM base', service('touch /tmp/ok'), 'CMD ["/run.sh"]'],
    expect(result) {
      expect(result).toMatchObject({ status: 'passed', readiness: 'HEALTHCHECK' })
    },
  },
  {
    name: 'slow-probe',
    title: 'has a HEALTHCHECK that is slower than it may be that it fails, and that it passes where it is emulated',
    lines: [service(), 'HEALTHCHECK --timeout=2s CMD sleep 3', 'CMD ["/run.sh"]'],
    options: { smokeTimeoutMs: 8_000, smokeEmulationFactor: 8 },
    expect: (result, architecture) => {
      const native = isNative(architecture, process.arch)
      expect(result.status).toBe(native ? 'failed' : 'passed')
      if (native) expect(result.reason).toMatch(/Health check exceeded timeout \(2s\)/)
    },
  },
  {
    name: 'health-hangs',
    title: 'has a HEALTHCHECK that hangs that no probe has ended',
    lines: [service(), 'HEALTHCHECK CMD sleep 1000', 'CMD ["/run.sh"]'],
    options: { smokeTimeoutMs: 6000, smokeEmulationFactor: 1 },
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^not ready within 6 s.*HEALTHCHECK: (no probe has ended|1 probe)/,
        state: /^running, starting$/,
        probes: expect.any(Array),
      }),
  },
  {
    name: 'stubborn',
    title: 'ignores SIGTERM that it was killed, as a warning',
    lines: [cmd('trap "" TERM; while :; do sleep 1; done'), 'HEALTHCHECK CMD true'],
    run: { timeout: 2 },
    expect(result) {
      expect(result.status).toBe('passed')
      expect(checkOf(result, 'stops')).toMatchObject({
        status: 'warn',
        reason: expect.stringMatching(/ignored SIGTERM for 2 s and was killed \(exit code 137\)/),
      })
    },
  },
  {
    name: 'flood',
    title: 'floods its log with 100 MB that it fails, with some of its lines only',
    lines: [
      file(
        '/run.sh',
        `#!/bin/sh\nawk 'BEGIN { s = "0123456789"; for (i = 0; i < 10; i++) s = s s; for (i = 0; i < 10240; i++) print i, substr("abcdefghijklmnopqrstuvwxyz", i % 26 + 1), s }'\necho the end >&2\nexit 3`,
      ),
      'HEALTHCHECK CMD false',
      'CMD ["/run.sh"]',
    ],
    options: within(60_000),
    expect(result, architecture) {
      failed(result, architecture, {
        reason: /exit code 3; its last line: the end/,
        state: /^exited, exit code 3$/,
        exitCode: 3,
        stdout: expect.any(Array),
        stderr: ['the end'],
        probes: expect.any(Array),
      })
      const { stdout = [] } = result.evidence ?? {}
      expect(stdout.length).toBeGreaterThan(100)
      expect(stdout.length).toBeLessThanOrEqual(201)
      expect(stdout.at(-1)).toMatch(/^10239 \w+ 0123/)
      expect(stdout.join('').length).toBeLessThan(500_000)
    },
  },
  {
    name: 'no-option',
    title: 'needs an option that has no value that the Supervisor would not start it, and where',
    lines: [service(), 'CMD ["/run.sh"]'],
    run: {
      options: { broker: null },
      schema: { broker: 'str' },
      optionLocations: new Map([['broker', { file: 'my_addon/config.yaml', line: 12, column: 3 }]]),
    },
    expect(result, architecture) {
      expect(result).toMatchObject({
        status: 'failed',
        reason:
          'the Supervisor would not start the add-on: my_addon/config.yaml:12:3: Option "broker" is required and has no value. Set it in "smoke-options".',
        diagnostics: [{ severity: 'error', where: { line: 12 } }],
        evidence: {
          state: 'not started',
          reproduce: `printf %s '{}' > options.json`,
          image: expect.stringMatching(/^sha256:/),
          emulated: !isNative(architecture, process.arch),
        },
      })
    },
  },
  {
    name: 'given-option',
    title: 'is given that option that it passes, and a password is never shown',
    lines: [
      service(
        'grep -q hunter2000 /data/options.json || exit 9',
        'cat /data/options.json',
        'stat -c %a:%u /data/options.json',
      ),
      'HEALTHCHECK CMD cat /data/options.json; exit 1',
      'CMD ["/run.sh"]',
    ],
    run: { options: { broker: null }, schema: { broker: 'str', pin: 'password' } },
    options: {
      smokeTimeoutMs: 10_000,
      smokeEmulationFactor: 1,
      smokeOptions: { broker: 'localhost', pin: 'hunter2000' },
    },
    expect(result, architecture) {
      failed(result, architecture, {
        reason: /^not ready within 10 s/,
        state: /^running, starting$/,
        stdout: ['{', '  "broker": "localhost",', '  "pin": "***"', '}', '600:0'],
        probes: expect.any(Array),
      })
      expect(result.evidence?.reproduce).toContain(`printf %s '{"broker":"localhost","pin":"***"}'`)
      expect(JSON.stringify(result)).not.toContain('hunter2000')
    },
  },
  {
    name: 'once',
    title: 'has "startup: once" and ends with 0 that it passes',
    lines: [cmd('sleep 1; echo migrated')],
    run: { startup: 'once' },
    expect(result) {
      expect(result).toMatchObject({ status: 'passed', readiness: 'ends with exit code 0 (startup: once)' })
    },
  },
  {
    name: 'once-fails',
    title: 'has "startup: once" and ends with 4 that it fails',
    lines: [cmd('sleep 1; exit 4')],
    run: { startup: 'once' },
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^ended after .* exit code 4/,
        state: /^exited, exit code 4$/,
        exitCode: 4,
      }),
  },
  {
    name: 'once-stays',
    title: 'has "startup: once" and does not end that it is still running',
    lines: [service(), 'CMD ["/run.sh"]'],
    run: { startup: 'once' },
    options: { smokeTimeoutMs: 4000, smokeEmulationFactor: 1 },
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^not ready within 4 s.*: it is still running, though startup is "once"$/,
        state: /^running$/,
      }),
  },
  {
    name: 'dies-probed',
    title: 'dies while it is probed that it ended, and why',
    lines: [
      file('/run.sh', '#!/bin/sh\nhttpd -f -p 8000 -h /tmp &\nsleep 2\necho "cannot bind" >&2\nexit 5'),
      'CMD ["/run.sh"]',
    ],
    options: { smokeHttp: { port: 8000, path: '/not/there' } },
    expect: (result, architecture) =>
      failed(result, architecture, {
        reason: /^ended after .* exit code 5; its last line: cannot bind/,
        state: /^exited, exit code 5$/,
        exitCode: 5,
        stderr: ['cannot bind'],
      }),
  },
  {
    name: 'surroundings',
    ofArchitecture: true,
    title: 'checks everything that config.yaml requests that it is there',
    lines: [
      service(
        'fail() { echo "missing: $1" >&2; exit 9; }',
        'touch /share/x /config/x /data/x || fail "folders"',
        'touch /ssl/x 2>/dev/null && fail "read-only folder"',
        '[ -d /ssl ] || fail ssl',
        '[ "$(ulimit -n)" = 1234 ] || fail ulimit',
        'grep -q "^tmpfs /tmp tmpfs" /proc/mounts || fail tmpfs',
        // NET_ADMIN and Docker's default capabilities.
        'grep -q "^CapEff:.*a80435fb$" /proc/self/status || fail "privileged"',
        'grep -q "^Seccomp:.2$" /proc/self/status || fail seccomp',
        '[ "$A_B" = "c d" ] || fail environment',
        '[ "$TZ" = Etc/UTC ] || fail TZ',
        '[ "$(hostname)" = local-my-addon ] || fail hostname',
        '[ -c /dev/fuse ] || fail device',
        '[ ! -e /dev/loop-control ] || fail "no device without a grant"',
        'touch /tmp/ok',
      ),
      'HEALTHCHECK CMD test -e /tmp/ok',
      'CMD ["/run.sh"]',
    ],
    run: {
      map: [
        { type: 'share', readOnly: false },
        { type: 'addon_config', readOnly: false },
        { type: 'ssl', readOnly: true },
      ],
      tmpfs: true,
      ulimits: new Map([['nofile', '1234']]),
      privileged: ['NET_ADMIN'],
      environment: new Map([
        ['A_B', 'c d'],
        ['TZ', 'Mars/Base'],
      ]),
      devices: ['/dev/fuse', '/dev/loop-control', '/dev/ttyUSB77'],
      featureFlags: new Set(['udev']),
    },
    options: { smokePrivileges: ['/dev/fuse', '/dev/ttyUSB77', 'SYS_ADMIN'] },
    expect(result) {
      // The reason shows more than the status.
      expect(result.reason).toMatch(/^HEALTHCHECK: .* after the start/)
      expect(result.evidence?.stderr).toBeUndefined()
      expect(checkOf(result, 'hardware')).toEqual({
        name: 'hardware',
        status: 'skip',
        reason:
          'not granted to the test: device /dev/loop-control: the test grants no device by default (grant it with "smoke-privileges: /dev/loop-control"); ' +
          'device /dev/ttyUSB77: this machine does not have it; ' +
          '/run/udev: the test mounts no folder of the host (grant it with "smoke-run-args: --volume /run/udev:/run/udev:ro")',
      })
    },
  },
]
