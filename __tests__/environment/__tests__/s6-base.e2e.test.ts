import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildFixture, type Fixture, file, makeHost, removeFolders } from '../../smoke/smoke-fixture.ts'
import { describeWith } from '../describe-with.ts'

/** A legacy service, an s6-rc service that depends on a oneshot, and a script that runs before them. */
const fixture: Fixture = {
  name: 's6-base',
  base: 's6',
  lines: [
    'ENV GREETING="good day" S6_KILL_GRACETIME=100',
    file('/etc/cont-init.d/first.sh', '#!/usr/bin/with-contenv bash\necho "cont-init: $GREETING"'),
    file('/etc/s6-overlay/s6-rc.d/user/type', 'bundle'),
    file('/etc/s6-overlay/s6-rc.d/user/contents.d/main', ''),
    file('/etc/s6-overlay/s6-rc.d/prepare/type', 'oneshot'),
    file('/etc/s6-overlay/s6-rc.d/prepare/up', '/prepare.sh'),
    file('/prepare.sh', '#!/command/with-contenv bash\necho "prepare: $GREETING"; exit $PREPARE'),
    file('/etc/s6-overlay/s6-rc.d/main/type', 'longrun'),
    file('/etc/s6-overlay/s6-rc.d/main/dependencies.d/prepare', ''),
    file(
      '/etc/s6-overlay/s6-rc.d/main/run',
      '#!/command/with-contenv bash\necho "main: $GREETING"\n[ -z "$DIES" ] && exec sleep infinity\nexit "$DIES"',
    ),
    file(
      '/etc/s6-overlay/s6-rc.d/main/finish',
      [
        '#!/bin/sh',
        'echo "finish: $1 $2"',
        '[ "$1" = 256 ] && exit 0',
        'echo "$1" >/run/s6-linux-init-container-results/exitcode',
        's6-svdt /run/service/main',
        'exec /run/s6/basedir/bin/halt',
      ].join('\n'),
    ),
    file('/etc/services.d/old/run', '#!/bin/sh\necho "old: $GREETING"\nexec sleep 1000'),
  ],
}

describeWith(['engine', 'bases'], 'the base with s6', () => {
  const host = makeHost()
  let image: string
  beforeAll(async () => {
    image = await buildFixture(fixture, host)
  }, 120_000)
  afterAll(() => host.processes.exec('docker', ['image', 'rm', '--force', image]))
  afterAll(removeFolders)

  const start = (options: readonly string[], ...command: readonly string[]) =>
    host.processes.exec('docker', ['run', '--rm', ...options, image, ...command], { timeoutMs: 60_000 })

  test('refuses to be another process than 1, as s6-overlay does', async () => {
    const answer = await start(['--init'])
    expect(answer).toMatchObject({ exitCode: 100, stderr: 's6-overlay-suexec: fatal: can only run as pid 1\n' })
  })
  test('starts services in order, then the command, and ends with the exit code of the command', async () => {
    const { exitCode, stdout, stderr } = await start([], 'sh', '-c', 'echo "command: $GREETING"; exit 7')
    expect(exitCode).toBe(7)
    const lines = stdout.trim().split('\n')
    expect(lines.slice(0, 2)).toEqual(['cont-init: good day', 'prepare: good day'])
    // Only what runs under with-contenv sees the environment of the container.
    expect(lines).toEqual(expect.arrayContaining(['main: good day', 'command: good day', 'finish: 256 15']))
    expect(stdout).not.toContain('old: good day')
    const stopping = [...stderr.matchAll(/service (\S+): stopping/g)].map(([, name]) => name)
    expect(stopping.slice(0, 3)).toEqual(['legacy-services', 'main', 'prepare'])
  })
  test('gives the command its input', async () => {
    const given = ['run', '--rm', '--interactive', image, 'head', '-n1']
    const answer = await host.processes.exec('docker', given, { input: 'a line\n', timeoutMs: 60_000 })
    expect(answer.stdout).toContain('a line\n')
  })
  test('ends with the exit code that a finish script leaves, and tallies the death', async () => {
    const { exitCode, stdout } = await start(['--env', 'DIES=9'])
    expect(exitCode).toBe(9)
    expect(stdout).toMatch(/finish: 9 0\n@[0-9a-f]{24} exitcode 9\n/)
  })
  test('ends if a oneshot fails', async () => {
    const { exitCode, stderr } = await start(['--env', 'PREPARE=3'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('s6-rc: warning: unable to start service prepare: command exited 3\n')
    expect(stderr).toContain('rc.init: fatal: stopping the container.\n')
  })
  test('stops its services on SIGTERM', async () => {
    const { stdout: id } = await host.processes.exec('docker', ['run', '--detach', image])
    const container = id.trim()
    try {
      await host.processes.exec('docker', [
        'exec',
        container,
        'sh',
        '-c',
        'until /command/s6-svstat /run/service/old; do sleep 0.1; done',
      ])
      await host.processes.exec('docker', ['stop', '--time', '30', container], { timeoutMs: 60_000 })
      const logs = await host.processes.exec('docker', ['logs', container])
      expect(logs.stdout).toContain('finish: 256 15\n')
      const state = await host.processes.exec('docker', ['inspect', '--format', '{{.State.ExitCode}}', container])
      expect(state.stdout.trim()).toBe('0')
    } finally {
      await host.processes.exec('docker', ['rm', '--force', '--volumes', container])
    }
  }, 90_000)
})
