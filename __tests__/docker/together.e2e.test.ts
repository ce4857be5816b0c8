import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import {
  anyRepository,
  errorsOf,
  type FaultOptions,
  finish,
  published,
  runFault,
  startFault,
} from '../faults/fault-job.ts'
import { gate } from '../faults/gate.ts'
import { describeWith } from '../testbed/describe-with.ts'

jest.setTimeout(300_000)

const architectures = ['amd64', 'aarch64', 'armv7']
const quick = { 'smoke-test': 'false', audit: 'off', baseline: 'none', cache: 'none', driver: 'docker' }

describeWith(['containerd-engine', 'emulators', 'bases'], 'builds of several architectures', ({ engines }) => {
  const dockerHost = engines.containerd ?? ''
  let config = ''

  /** A buildx that notes what it is asked for, and becomes the real one. */
  beforeEach(async () => {
    config = await mkdtemp(join(tmpdir(), 'aicleaner-together-'))
    const template = '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{end}}{{end}}'
    const real = execFileSync('docker', ['info', '--format', template], { encoding: 'utf8' }).trim()
    const plugin = join(config, 'cli-plugins', 'docker-buildx')
    await mkdir(dirname(plugin))
    await writeFile(plugin, `#!/bin/sh\necho "$1" >> "${join(config, 'calls')}"\nexec "${real}" "$@"\n`, {
      mode: 0o755,
    })
  })
  afterEach(() => rm(config, { recursive: true }))

  const build = async (options: FaultOptions) => {
    const repository = anyRepository()
    await writeFile(join(config, 'calls'), '')
    const result = await runFault({
      repository,
      ...options,
      addon: { architectures, ...options.addon },
      inputs: { ...quick, ...options.inputs },
      environment: { DOCKER_HOST: dockerHost, DOCKER_CONFIG: config, SOURCE_DATE_EPOCH: '1700000000' },
    })
    const calls = (await readFile(join(config, 'calls'), 'utf8')).split('\n').filter(Boolean)
    return { result, calls, digests: await published(repository, architectures) }
  }

  test('take one buildx where all steps are in its cache, and give what each has been given by its own before', async () => {
    const mark = randomBytes(6).toString('hex')
    // Nothing of this may mean anything to a bake file.
    const odd = ['$', '{HOME} %', '{ if true } "a, b=c" \\ ', "'", ' ', '$$', '{x}'].join('')
    const options = {
      addon: { build: `ARG ODD\nRUN echo "${mark} $ODD" > /content` },
      inputs: { 'build-args': `ODD=${odd}`, labels: `odd=${odd}`, annotations: `odd=${odd}` },
    }
    const alone = await build(options)
    expect([alone.result.exitCode, alone.calls.sort()]).toEqual([0, ['bake', 'build', 'build', 'build']])
    const together = await build(options)
    expect([together.result.exitCode, together.calls]).toEqual([0, ['bake']])
    expect(Object.keys(together.digests)).toHaveLength(4)
    expect(together.digests).toEqual(alone.digests)
    expect(together.result.log.match(/CACHED/g)).toHaveLength(6)
    expect(together.result.log).not.toContain('t0')
  })

  test('go on by themselves where one has to execute a step, which does not take the others down when it fails', async () => {
    const mark = randomBytes(6).toString('hex')
    const addon = { build: `RUN echo ${mark} > /content` }
    expect((await build({ addon })).result.exitCode).toBe(0)
    const failing = { build: `${addon.build}\nRUN sleep 1; test "$BUILD_ARCH" != armv7` }
    const { result, calls, digests } = await build({ addon: failing })
    expect([result.exitCode === 0, calls.sort()]).toEqual([false, ['bake', 'build', 'build', 'build']])
    expect(errorsOf(result)).toMatch(/armv7/)
    expect(errorsOf(result)).not.toMatch(/amd64|aarch64/)
    expect(result.log).toMatch(/amd64: built in[\s\S]*aarch64: built in[\s\S]*armv7: the build failed/)
    expect(digests).toEqual({})
  })

  test('are all cancelled together, and leave nothing', async () => {
    const repository = anyRepository()
    const held = await gate('docker-buildx bake *')
    try {
      const environment = { DOCKER_HOST: dockerHost, ...held.environment }
      const job = await startFault({ repository, addon: { architectures }, inputs: quick, environment })
      const step = job.main()
      await held.arrived()
      const ending = step.cancel()
      await held.open()
      const { exitCode } = await finish(job, await ending, dockerHost)
      // By itself; or by the runner, after ten seconds, on a machine that is too busy for more.
      expect([130, 137]).toContain(exitCode)
      expect(await published(repository, architectures)).toEqual({})
    } finally {
      await held.remove()
    }
  })
})
