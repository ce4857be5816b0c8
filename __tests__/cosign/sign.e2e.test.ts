import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { runWith } from '../build/builders/job.ts'
import { addonFiles } from '../e2e/addon.ts'
import { readRegistry } from '../e2e/registry.ts'
import { describeWith } from '../environment/describe-with.ts'
import { readFacts, whySkipped } from '../environment/facts.ts'
import { createImage } from '../environment/images/imagetools.ts'
import { must } from '../environment/machine/command.ts'
import { refused } from '../fakes/registry-proxy/faults.ts'
import { startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import { runWorkflow } from '../fakes/runner/workflow.ts'
import { anyRepository, errorsOf, published } from '../faults/fault-job.ts'
import { type Keys, makeKeys } from './keys.ts'

jest.setTimeout(240_000)

const facts = readFacts()
const needs = ['engine', 'registry', 'bases', 'cosign'] as const
const untested = { 'smoke-test': 'false' }
const both = ['amd64-tiny:1.2.3', 'tiny:1.2.3']

let keys: Keys
let other: Keys
/** A PATH in which docker is, and cosign is not. */
let withoutCosign: string
beforeAll(async () => {
  if (whySkipped(needs, facts)) return
  ;[keys, other] = await Promise.all([makeKeys('a password of its own'), makeKeys('')])
  withoutCosign = await mkdtemp(join(tmpdir(), 'aicleaner-path-'))
  await symlink((await must('sh', ['-c', 'command -v docker'])).trim(), join(withoutCosign, 'docker'))
})
afterAll(async () => {
  await Promise.all([keys?.release(), other?.release()])
  if (withoutCosign) await rm(withoutCosign, { recursive: true, force: true })
})

describeWith(needs, 'signing with a key', () => {
  const inputs = { ...untested, sign: 'key:env://SIGNING_KEY', 'transparency-log': 'false' }
  const environment = () => ({ SIGNING_KEY: keys.privateText, COSIGN_PASSWORD: keys.password })

  test('signs every image and the list by digest, before tags lead there, and cosign verifies them', async () => {
    const repository = anyRepository()
    const result = await runWith(inputs, {
      repository,
      environment: environment(),
      debug: true,
      addons: [{ architectures: ['amd64', 'aarch64'] }],
    })
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    for (const name of ['amd64-tiny', 'aarch64-tiny', 'tiny']) {
      const { code, said } = await keys.verify(`${facts.registry}/${repository}/${name}:1.2.3`)
      expect([code, said]).toEqual([
        0,
        expect.stringContaining('signatures were verified against the specified public key'),
      ])
      expect((await other.verify(`${facts.registry}/${repository}/${name}:1.2.3`)).code).not.toBe(0)
    }
    // The command of the report, as a user copies it, beside the public key.
    const [command = '', ...more] = result.summary.match(/^cosign verify [^`]+(?=\n```)/gm) ?? []
    expect(more).toEqual([])
    const list = await readRegistry(facts.registry ?? '').manifest(`${facts.registry}/${repository}/tiny:1.2.3`)
    expect(command).toContain(`/tiny@${list.digest}`)
    expect((await keys.run(command)).said).toContain('signatures were verified against the specified public key')
    expect((await other.run(command)).code).not.toBe(0)
    for (const secret of [
      keys.password,
      ...keys.privateText.split('\n').filter((line) => line && !line.startsWith('-')),
    ]) {
      expect(result.leaksOf(secret)).toEqual([])
    }
  })

  test('across runners: cells verify what they build upon, and the job that joins them signs', async () => {
    const repository = anyRepository()
    const base = `${facts.registry}/${repository}/base`
    await createImage(`${base}:amd64`, [`${facts.bases?.tiny}:amd64`])
    await keys.sign(`${base}:amd64`)
    const image = `${facts.registry}/${repository}/{arch}-tiny`
    const result = await runWorkflow({
      file: resolve(import.meta.dirname, '../../.github/workflows/build-addon.yml'),
      files: addonFiles({ base, image, architectures: ['amd64'] }),
      inputs: {
        target: 'tiny',
        push: true,
        comment: 'never',
        'smoke-test': false,
        sign: 'key:env://COSIGN_PRIVATE_KEY',
        'transparency-log': false,
        'verify-base': `key:${keys.publicKey}`,
      },
      secrets: { 'cosign-private-key': keys.privateText, 'cosign-password': keys.password },
    })
    expect(result.problems).toEqual([])
    expect(result.jobs.map(({ result, step }) => [result, step && errorsOf(step)])).toEqual([
      ['success', ''],
      ['success', ''],
      ['success', ''],
    ])
    for (const name of ['amd64-tiny', 'tiny']) {
      expect((await keys.verify(`${facts.registry}/${repository}/${name}:1.2.3`)).code).toBe(0)
    }
    expect(result.jobs.map(({ step }) => /Verified /.test(step?.log ?? ''))).toEqual([false, true, false])
  })

  test('that the registry does not take leaves every tag where it was, and the next run completes it', async () => {
    const repository = anyRepository()
    const proxy = await startRegistryProxy({ target: `http://${facts.registry}` })
    const publish = (content: string) =>
      runWith(
        { ...inputs, sign: `key:${keys.privateKey}` },
        {
          repository,
          environment: environment(),
          addons: [{ image: `${proxy.host}/${repository}/{arch}-tiny`, build: `RUN echo ${content} > /content` }],
        },
      )
    try {
      expect((await publish('one')).exitCode).toBe(0)
      const before = await tagsOf(repository)
      // cosign keeps the signatures of a digest under a tag that is made of it, where the registry has no better way.
      const heal = proxy.faults.add(refused(403, { on: /^PUT .*\/manifests\/sha256-/ }))
      const result = await publish('two')
      expect([result.exitCode, errorsOf(result)]).toEqual([3, expect.stringMatching(/cosign: .*(403|DENIED)/i)])
      expect(result.log).not.toMatch(/Trying again/)
      expect(await tagsOf(repository)).toEqual(before)
      heal()
      expect((await publish('two')).exitCode).toBe(0)
      const after = await tagsOf(repository)
      for (const name of both) expect(after[name]).not.toBe(before[name])
    } finally {
      await proxy.close()
    }
  })

  test.each([
    ['of a wrong password', inputs, () => ({ ...environment(), COSIGN_PASSWORD: 'wrong' }), /COSIGN_PASSWORD/],
    ['that is not there', inputs, () => ({}), /key:env:\/\/NAME.*forks/],
    ['in no file', { ...inputs, sign: 'key:none.key' }, environment, /no such file.*key:PATH/],
    ['without cosign', inputs, () => ({ ...environment(), PATH: withoutCosign }), /needs cosign.*cosign-installer/],
    ['without a key and without an identity', { ...untested, sign: 'keyless' }, () => ({}), /id-token: write/],
  ])('%s fails before anything is built', async (_, given, variables, said) => {
    const repository = anyRepository()
    const result = await runWith(given, { repository, environment: variables() })
    expect([result.exitCode, errorsOf(result)]).toEqual([3, expect.stringMatching(said)])
    expect(errorsOf(result).split('\n')).toHaveLength(1)
    expect(result.report.addons.flatMap(({ targets }) => targets)).toEqual([])
    expect(await published(repository)).toEqual({})
  })
})

/** Those of the add-on; cosign has some of its own. */
async function tagsOf(repository: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(Object.entries(await published(repository)).filter(([name]) => both.includes(name)))
}

describeWith(needs, 'base images', () => {
  const name = `${anyRepository()}/base`
  const base = `${facts.registry}/${name}`
  const signed = () => ({ 'verify-base': `key:${keys.publicKey}`, 'transparency-log': 'false' })

  beforeAll(async () => {
    for (const architecture of ['amd64', 'aarch64']) {
      await createImage(`${base}:${architecture}`, [`${facts.bases?.tiny}:${architecture}`])
    }
    await keys.sign(`${base}@${(await digestOf(`${base}:amd64`)).digest}`)
  })
  const digestOf = async (reference: string) => {
    const args = ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', reference]
    return JSON.parse(await must('docker', args)) as { readonly digest: string }
  }

  test('that are signed are built upon, exactly as they were verified; an unsigned one stops its architecture', async () => {
    const repository = anyRepository()
    const result = await runWith(
      { ...untested, ...signed() },
      { repository, addons: [{ base, architectures: ['amd64', 'aarch64'] }] },
    )
    const [targets] = result.report.addons.map(({ targets }) => targets)
    expect(targets?.map(({ build }) => build.status)).toEqual(['built', 'failed'])
    expect(result.log).toContain(`[context ${base}:amd64] ${base}@${(await digestOf(`${base}:amd64`)).digest}`)
    expect(result.exitCode).toBe(1)
    expect(errorsOf(result)).toMatch(new RegExp(`aarch64: .*${base}:aarch64 was not verified.*no signatures found`))
    expect(await published(repository, ['amd64', 'aarch64'])).toEqual({})
  })

  test('that another key signed are refused', async () => {
    const result = await runWith(
      { ...untested, ...signed(), 'verify-base': `key:${other.publicKey}` },
      { addons: [{ base }] },
    )
    expect([result.exitCode, errorsOf(result)]).toEqual([1, expect.stringMatching(`${base}:amd64 was not verified`)])
  })

  const block = {
    'tiny/build.yaml': `build_from:\n  amd64: ${base}:amd64\ncosign:\n  base_identity: https://github.com/octo/base/.*\n`,
  }
  test('are to be verified where build.yaml says so, which takes cosign', async () => {
    const result = await runWith(untested, { files: block, environment: { PATH: withoutCosign } })
    expect([result.exitCode, errorsOf(result)]).toEqual([3, expect.stringMatching(/needs cosign.*verify-base: false/)])
  })

  test('are not where the input says otherwise', async () => {
    const result = await runWith(
      { ...untested, 'verify-base': 'false' },
      { files: block, environment: { PATH: withoutCosign } },
    )
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
  })
})
