import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import type { TargetReport } from '../../src/report/model/report.ts'
import { readFacts } from '../environment/facts.ts'
import { type StepResult, startJob } from '../fakes/runner/runner.ts'
import { native } from '../smoke/smoke-fixture.ts'
import { addonFiles } from './addon.ts'

// Images are built and started, perhaps on a busy machine.
jest.setTimeout(240_000)

const { bases } = readFacts()

/** An add-on that prints what its container has, and ends with 3, so that the report has its output. */
async function run(config: string, script: readonly string[], inputs: Readonly<Record<string, string>> = {}) {
  const job = await startJob({
    files: addonFiles({
      base: bases?.tiny ?? '',
      image: 'localhost:1/{arch}-tiny',
      architectures: [native],
      command: [...script, 'exit 3'].join('; '),
      config,
    }),
    inputs: { target: 'tiny', cache: 'none', baseline: 'none', ...inputs },
  })
  try {
    const result = await job.main().done
    if (result.exitCode !== 1) throw new Error(`exit code ${result.exitCode}, not 1:\n${result.log}`)
    const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8'))
    expect((await job.post()).exitCode).toBe(0)
    expect(await job.orphans()).toEqual([])
    const [{ smoke }] = report.addons[0].targets as [TargetReport]
    if (!smoke?.evidence) throw new Error(`no evidence:\n${result.log}`)
    return { result, smoke, stdout: smoke.evidence.stdout.join('\n') }
  } finally {
    await job.end()
  }
}

const warningsOf = ({ commands }: StepResult) =>
  commands
    .filter(({ name }) => name === 'warning')
    .map(({ properties: { file, line }, message }) => `${file}:${line} ${message}`)

const yaml = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join('\n')

test.concurrent('names and values of "environment" reach the container, and neither a process nor a variable of the runner', async () => {
  // A configuration of docker that would have it call an "ssh" from its PATH. Both folders have names of two lines.
  const evil = await mkdtemp(join(tmpdir(), 'aicleaner-evil-'))
  const meta = join(
    evil,
    'config\nx',
    'contexts',
    'meta',
    createHash('sha256').update('evil').digest('hex'),
    'meta.json',
  )
  const programs = join(evil, 'bin\nx')
  await mkdir(dirname(meta), { recursive: true })
  await mkdir(programs)
  await writeFile(join(evil, 'config\nx', 'config.json'), '{"currentContext": "evil"}')
  await writeFile(meta, JSON.stringify({ Name: 'evil', Metadata: {}, Endpoints: { docker: { Host: 'ssh://evil' } } }))
  await writeFile(join(programs, 'ssh'), `#!/bin/sh\nenv > '${evil}/ran'\n`, { mode: 0o755 })
  try {
    const { result, stdout } = await run(
      yaml({
        environment: {
          DOCKER_CONFIG: `${evil}/config\nx`,
          DOCKER_HOST: '',
          PATH: `${programs}:/usr/sbin:/usr/bin:/sbin:/bin`,
          LD_PRELOAD: '/evil.so\n',
          INPUT_SECRETS: null,
          'A\nINPUT_SECRETS\nB': 'x',
          'INPUT_SECRETS=': 'x',
          'a.b': 'x',
        },
      }),
      [
        `printf '%s|' "$DOCKER_CONFIG" "$PATH" "$LD_PRELOAD" "$MINE" | tr '\\n' '~'`,
        // Its value would be masked.
        'echo; echo "secret of $' + '{#INPUT_SECRETS} characters"',
      ],
      { secrets: 'TOKEN=top-secret-4711', 'smoke-env': '"MINE=one\ntwo"' },
    )
    expect(stdout).toContain(
      `${evil}/config~x|${programs.replace('\n', '~')}:/usr/sbin:/usr/bin:/sbin:/bin|/evil.so~|one~two|`,
    )
    expect(stdout).toContain('secret of 0 characters')
    await expect(access(join(evil, 'ran'))).rejects.toThrow('ENOENT')
    const said = warningsOf(result).filter((line) => line.includes('"environment" entry'))
    expect(said).toHaveLength(3)
    for (const line of said) expect(line).toMatch(/^tiny\/config\.yaml:\d+ The smoke test ignores .*smoke-run-args/s)
  } finally {
    await rm(evil, { recursive: true })
  }
})

test.concurrent('names of JavaScript object properties do not crash the run', async () => {
  const { result, smoke } = await run(
    yaml({ hassio_api: true, hassio_role: 'constructor', map: ['constructor', '__proto__:rw', { type: 'toString' }] }),
    ['wget -q -O - --header "Authorization: Bearer $SUPERVISOR_TOKEN" http://supervisor/store'],
  )
  expect(smoke.reason).toMatch(/exit code 3/)
  expect(smoke.evidence?.supervisorCalls).toEqual(['GET /store → 403'])
  expect(warningsOf(result).join('\n')).toMatch(/tiny\/config\.yaml:\d+ "hassio_role" has "constructor"/)
})

test.concurrent('a folder in the place of a file of the image fails the smoke test, not the machine', async () => {
  const { smoke } = await run(yaml({ map: [{ type: 'data', path: '/bin/busybox' }] }), ['true'])
  expect(smoke.reason).toContain('/bin/busybox is not a folder in the image')
})

const asking = yaml({
  devices: ['/dev/fuse'],
  privileged: ['SYS_ADMIN', 'NET_ADMIN'],
  apparmor: false,
  full_access: true,
  host_pid: true,
  docker_api: true,
  map: [{ type: 'share', path: '/proc' }],
})
const look = [
  'test -e /dev/fuse && echo "a device" || echo "no device"',
  'grep -E "^(CapEff|Seccomp):" /proc/self/status',
  'cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null',
  'ls -d /run/docker.sock /share 2>&1',
]

test.concurrent('a container gets no device, capability or socket because of config.yaml, and the report explains how to grant them', async () => {
  const { smoke, stdout } = await run(asking, look)
  expect(stdout).toContain('no device')
  // Docker's own, and NET_ADMIN.
  expect(stdout).toMatch(/CapEff:\s+00000000a80435fb/)
  expect(stdout).toMatch(/Seccomp:\s+2/)
  expect(stdout).toMatch(/^4096$/m)
  expect(stdout).toMatch(/^\/share$/m)
  expect(stdout).not.toMatch(/^\/run\/docker.sock$/m)
  expect(smoke.reason).toMatch(
    /exit code 3.*\. It requests SYS_ADMIN, device \/dev\/fuse, .* and no AppArmor profile, which the test does not grant; to grant it, set "smoke-privileges: SYS_ADMIN, \/dev\/fuse" and /,
  )
  const hardware = smoke.checks.filter(({ name }) => name === 'hardware')
  expect(hardware).toHaveLength(1)
  expect(hardware[0]).toMatchObject({
    status: 'skip',
    reason: expect.stringContaining(
      'SYS_ADMIN: the test does not grant it (grant it with "smoke-privileges: SYS_ADMIN")',
    ),
  })
})

test.concurrent('the owner of the workflow can grant a requested device and capability', async () => {
  const { smoke, stdout } = await run(asking, look, {
    'smoke-privileges': 'SYS_ADMIN, SYS_TIME\n/dev/fuse\n/dev/zero9',
  })
  expect(stdout).toContain('a device')
  expect(stdout).toMatch(/CapEff:\s+00000000a82435fb/)
  expect(stdout).toMatch(/Seccomp:\s+2/)
  expect(smoke.reason).not.toMatch(/requests [^;]*SYS_ADMIN/)
})
