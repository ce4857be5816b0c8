import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { describeWith } from '../../environment/describe-with.ts'
import { readFacts } from '../../environment/facts.ts'
import { anyRepository, errorsOf, finish, leftInDocker, published, runsOf, until } from '../../faults/fault-job.ts'
import { type Buildkitd, startBuildkitd } from './buildkitd.ts'
import { homeOf, instances, ownBuilder, runWith, startWith } from './job.ts'
import { type Sshd, startSshd } from './sshd.ts'

jest.setTimeout(240_000)

const facts = readFacts()
const image = facts.buildkit ?? ''
const docker = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, ...environment } }).trim()
/** How images are tested does not depend on where they were built: `remote.e2e.test.ts` shows it for all. */
const untested = { 'smoke-test': 'false' }
const reachLoopback = { 'driver-opts': 'network=host' }

describeWith(['engine', 'registry', 'bases', 'buildkit', 'sshd'], 'a builder behind SSH', () => {
  let daemon: Buildkitd
  let sshd: Sshd
  let bare: Sshd
  const through = (folder: string) => ({ environment: { PATH: `${folder}:${process.env.PATH}` } })

  beforeAll(async () => {
    daemon = await startBuildkitd({ image })
    ;[sshd, bare] = await Promise.all([
      startSshd({ buildctl: `#!/bin/sh\nexec docker exec -i ${daemon.name} buildctl "$@"\n` }),
      startSshd({ docker: '#!/bin/sh\necho "sh: docker: command not found" >&2\nexit 127\n' }),
    ])
  })
  afterAll(async () => {
    await Promise.all([sshd?.release(), bare?.release(), daemon?.release()])
  })

  test('is a BuildKit daemon for "remote"', async () => {
    const result = await runWith(
      { ...untested, driver: 'remote', endpoint: `ssh://${sshd.login}` },
      through(sshd.clients.good),
    )
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(await daemon.built()).toEqual(['linux/amd64'])
  })

  test('is a Docker engine for "docker-container", beside the one of this machine', async () => {
    const repository = anyRepository()
    const result = await runWith(
      {
        driver: 'docker-container',
        endpoint: `amd64=default\narm64=ssh://${sshd.login}`,
        ...reachLoopback,
        ...untested,
      },
      { ...through(sshd.clients.good), repository, addons: [{ architectures: ['amd64', 'aarch64'] }] },
    )
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(Object.keys(await published(repository, ['amd64', 'aarch64']))).toHaveLength(3)
  })

  test.each([
    ['remote', 'has a key that nobody knows', () => sshd.clients.stranger, /ssh-keyscan/],
    ['remote', 'does not take our key', () => sshd.clients.keyless, /Permission denied.*ssh-agent/],
    ['docker-container', 'does not take our key', () => sshd.clients.keyless, /Permission denied.*ssh-agent/],
  ] as const)('(%s) whose host %s is refused in one sentence', async (driver, _, client, said) => {
    const result = await runWith({ driver, endpoint: `ssh://${sshd.login}` }, through(client()))
    expect(result.exitCode).toBe(3)
    expect(errorsOf(result)).toMatch(said)
    expect(errorsOf(result).split('\n')).toHaveLength(1)
  })

  test.each([
    ['remote', /Install "buildctl" there/],
    ['docker-container', /Install "docker" there/],
  ] as const)('(%s) that lacks the program for it is refused in one sentence', async (driver, said) => {
    const result = await runWith({ driver, endpoint: `ssh://${bare.login}` }, through(bare.clients.good))
    expect([result.exitCode, errorsOf(result)]).toEqual([3, expect.stringMatching(said)])
  })
})

