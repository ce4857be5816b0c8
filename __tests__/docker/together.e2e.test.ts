import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import {
  anyRepository,
  errorsOf,
  type FaultOptions,
  finish,
  published,
  runFault,
  runsOf,
  startFault,
} from '../faults/fault-job.ts'
import { gate } from '../faults/gate.ts'
import { describeWith } from '../testbed/describe-with.ts'
import { type NotingBuildx, noteBuildx } from './noting-buildx.ts'

jest.setTimeout(300_000)

const architectures = ['amd64', 'aarch64', 'armv7']
const quick = { 'smoke-test': 'false', audit: 'off', baseline: 'none', cache: 'none', driver: 'docker' }

describeWith(['containerd-engine', 'emulators', 'bases'], 'builds of several architectures', ({ engines }) => {
  const dockerHost = engines.containerd ?? ''
  let folder = ''
  let buildx: NotingBuildx
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aicleaner-together-'))
    buildx = await noteBuildx(join(folder, 'docker'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** On a machine that is there again: the same checkout, the same home. */
  const setting = (options: FaultOptions): FaultOptions & { readonly repository: string } => ({
    repository: anyRepository(),
    workspace: join(folder, 'work', 'addons'),
    ...options,
    addon: { architectures, ...options.addon },
    inputs: { ...quick, ...options.inputs },
    environment: {
      DOCKER_HOST: dockerHost,
      ...buildx.environment,
      RUNNER_ENVIRONMENT: 'self-hosted',
      XDG_CACHE_HOME: join(folder, 'cache'),
      SOURCE_DATE_EPOCH: '1700000000',
      ...options.environment,
    },
  })

  const build = async (changes: FaultOptions) => {
    const options = setting(changes)
    const result = await runFault(options)
    return { result, calls: await buildx.calls(), digests: await published(options.repository, architectures) }
  }

  const each = ['build', 'build', 'build']

  test('take one buildx where all steps came from the cache the last time, and give what each has been given by its own', async () => {
    const mark = randomBytes(6).toString('hex')
    // Nothing of this may mean anything to a bake file.
    const odd = ['$', '{HOME} %', '{ if true } "a, b=c" \\ ', "'", ' ', '$$', '{x}'].join('')
    const options = {
      addon: { build: `ARG ODD\nRUN echo "${mark} $ODD" > /content` },
      inputs: { 'build-args': `ODD=${odd}`, labels: `odd=${odd}`, annotations: `odd=${odd}` },
    }
    const executed = await build(options)
    expect([executed.result.exitCode, executed.calls]).toEqual([0, each])
    const alone = await build(options)
    expect([alone.result.exitCode, alone.calls]).toEqual([0, each])
    const together = await build(options)
    expect([together.result.exitCode, together.calls]).toEqual([0, ['bake']])
    expect(Object.keys(together.digests)).toHaveLength(4)
    expect(together.digests).toEqual(alone.digests)
    const { cached, total } = runsOf(together.result.log, mark)
    expect([cached === total, total >= architectures.length]).toEqual([true, true])
    expect(runsOf(executed.result.log, mark).cached).toBeLessThan(runsOf(executed.result.log, mark).total)
    expect(together.result.log).not.toMatch(/\[t\d/)
  })

  test('go on by themselves where one has to execute a step, which does not take the others down when it fails', async () => {
    const mark = randomBytes(6).toString('hex')
    const addon = { build: `RUN echo ${mark} > /content` }
    await build({ addon })
    await build({ addon })
    const failing = { build: `${addon.build}\nRUN sleep 1; test "$BUILD_ARCH" != armv7` }
    const { result, calls, digests } = await build({ addon: failing })
    expect([result.exitCode === 0, calls]).toEqual([false, ['bake', ...each]])
    expect(errorsOf(result)).toMatch(/armv7/)
    expect(errorsOf(result)).not.toMatch(/amd64|aarch64/)
    expect(result.log).toMatch(/amd64: built in[\s\S]*aarch64: built in[\s\S]*armv7: the build failed/)
    expect(digests).toEqual({})
    expect((await build({ addon: failing })).calls).toEqual(each)
  })

  test('are all cancelled together, and leave nothing', async () => {
    await build({})
    await build({})
    const held = await gate('docker-buildx bake *')
    try {
      const options = setting({ environment: held.environment })
      const job = await startFault(options)
      const step = job.main()
      await held.arrived()
      const ending = step.cancel()
      await held.open()
      const { exitCode } = await finish(job, await ending, dockerHost)
      // By itself; or by the runner, after ten seconds, on a machine that is too busy for more.
      expect([130, 137]).toContain(exitCode)
      expect(await published(options.repository, architectures)).toEqual({})
    } finally {
      await held.remove()
    }
  })
})
