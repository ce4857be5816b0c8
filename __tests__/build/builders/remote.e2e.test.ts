import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { describeWith, testWith } from '../../environment/describe-with.ts'
import { readFacts } from '../../environment/facts.ts'
import { holdRefusingPort, type RefusingPort } from '../../environment/ports.ts'
import { anyRepository, errorsOf, published, usualStart } from '../../faults/fault-job.ts'
import { type Buildkitd, type Certificates, makeCertificates, startBuildkitd } from './buildkitd.ts'
import { runWith } from './job.ts'

jest.setTimeout(240_000)

const facts = readFacts()
const image = facts.buildkit ?? ''

describeWith(['engine', 'registry', 'bases', 'buildkit', 'emulators'], 'a remote builder', () => {
  let first: Buildkitd
  let second: Buildkitd
  let certificates: Certificates
  let refusing: RefusingPort
  const pem = (name: string) => readFile(join(certificates.folder, name), 'utf8')

  beforeAll(async () => {
    refusing = await holdRefusingPort()
    certificates = await makeCertificates()
    ;[first, second] = await Promise.all([startBuildkitd({ image }), startBuildkitd({ image, certificates })])
  })
  afterAll(async () => {
    await Promise.all([first?.release(), second?.release()])
    await certificates?.release()
    refusing?.release()
  })

  test('of several nodes builds each platform on its node, for every add-on of the run, and the tested image is the published one', async () => {
    const plain = await startBuildkitd({ image })
    try {
      const repository = anyRepository()
      const result = await runWith(
        { driver: 'remote', endpoint: `amd64=${first.address}\nlinux/arm64,armv7=${plain.address}`, ...usualStart },
        {
          repository,
          addons: ['tiny', 'other'].map((slug) => ({ slug, architectures: ['amd64', 'aarch64'] })),
        },
      )
      expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
      expect(await first.built()).toEqual(['linux/amd64', 'linux/amd64'])
      expect(await plain.built()).toEqual(['linux/arm64', 'linux/arm64'])
      const targets = result.report.addons.flatMap(({ targets }) => targets)
      expect(targets.map(({ smoke }) => smoke?.status)).toEqual(['passed', 'passed', 'passed', 'passed'])
      // Native where it was built, though this machine tests it by emulation.
      expect(targets.map(({ build }) => build.emulated)).toEqual([false, false, false, false])
      const tags = await published(repository, ['amd64', 'aarch64'])
      for (const { architecture, build } of result.report.addons[0]?.targets ?? []) {
        expect(tags[`${architecture}-tiny:1.2.3`]).toBe(build.manifestDigest)
      }
    } finally {
      await plain.release()
    }
  })

  testWith(
    ['classic-engine'],
    'loads what it built into an engine with the classic store, too, to be tested there',
    async () => {
      const result = await runWith(
        { driver: 'remote', endpoint: first.address, ...usualStart },
        { environment: { DOCKER_HOST: facts.engines.classic ?? '' } },
      )
      expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
      expect(result.outputs.smoke).toBe('passed')
    },
  )

  test('behind TLS is reached with certificates that are secrets, and their key is shown nowhere', async () => {
    const key = await pem('client.key')
    const before = await second.built()
    const result = await runWith(
      {
        driver: 'remote',
        endpoint: second.address,
        'endpoint-cacert': await pem('ca.pem'),
        'endpoint-cert': await pem('client.pem'),
        'endpoint-key': key,
        'smoke-test': 'false',
      },
      { debug: true },
    )
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(await second.built()).toEqual([...before, 'linux/amd64'])
    for (const line of key.split('\n').filter((line) => line && !line.startsWith('-'))) {
      expect(result.leaksOf(line)).toEqual([])
    }
  })

  test('behind TLS takes the paths of files as well', async () => {
    const at = (name: string) => join(certificates.folder, name)
    const inputs = {
      'endpoint-cacert': at('ca.pem'),
      'endpoint-cert': at('client.pem'),
      'endpoint-key': at('client.key'),
    }
    const result = await runWith({
      driver: 'remote',
      endpoint: second.address,
      push: 'false',
      'smoke-test': 'false',
      ...inputs,
    })
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
  })

  const certificate = { cert: 'client.pem', key: 'client.key' }
  test.each([
    ['wants a certificate and gets none', () => second.address, {}, /requires TLS.*endpoint-cacert/],
    [
      'is signed by another authority',
      () => second.address,
      { cacert: 'other.pem', ...certificate },
      /certificate is not trusted.*endpoint-cacert/,
    ],
    [
      'refuses our certificate',
      () => second.address,
      { cacert: 'ca.pem', cert: 'other.pem', key: 'other.key' },
      /refuses the certificate of this job.*endpoint-cert/,
    ],
    [
      'wants a certificate of its clients as well',
      () => second.address,
      { cacert: 'ca.pem' },
      /refuses the certificate of this job.*endpoint-cert/,
    ],
    ['does not speak TLS', () => first.address, { cacert: 'ca.pem', ...certificate }, /does not speak TLS/],
    ['is unreachable', () => `tcp://127.0.0.1:${refusing.port}`, {}, /connection is refused.*buildkitd listens/],
    ['has an unknown host name', () => 'tcp://builder.invalid:1234', {}, /DNS does not know this host/],
  ])('that %s is refused in one sentence, before anything is built', async (_, address, files, said) => {
    const inputs: Record<string, string> = { driver: 'remote', endpoint: address() }
    for (const [name, file] of Object.entries(files)) inputs[`endpoint-${name}`] = await pem(file)
    const result = await runWith(inputs)
    expect(result.exitCode).toBe(3)
    expect(errorsOf(result)).toMatch(said)
    expect(errorsOf(result).split('\n')).toHaveLength(1)
    expect(result.report.addons.flatMap(({ targets }) => targets)).toEqual([])
  })
})
