import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readCommandLine } from '../../../src/cli/arguments.ts'
import { smoke } from '../../../src/cli/commands/smoke.ts'
import { terminalLog } from '../../../src/platform/log/terminal.ts'
import { createProcesses } from '../../../src/platform/processes.ts'
import { describeWith } from '../../environment/describe-with.ts'
import { buildFixture, file, leftovers, makeHost, removeFolders } from '../../smoke/smoke-fixture.ts'

const limitMs = 180_000
const program = fileURLToPath(new URL('../../../src/cli/cli.ts', import.meta.url))
const usual = ['--smoke-checks', 'restart=off,read-only=off,capabilities=off,network=off']

/** Where the way out of the network is the Supervisor itself, this machine's process stands in for it; else a container does. */
const elsewhere = '! ip route | grep -q "^default via $(grep -m1 supervisor /etc/hosts | cut -f1) "'

const asks = file(
  '/run.sh',
  [
    '#!/bin/sh',
    'trap "exit 0" TERM',
    'wget -q -O - --header "Authorization: Bearer $SUPERVISOR_TOKEN" "http://supervisor/addons/self/info" | grep -q my_addon || exit 9',
    'touch /tmp/ok',
    'while :; do sleep 1 & wait $!; done',
  ].join('\n'),
)

describeWith(['engine', 'bases'], 'smoke IMAGE --target FOLDER', () => {
  const builder = makeHost()
  const root = mkdtempSync(join(tmpdir(), 'aicleaner-command-'))
  const folder = join(root, 'repository', 'my_addon')
  const images: Record<string, string> = {}
  // Besides config.yaml there is nothing, and need not be.
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(root, 'repository', '.git'))
  const config = 'name: N\nversion: "1"\nslug: my_addon\ndescription: d\narch: [amd64, aarch64]\nstartup: application\n'
  writeFileSync(join(folder, 'config.yaml'), `${config}options:\n  level: 5\nschema:\n  level: int\n`)
  const notBuilt = join(root, 'repository', 'not_built')
  mkdirSync(notBuilt)
  writeFileSync(join(notBuilt, 'config.yaml'), config)
  // Nothing of it can be built.
  writeFileSync(
    join(notBuilt, 'build.yaml'),
    'build_from:\n  aarch64: FROM localhost/base:1\n  sparc: localhost/base:1\n',
  )
  writeFileSync(join(notBuilt, 'Dockerfile'), 'ARG BUILD_FROM\nFROM $BUILD_FROM\n')
  writeFileSync(join(notBuilt, 'Dockerfile.aarch64'), 'BOIL water\n')
  mkdirSync(join(root, 'repository', 'broken'))
  writeFileSync(
    join(root, 'repository', 'broken', 'config.yaml'),
    `${config.replace('my_addon', 'broken')}options:\n  level: five\nschema:\n  level: int\n  name: str\n`,
  )

  beforeAll(async () => {
    const healthy = [asks, 'HEALTHCHECK CMD test -e /tmp/ok', 'CMD ["/run.sh"]']
    // A hundred megabytes without the end of a line.
    const flood = `CMD head -c 100000000 /dev/zero | tr '\\0' x; echo the end >&2; exit 3`
    const lines = { healthy, ends: ['CMD seq 1000; exit 3'], flood: ['HEALTHCHECK CMD false', flood] }
    await Promise.all(
      Object.entries(lines).map(async ([name, lines]) => {
        images[name] = await buildFixture({ name: `command-${name}`, lines }, builder)
      }),
    )
  }, limitMs)
  afterAll(async () => {
    await builder.processes.exec('docker', ['image', 'rm', '--force', ...Object.values(images)])
    rmSync(root, { recursive: true, force: true })
    removeFolders()
  })

  /** As a program of its own. */
  const call = (command: readonly string[], args: readonly string[]) => {
    const [first = process.execPath, ...rest] = [...command, process.execPath, '--disable-warning=ExperimentalWarning']
    const { exec } = createProcesses({ ...process.env, GITHUB_WORKSPACE: undefined })
    return exec(first, [...rest, program, 'smoke', ...args], { timeoutMs: limitMs, pass: ['DOCKER_HOST'] })
  }

  test(
    'works for a folder elsewhere without a Dockerfile, also for a user who may not bind port 80: then a container is used',
    async () => {
      const mayNotBind = ['setpriv', '--bounding-set=-net_bind_service', '--inh-caps=-net_bind_service']
      const args = [images.healthy ?? '', '--target', folder, ...usual]
      const { exitCode, stdout, stderr } = await call(mayNotBind, [...args, '--smoke-command', elsewhere])
      expect(stderr).toBe('')
      expect(stdout).toMatch(/^Smoke test passed: HEALTHCHECK and smoke-command: /)
      expect(stdout).toMatch(/✓ supervisor: 1 distinct request, all answered/)
      expect(exitCode).toBe(0)
    },
    limitMs,
  )

  test(
    'needs no more memory for a flood, and survives a reader who has seen enough',
    async () => {
      const { exec } = createProcesses(process.env)
      const node = `'${process.execPath}' --max-old-space-size=64 --disable-warning=ExperimentalWarning`
      const line = `cd '${root}' && { ${node} '${program}' smoke '${images.flood}' --target '${folder}'; echo "ended with $?" >&2; } | head -n 1`
      const { stdout, stderr } = await exec('sh', ['-c', line], { timeoutMs: limitMs, pass: ['DOCKER_HOST'] })
      expect({ stdout, stderr }).toEqual({
        stdout: expect.stringMatching(/^Smoke test failed: ended after .* exit code 3; its last line: the end\n$/),
        stderr: 'ended with 1\n',
      })
    },
    limitMs,
  )

  describe('in this process', () => {
    const run = async (args: readonly string[], environment: NodeJS.ProcessEnv = process.env) => {
      const said: string[] = []
      const keep = (line: string): void => void said.push(line)
      const host = makeHost({
        workspace: join(root, 'repository'),
        log: terminalLog(keep, keep),
        environment,
        processes: createProcesses(environment),
      })
      const exitCode = await smoke(readCommandLine(['smoke', ...args]), host)
      expect(await leftovers({ ...host, processes: createProcesses(process.env) })).toEqual([])
      return { exitCode, said: said.join('\n') }
    }

    test(
      'reports why an image fails, with evidence, and exits with 1',
      async () => {
        const { exitCode, said } = await run([images.ends ?? '', '--target', 'my_addon', ...usual])
        expect(exitCode).toBe(1)
        expect(said).toMatch(/^Smoke test failed: ended after .* exit code 3; its last line: 1000\n {2}ready when: /)
        expect(said).toMatch(/ {2}state: exited, exit code 3\n {2}image: sha256:[0-9a-f]{64}\n {2}stdout:\n/)
        expect(said).toMatch(/ {2}to reproduce it:\n {4}cd .* docker run --rm .*command-ends:\w+$/)
      },
      limitMs,
    )

    test(
      'needs no base image and no Dockerfile of any architecture',
      async () => {
        const { exitCode, said } = await run([images.healthy ?? '', '--target', 'not_built', ...usual])
        expect(said).toMatch(/^Smoke test passed: /)
        expect(exitCode).toBe(0)
      },
      limitMs,
    )

    test.each<[string, number, RegExp, () => readonly string[]]>([
      [
        'options that the Supervisor would refuse, each at its line',
        1,
        /options \(2\):\n {4}broken\/config\.yaml:8:3: Option "level" .*\n {4}broken\/config\.yaml:11:3: Option "name" is required/,
        () => [images.healthy ?? '', '--target', 'broken'],
      ],
      [
        'an option of the input',
        1,
        /would not start the add-on: smoke-options: Option "level" must be a whole number, but is "x"/,
        () => [images.healthy ?? '', '--target', 'my_addon', '--smoke-options', 'level: x'],
      ],
      [
        'an image that is not there',
        2,
        /no image not\/there:1.*\[smoke\/no-image\]/,
        () => ['not/there:1', '--target', 'my_addon'],
      ],
      ['a folder without an add-on', 2, /addon\/no-folder|addon\/not-an-addon/, () => ['x', '--target', 'nowhere']],
      [
        'a check that there is not',
        2,
        /Did you mean "stops"/,
        () => ['x', '--target', 'my_addon', '--smoke-checks', 'stop=fail'],
      ],
      ['no Docker', 3, /environment\/no-docker/, () => [images.healthy ?? '', '--target', 'my_addon']],
    ])(
      '%s: ends with %i',
      async (title, expected, words, args) => {
        const nowhere = { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' }
        const { exitCode, said } = await run(args(), title === 'no Docker' ? nowhere : process.env)
        expect(said).toMatch(words)
        expect(exitCode).toBe(expected)
      },
      limitMs,
    )
  })
})