describeWith(['engine', 'registry', 'bases', 'buildkit'], 'an existing builder', () => {
  let daemon: Buildkitd
  let home: string
  const name = `farm-${randomBytes(3).toString('hex')}`

  beforeAll(async () => {
    daemon = await startBuildkitd({ image })
    home = await mkdtemp(join(tmpdir(), 'aicleaner-buildx-'))
    docker(['buildx', 'create', '--name', name, '--driver', 'remote', daemon.address], { BUILDX_CONFIG: home })
  })
  afterAll(async () => {
    await daemon?.release()
    await rm(home, { recursive: true, force: true })
  })
  const environment = () => ({ BUILDX_CONFIG: home, SOURCE_DATE_EPOCH: '1700000000' })

  test('is used unchanged, and is kept', async () => {
    const result = await runWith({ builder: name, ...untested }, { environment: environment() })
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(await daemon.built()).toEqual(['linux/amd64'])
    expect(await instances(home)).toEqual([name])
  })

  test('gives the engine the images that it has in its cache, and those are tested', async () => {
    const mark = randomBytes(6).toString('hex')
    const inputs = {
      builder: name,
      parallel: '2',
      'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off',
    }
    const addons = ['one', 'two'].map((slug) => ({ slug, build: `RUN echo ${mark} ${slug} > /content` }))
    const options = { environment: environment(), workspace: join(home, 'work'), addons }
    const first = await runWith({ ...inputs, ...untested }, options)
    const second = await runWith(inputs, options)
    expect(runsOf(first.log, mark)).toEqual({ cached: 0, total: 2 })
    expect(runsOf(second.log, mark)).toEqual({ cached: 2, total: 2 })
    const targets = ({ report }: typeof first) => report.addons.flatMap((addon) => addon.targets)
    expect(targets(second).map(({ smoke }) => smoke?.status)).toEqual(['passed', 'passed'])
    const digests = (run: typeof first) => targets(run).map(({ build }) => build.manifestDigest)
    expect(digests(second)).toEqual(digests(first))
  })

  test('may be that of the engine itself, by its name', async () => {
    const result = await runWith({ builder: 'default', ...untested }, { environment: environment() })
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
  })

  test('that does not exist is refused with a remedy', async () => {
    const result = await runWith({ builder: 'nobody' }, { environment: environment() })
    expect([result.exitCode, errorsOf(result)]).toEqual([3, expect.stringMatching(/no builder "nobody".*buildx ls/)])
  })

  test('whose daemon does not run is refused, with its address', async () => {
    await daemon.release()
    const result = await runWith({ builder: name }, { environment: environment() })
    expect([result.exitCode, errorsOf(result)]).toEqual([
      3,
      expect.stringMatching(`${daemon.address} does not answer: the connection is refused`),
    ])
  })
})

describeWith(['engine', 'registry', 'bases', 'buildkit'], 'a builder in a container', () => {
  const nodeOf = (builder: string) => `buildx_buildkit_${builder}0`
  const options = (option: string) => ({ driver: 'docker-container', 'driver-opts': `network=host\n${option}` })

  test('takes options and a configuration as text: here one that takes a registry from a mirror', async () => {
    const repository = anyRepository()
    const result = await runWith(
      {
        ...options('env.AICLEANER_TEST=yes'),
        'buildkitd-config': [
          `[registry."mirrored.invalid"]\n  mirrors = ["${facts.registry}"]`,
          `[registry."${facts.registry}"]\n  http = true`,
        ].join('\n'),
        ...untested,
        baseline: 'none',
      },
      { repository, addons: [{ base: 'mirrored.invalid/base-tiny' }] },
    )
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(Object.keys(await published(repository))).toEqual(['amd64-tiny:1.2.3', 'tiny:1.2.3'])
  })

  test('whose image cannot be pulled is refused with a remedy and removed', async () => {
    const missing = `${facts.registry}/none/buildkit:1`
    const result = await runWith(options(`image=${missing}`))
    expect([result.exitCode, errorsOf(result)]).toEqual([
      3,
      expect.stringMatching(/cannot be pulled: .*not found.*driver-opts: image=/),
    ])
    expect(errorsOf(result)).toContain(missing)
  })

  test('with an unknown option is refused in one sentence', async () => {
    const result = await runWith(options('colour=blue'))
    expect([result.exitCode, errorsOf(result)]).toEqual([3, expect.stringMatching(/invalid driver option colour/)])
  })

  // The program that was to remove it has been ended with the run, and may have done a part of it.
  test.each<[string, (home: string, name: string) => unknown]>([
    ['whole', () => {}],
    ['its container removed', (_, name) => docker(['rm', '--force', nodeOf(name)])],
    [
      'its container removed, and unknown to buildx',
      (home, name) => {
        docker(['rm', '--force', nodeOf(name)])
        return rm(join(home, 'instances', name))
      },
    ],
  ])('is removed by the post step after a run that was killed: %s', async (_, meanwhile) => {
    const job = await startWith(options('env.AICLEANER_TEST=yes'), {
      addons: [{ build: 'RUN echo building && sleep 100' }],
    })
    const step = job.main()
    await step.seen(/#\d+ building/)
    void step.kill()
    const result = await step.done
    const left = await leftInDocker(result)
    const name = `aicleaner-build-${result.state.runId}`
    expect(left).toEqual([`container /${nodeOf(name)}`, `volume ${nodeOf(name)}_state`])
    expect(await ownBuilder(job, result)).toHaveLength(1)
    await meanwhile(homeOf(job), name)
    const post = await job.post()
    expect([post.exitCode, post.log]).toEqual([0, ''])
    await until(async () => (await leftInDocker(result)).length === 0)
    expect(await ownBuilder(job, result)).toEqual([])
    await finish(job, result)
  })
})
