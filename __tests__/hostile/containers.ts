// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell.
import { expect } from '@jest/globals'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { addonFiles } from '../e2e/addon.ts'

/** An add-on whose container does its worst, and what has to be said of it. */
export interface HostileContainer {
  readonly slug: string
  /** Completes "an add-on that …". */
  readonly title: string
  /** What CMD runs, in a shell. */
  readonly script: string
  /** Lines of the Dockerfile before CMD. */
  readonly build?: readonly string[]
  readonly config?: readonly string[]
  readonly healthcheck?: string
  expect(result: SmokeResult): void
}

/** Things of the runner that a container must never find. */
export interface Surroundings {
  /** A folder of the runner with the file `canary` in it. */
  readonly folder: string
}

/** Never: what ends a test is then the end of the container. */
const never = 'HEALTHCHECK --interval=1s CMD false'

/** A script by which each attempt says what it could do. The last line says that all were made. */
const attempts = (tried: Readonly<Record<string, string>>, code: number): string =>
  [
    ...Object.entries(tried).map(([name, command]) => `if ${command} >/dev/null 2>&1; then echo "could ${name}"; fi`),
    'echo "tried all"',
    `exit ${code}`,
  ].join('\n')

/** `CapEff` has this bit. Source: linux/capability.h. */
const capability = (bit: number): string =>
  `[ $(( 0x$(sed -n 's/^CapEff:\\t*//p' /proc/self/status) >> ${bit} & 1 )) = 1 ]`

const ended = (code: number) =>
  expect.objectContaining({ status: 'failed', reason: expect.stringMatching(new RegExp(`exit code ${code}\\b`)) })

const said = (result: SmokeResult): string => (result.evidence?.stdout ?? []).join('\n')

