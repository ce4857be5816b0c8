import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { type BuilderJobOptions, startWith } from '../build/builders/job.ts'
import { makeKeys } from '../cosign/keys.ts'
import { describeWith, testWith } from '../environment/describe-with.ts'
import { readFacts } from '../environment/facts.ts'
import { type RegistryProxy, startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import type { Job, StepResult } from '../fakes/runner/runner.ts'
import { watchCommandLines } from '../faults/command-lines.ts'
import { anyRepository, errorsOf, finish, published } from '../faults/fault-job.ts'

jest.setTimeout(240_000)

const facts = readFacts()
const untested = { 'smoke-test': 'false' }
const both = ['amd64-tiny:1.2.3', 'tiny:1.2.3']
const basic = (username: string, password: string) => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
})

/** Where `docker login` of an earlier step writes. */
const configOf = (job: Job) => join(job.workspace, '../../../home/.docker/config.json')
async function loggedInBefore(job: Job, config: object): Promise<string> {
  const text = JSON.stringify(config, null, '\t')
  await mkdir(join(configOf(job), '..'), { recursive: true })
  await writeFile(configOf(job), text)
  return text
}

describeWith(['engine', 'registry', 'bases'], 'a login', () => {
  let images: RegistryProxy
  let bases: RegistryProxy
  beforeAll(async () => {
    const target = `http://${facts.registry}`
    const accounts = (username: string, password: string) => [{ username, password }]
    images = await startRegistryProxy({
      target,
      access: { scheme: 'bearer', accounts: accounts('publisher', 'right-for-images') },
    })
    bases = await startRegistryProxy({
      target,
      access: { scheme: 'basic', accounts: accounts('reader', 'right-for-bases') },
    })
  })
  afterAll(() => Promise.all([images?.close(), bases?.close()]))

  const start = (inputs: Readonly<Record<string, string>>, repository: string, options: BuilderJobOptions = {}) =>
    startWith(
      { ...untested, ...inputs },
      { addons: [{ base: `${bases.host}/base-tiny`, image: `${images.host}/${repository}/{arch}-tiny` }], ...options },
    )
  /** The inputs of a step that logs in to both. */
  const inputs = () => ({
    registry: `${images.host}\n${bases.host}`,
    username: 'publisher\nreader',
    password: 'right-for-images\nright-for-bases',
  })
  const ofThisStep = () => ({ registry: images.host, username: 'publisher', password: 'right-for-images' })
  const succeed = async (job: Job, result: StepResult, repository: string) => {
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(Object.keys(await published(repository))).toEqual(both)
    await finish(job, result)
  }

  test('to several registries is used for build and upload, and no password is in a log or a command line', async () => {
    const repository = anyRepository()
    const job = await start(inputs(), repository, { debug: true })
    const step = job.main()
    const watch = watchCommandLines()
    const result = await step.done.finally(watch.stop)
    const commandLines = await watch.stop()
    // It did look at the right time.
    expect(commandLines).toContain('/docker-buildx')
    for (const [user, password] of [
      ['publisher', 'right-for-images'],
      ['reader', 'right-for-bases'],
    ] as const) {
      expect(commandLines).not.toContain(password)
      expect(result.leaksOf(password)).toEqual([])
      expect(result.leaksOf(Buffer.from(`${user}:${password}`).toString('base64'))).toEqual([])
    }
    expect(existsSync(configOf(job))).toBe(false)
    await succeed(job, result, repository)
  })

  test('of an earlier step is used and not changed', async () => {
    const repository = anyRepository()
    const job = await start({}, repository)
    const before = await loggedInBefore(job, {
      auths: {
        [images.host]: basic('publisher', 'right-for-images'),
        [bases.host]: basic('reader', 'right-for-bases'),
      },
      HttpHeaders: { 'X-Own': 'kept' },
    })
    const result = await job.main().done
    expect(await readFile(configOf(job), 'utf8')).toBe(before)
    await succeed(job, result, repository)
  })

  test('of this step is added to those of an earlier step, and takes precedence for its registry', async () => {
    const repository = anyRepository()
    const job = await start(ofThisStep(), repository)
    const before = await loggedInBefore(job, {
      auths: { [images.host]: basic('somebody', 'out of date'), [bases.host]: basic('reader', 'right-for-bases') },
    })
    const result = await job.main().done
    expect(await readFile(configOf(job), 'utf8')).toBe(before)
    await succeed(job, result, repository)
  })

  test('in a credential store still works together with a login of this step', async () => {
    const repository = anyRepository()
    const folder = await mkdtemp(join(tmpdir(), 'aicleaner-store-'))
    try {
      // What docker-credential-helpers speak: the registry comes in, JSON goes out.
      const known = JSON.stringify({ ServerURL: bases.host, Username: 'reader', Secret: 'right-for-bases' })
      const script = [
        '#!/bin/sh',
        'read -r server',
        `[ "$1" = get ] && [ "$server" = "${bases.host}" ] && echo '${known}' && exit 0`,
        'echo "credentials not found in native keychain"',
        'exit 1',
        '',
      ]
      await writeFile(join(folder, 'docker-credential-fake'), script.join('\n'), { mode: 0o755 })
      const environment = { PATH: `${folder}:${process.env.PATH}` }
      const job = await start(ofThisStep(), repository, { environment })
      const before = await loggedInBefore(job, { credsStore: 'fake' })
      const result = await job.main().done
      expect(await readFile(configOf(job), 'utf8')).toBe(before)
      await succeed(job, result, repository)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('is removed by the post step of a killed run, and a login of an earlier step is kept', async () => {
    const repository = anyRepository()
    const build = 'RUN echo building && sleep 100'
    const addon = { base: `${bases.host}/base-tiny`, image: `${images.host}/${repository}/{arch}-tiny`, build }
    const job = await start(inputs(), repository, { addons: [addon] })
    const before = await loggedInBefore(job, { auths: { 'ghcr.io': basic('me', 'mine') } })
    const step = job.main()
    await step.seen(/#\d+ building/)
    void step.kill()
    const result = await step.done
    const file = join(result.state.temporary ?? '', 'docker-config', 'config.json')
    expect(await readFile(file, 'utf8')).toContain(images.host)
    const post = await job.post()
    expect([post.exitCode, post.log]).toEqual([0, ''])
    expect(existsSync(join(file, '../..'))).toBe(false)
    expect(await readFile(configOf(job), 'utf8')).toBe(before)
    await finish(job, result)
  })

  testWith(['cosign'], 'is also used by cosign', async () => {
    const keys = await makeKeys('')
    try {
      const repository = anyRepository()
      const job = await start({ ...inputs(), sign: `key:${keys.privateKey}`, 'transparency-log': 'false' }, repository)
      const result = await job.main().done
      expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
      expect((await keys.verify(`${facts.registry}/${repository}/tiny:1.2.3`)).code).toBe(0)
      await finish(job, result)
    } finally {
      await keys.release()
    }
  })
})