export const hostileContainers = ({ folder }: Surroundings): readonly HostileContainer[] => [
  {
    slug: 'commands',
    title: 'prints workflow commands and terminal sequences',
    script: [
      String.raw`printf '::error::one\n  ::set-env name=A::b\n\302\205::warning::two\n##[add-path]/tmp\nx##[error]three\n::stop-commands::x\n::add-mask::o\n::set-output name=plan::four\n'`,
      String.raw`printf '\033]0;title\007\033[2J\033[31mred\033[0m\r::error::five\n\233[31m\302\23331m\n'`,
      String.raw`printf '::group::six\n::save-state name=runId::0\n::notice::seven\n' >&2`,
      'exit 3',
    ].join('\n'),
    healthcheck: never,
    expect(result) {
      expect(result).toEqual(ended(3))
      expect(said(result)).toContain('one')
    },
  },
  {
    slug: 'flood',
    title: 'floods its log with 100 MB',
    script: 'yes "::error::flood 0123456789abcdefghijklmnopqrstuvwxyz" | head -c 100000000\necho the end >&2\nexit 4',
    healthcheck: never,
    expect(result) {
      expect(result.status).toBe('failed')
      expect(JSON.stringify(result).length).toBeLessThan(500_000)
    },
  },
  {
    slug: 'forks',
    title: 'starts more processes than it may have',
    // Bounded, so that the machine lives on where there is no limit; a shell that cannot fork ends with 2.
    script: 'i=0\nwhile [ $i -lt 6000 ]; do sleep 60 & i=$((i+1)); done\necho "no limit"\nexit 77',
    healthcheck: never,
    expect(result) {
      expect(result.status).toBe('failed')
      expect(said(result)).not.toContain('no limit')
      expect(result.evidence?.exitCode).not.toBe(77)
    },
  },
  {
    slug: 'memory',
    title: 'eats memory until it is killed',
    script: `sleep 1; exec awk 'BEGIN { s = "0123456789abcdef"; while (1) s = s s }'`,
    healthcheck: never,
    expect(result) {
      expect(result).toMatchObject({ status: 'failed', evidence: { outOfMemory: true } })
    },
  },
  {
    slug: 'stubborn',
    title: 'ignores SIGTERM',
    script: 'trap "" TERM; while :; do sleep 1; done',
    config: ['timeout: 10'],
    healthcheck: 'HEALTHCHECK --interval=1s CMD true',
    expect(result) {
      expect(result.status).toBe('passed')
      expect(result.checks.find(({ name }) => name === 'stops')).toMatchObject({ status: 'warn' })
    },
  },
  {
    slug: 'breakout',
    title: 'asks for everything and tries to break out',
    script: attempts(
      {
        'use SYS_ADMIN': capability(21),
        'use SYS_MODULE': capability(16),
        'use SYS_RAWIO': capability(17),
        'use SYS_PTRACE': capability(19),
        'use DAC_READ_SEARCH': capability(2),
        'use SYS_TIME': capability(25),
        'run without seccomp': "grep -q '^Seccomp:.0$' /proc/self/status",
        'see a disk': '[ -e /dev/loop0 ]',
        'see the log of the kernel': '[ -e /dev/kmsg ]',
        'read a disk': 'mknod /tmp/disk b 7 0 && dd if=/tmp/disk of=/dev/null count=1',
        'read memory': 'mknod /tmp/mem c 1 1 && dd if=/tmp/mem of=/dev/null count=1',
        mount: 'mkdir -p /mnt && mount -t tmpfs none /mnt',
        'mount proc': 'mkdir -p /mnt && mount -t proc none /mnt',
        'write core_pattern': 'echo "|/tmp/x" > /proc/sys/kernel/core_pattern',
        'write sysrq': 'echo h > /proc/sysrq-trigger',
        'set the host name': 'hostname hostile',
        'make a namespace': 'unshare -m true',
        'enter a namespace': 'nsenter -t 1 -m -u -i -n -p true && [ "$(ls /proc | grep -c "^[0-9]")" -gt 60 ]',
        'find a socket of Docker': '[ -e /var/run/docker.sock ] || [ -e /run/docker.sock ]',
        'see processes of the runner': '[ "$(ls /proc | grep -c "^[0-9]")" -gt 60 ]',
        'see networks of the runner': 'grep -q docker0 /proc/net/dev',
        'find the folder of the runner': `[ -e ${folder} ]`,
        'reach the metadata of a cloud': 'wget -q -T 2 -O /tmp/m http://169.254.169.254/latest/meta-data/',
        'load a module': 'insmod /tmp/disk',
      },
      5,
    ),
    config: [
      'privileged: [SYS_ADMIN, SYS_MODULE, SYS_RAWIO, SYS_PTRACE, DAC_READ_SEARCH, SYS_TIME]',
      'devices: [/dev/loop0, /dev/kmsg, "/dev/mem:/dev/mem:rwm"]',
      'host_network: true',
      'host_pid: true',
      'host_ipc: true',
      'host_uts: true',
      'host_dbus: true',
      'docker_api: true',
      'full_access: true',
      'kernel_modules: true',
      'udev: true',
      'apparmor: false',
    ],
    healthcheck: never,
    expect(result) {
      expect(said(result)).toBe('tried all')
      expect(result).toEqual(ended(5))
      const hardware = result.checks.filter(({ name }) => name === 'hardware').map(({ reason }) => reason)
      expect(hardware.join('\n')).toContain('SYS_ADMIN')
    },
  },
  {
    slug: 'requests',
    title: 'asks the fake for the Supervisor ten thousand times',
    script: [
      // Pipelined: ten thousand programs would take longer than the test.
      `awk 'BEGIN { for (i = 0; i < 10000; i++) printf "GET /addons/%d/info HTTP/1.1\\r\\nHost: supervisor\\r\\nAuthorization: Bearer forged%d\\r\\n\\r\\n", i, i }' > /tmp/requests`,
      '(cat /tmp/requests; sleep 8) | nc supervisor 80 > /tmp/answers &',
      'i=0; while [ $i -lt 100 ]; do (printf "GET /info HTTP/1.1\\r\\nX: "; sleep 8) | nc supervisor 80 > /dev/null & i=$((i+1)); done',
      '(printf "POST /addons/self/options HTTP/1.1\\r\\nHost: supervisor\\r\\nAuthorization: Bearer $SUPERVISOR_TOKEN\\r\\nContent-Length: 100000000\\r\\n\\r\\n"; head -c 100000000 /dev/zero) | nc supervisor 80 > /tmp/huge &',
      'ask() { printf "GET $1 HTTP/1.1\\r\\nHost: supervisor\\r\\nAuthorization: Bearer $SUPERVISOR_TOKEN\\r\\nConnection: close\\r\\n\\r\\n" | nc -w 5 supervisor 80; }',
      'for path in /../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd /addons/../supervisor/info //addons/secrets/info /addons/secrets/info /addons/secrets/options/config /__proto__ /constructor /addons/constructor/info /addons/self/__proto__; do ask "$path" >> /tmp/paths; done',
      'wait',
      'grep -q root:x /tmp/paths && echo "could read a file"',
      'grep -q of-another-add-on /tmp/paths && echo "could read options of another add-on"',
      'grep -q "HTTP/1.1 2" /tmp/answers && echo "could use a forged token"',
      'ask /addons/self/info | grep -q "^HTTP/1.1 [23457]" && echo "it still answers"',
      'exit 6',
    ].join('\n'),
    config: ['hassio_api: true', 'hassio_role: constructor'],
    healthcheck: never,
    expect(result) {
      expect(result.status).toBe('failed')
      expect(said(result)).toBe('it still answers')
      expect(JSON.stringify(result).length).toBeLessThan(1_000_000)
    },
  },
  {
    slug: 'health',
    title: 'has a HEALTHCHECK that prints 10 MB',
    script: 'while :; do sleep 1; done',
    healthcheck: 'HEALTHCHECK --interval=1s CMD yes "::error::probe" | head -c 10000000; exit 1',
    expect(result) {
      expect(result).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^not ready within/) })
      expect(JSON.stringify(result).length).toBeLessThan(1_000_000)
    },
  },
  {
    slug: 'names',
    title: 'names files with line ends and commands',
    script: [
      String.raw`name="$(printf '/\n::error::file\n\033[31m')"`,
      'touch "$name"',
      `mkdir "/$(printf '\\302\\205::error::folder')" "/$(printf '\\377\\376')"`,
      'exit 7',
    ].join('\n'),
    healthcheck: never,
    expect(result) {
      expect(result).toEqual(ended(7))
      expect(result.evidence?.diff.length).toBeGreaterThan(0)
    },
  },
  {
    slug: 'image',
    title: 'has an image whose config is hostile',
    build: [
      'LABEL "::error::label"="a\\',
      '::error::value" io.hass.version="$(id)" __proto__="x"',
      'ENV DOCKER_HOST=tcp://evil.example:1 LD_PRELOAD=/evil.so PATH=/tmp:/bin:/usr/bin NODE_OPTIONS=--require=/evil.js A="--privileged" B="::error::b"',
      'EXPOSE 65535',
      'STOPSIGNAL SIGCONT',
      'USER 4294967:4294967',
      'WORKDIR /::error::folder',
      'ENTRYPOINT ["sh", "-c", "echo ::error::entry; exit 8", "--privileged"]',
    ],
    script: 'exit 1',
    healthcheck: never,
    expect(result) {
      expect(result).toEqual(ended(8))
    },
  },
  {
    slug: 'linked_options',
    title: 'has /data/options.json as a link to a file of the runner',
    build: [`RUN mkdir -p /data && ln -s ${folder}/canary /data/options.json`, 'VOLUME /data'],
    script: `cat ${folder}/canary\nls ${folder}\nexit 9`,
    healthcheck: never,
    expect(result) {
      expect(result).toEqual(ended(9))
      expect(said(result)).not.toContain('canary-of-the-runner')
    },
  },
  {
    slug: 'linked_data',
    title: 'has /data as a link to a folder of the runner',
    build: [`RUN rm -rf /data && ln -s ${folder} /data`],
    script: `cat ${folder}/canary\nexit 10`,
    healthcheck: never,
    expect(result) {
      expect(result.status).toBe('failed')
      expect(JSON.stringify(result)).not.toContain('canary-of-the-runner')
    },
  },
  {
    slug: 'processes',
    title: 'calls its processes as commands',
    build: [
      `RUN printf '#!/bin/sh\\nwhile :; do /service.sh; sleep 1; done\\n' > /usr/bin/s6-supervise && printf '#!/bin/sh\\nexit 1\\n' > /service.sh && chmod 755 /usr/bin/s6-supervise /service.sh`,
    ],
    script: String.raw`printf '::error::comm' > /proc/self/comm; exec /usr/bin/s6-supervise "$(printf '\n::error::process\n\033[31m##[error]x')"`,
    healthcheck: 'HEALTHCHECK --interval=1s CMD true',
    expect(result) {
      expect(result).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^crash loop/) })
    },
  },
  {
    slug: 'secrets',
    title: 'prints its environment',
    config: [
      'environment:',
      '  "A\\nPATH\\nGITHUB_TOKEN\\nINPUT_PASSWORD": "x"',
      '  DOCKER_CONFIG: "a\\nb"',
      '  TOKEN: of-another-add-on',
    ],
    script: 'env\ntr "\\0" "\\n" < /proc/1/environ\ncat /proc/*/environ | tr "\\0" "\\n"\nexit 11',
    healthcheck: never,
    expect(result) {
      expect(result).toEqual(ended(11))
      expect(said(result)).toMatch(/^PATH=/m)
      expect(said(result)).not.toMatch(/INPUT_|ACTIONS_|GITHUB_|RUNNER_/)
    },
  },
]

/** The files of one of them. */
export const filesOf = (one: HostileContainer, base: string): Readonly<Record<string, string>> =>
  addonFiles({
    base,
    slug: one.slug,
    architectures: ['amd64'],
    command: one.script,
    ...(one.build && { build: one.build.join('\n') }),
    ...(one.healthcheck !== undefined && { healthcheck: one.healthcheck }),
    config: [`image: local/{arch}-${one.slug.replaceAll('_', '-')}`, ...(one.config ?? [])].join('\n'),
  })
