import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/core/diagnostics.ts'
import type { Host } from '../../src/core/host.ts'
import { cosignInstaller } from '../../src/core/pins.ts'
import { openSigner } from '../../src/cosign/sign.ts'
import { answeredHost } from '../fixtures/processes.ts'

const image = `ghcr.io/o/n@sha256:${'a'.repeat(64)}`
const identity = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' }
const options = { sign: { kind: 'keyless' }, push: true, mode: 'full', transparencyLog: true } as never as Parameters<
  typeof openSigner
>[0]
const withKey = (reference: string) => ({ ...options, sign: { kind: 'key' as const, reference } })

/** The one problem of a Failure. */
const problemOf = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(thrown).toBeInstanceOf(Failure)
  return { kind: (thrown as Failure).kind, ...(thrown as Failure).diagnostics[0] }
}

describe('signing is not prepared and cosign is not needed', () => {
  test.each([
    ['without "sign"', { ...options, sign: false as const }],
    ['if nothing is pushed', { ...options, push: false }],
    ['if images are only built', { ...options, mode: 'build' as const }],
  ])('%s', async (_, given) => {
    const { host, asked } = answeredHost(() => ({}), { environment: identity })
    expect(await openSigner(given, [], host)).toBeUndefined()
    expect(asked).toEqual([])
  })
})

describe('before anything is built, signing fails', () => {
  test.each([
    ['if cosign is not installed', () => undefined],
    ['if cosign does not run', () => ({ exitCode: 126 })],
  ])('%s', async (_, answer) => {
    const { host, asked } = answeredHost(answer, { environment: identity })
    expect(await problemOf(openSigner(options, [], host))).toMatchObject({
      kind: 'environment',
      code: 'environment/no-cosign',
      message: '"sign" needs cosign, which is not installed on this machine.',
      remedy: `Add "- uses: ${cosignInstaller}" before this step, or remove the input "sign".`,
    })
    expect(asked).toEqual([{ command: 'cosign', args: ['sign', '--help'], options: {} }])
  })

  test.each([
    ['neither address nor token', {}],
    ['an address alone', { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token' }],
    ['a token alone', { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' }],
  ])('without a key if GitHub gave the job %s', async (_, environment) => {
    const { host } = answeredHost(() => ({}), { environment })
    expect(await problemOf(openSigner(options, [], host))).toMatchObject({
      kind: 'environment',
      code: 'environment/no-id-token',
      message: '"sign: keyless" needs an identity token, and this job cannot request one.',
      remedy: expect.stringContaining('"id-token: write"'),
    })
  })

  test.each([
    ['Error: decrypt: encrypted: decryption failed', /^Set COSIGN_PASSWORD in the "env" of this step/],
    ['Error: loading env var "K": not set', /^Set "sign" to "key:PATH", or to "key:env:\/\/NAME"/],
    ['Error: open /workspace/k: no such file or directory', /^Set "sign" to "key:PATH", or to "key:env:\/\/NAME"/],
    ['Error: unsupported key', /^Use a key that cosign has generated \(cosign generate-key-pair\), or a KMS/],
  ])('with a key for which cosign reports "%s"', async (stderr, remedy) => {
    const { host, waits } = answeredHost((args) => (args[0] === 'public-key' ? { exitCode: 1, stderr } : {}))
    expect(await problemOf(openSigner(withKey('k'), [], host))).toMatchObject({
      kind: 'environment',
      code: 'environment/no-signing-key',
      message: `The signing key /workspace/k cannot be used: cosign: ${stderr.slice('Error: '.length)}.`,
      remedy: expect.stringMatching(remedy),
    })
    expect(waits).toEqual([])
  })
})

describe('signing', () => {
  let temporary: string
  beforeAll(() => {
    temporary = mkdtempSync(join(tmpdir(), 'sign-'))
  })
  afterAll(() => rmSync(temporary, { recursive: true }))

  test('without a key passes the identity of the job to cosign, and logs the signed images', async () => {
    const { host, asked, lines } = answeredHost(() => ({}), { environment: identity })
    const sign = await openSigner(options, [], host)
    const other = image.replace('o/n', 'o/m')
    await sign?.([image, other])
    expect(asked.slice(1)).toEqual(
      [image, other].map((reference) => ({
        command: 'cosign',
        args: ['sign', '--yes', reference],
        options: {
          environment: { COSIGN_PASSWORD: '' },
          pass: ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
          timeoutMs: 180_000,
        },
      })),
    )
    expect(lines).toEqual([`Signed ${image}`, `Signed ${other}`])
  })

  test('with a key in a variable passes that variable, tries the key first, and masks it and its password', async () => {
    const key = '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nfirst\n second \n\n-----END-----'
    const environment = { KEY: key, COSIGN_PASSWORD: 'hunter2' }
    const { host, asked, masked } = answeredHost(() => ({}), { environment })
    const sign = await openSigner(withKey('env://KEY'), ['reg.lan'], host)
    await sign?.(['reg.lan/n@sha256:a'])
    const how = { environment: { COSIGN_PASSWORD: 'hunter2' }, pass: ['KEY'], timeoutMs: 180_000 }
    expect(asked.slice(1)).toEqual([
      { command: 'cosign', args: ['public-key', '--key', 'env://KEY'], options: how },
      {
        command: 'cosign',
        args: ['sign', '--yes', '--key', 'env://KEY', '--allow-http-registry', 'reg.lan/n@sha256:a'],
        options: how,
      },
    ])
    expect(masked).toEqual(['hunter2', 'first', 'second'])
  })

  test('with a key in a file passes no variable and masks nothing but the password', async () => {
    const { host, asked, masked } = answeredHost(() => ({}), { environment: { COSIGN_PASSWORD: ' ' } })
    await openSigner(withKey('cosign.key'), [], host)
    expect(asked[1]).toMatchObject({ args: ['public-key', '--key', '/workspace/cosign.key'], options: { pass: [] } })
    expect(masked).toEqual([])
  })

  test('without the transparency log passes cosign a configuration without services', async () => {
    const { host, asked } = answeredHost(() => ({ stderr: '--signing-config=' }), { environment: identity, temporary })
    const sign = await openSigner({ ...options, transparencyLog: false }, [], host)
    await sign?.([image])
    const file = join(host.temporary, 'signing-config.json')
    expect(asked.at(-1)?.args).toEqual(['sign', '--yes', '--signing-config', file, image])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      rekorTlogConfig: {},
      tsaConfig: {},
    })
  })

  test('stops after a failure, but waits for signatures that were started', async () => {
    const { host, lines } = answeredHost(() => ({}), { environment: identity })
    const begun: string[] = []
    const { promise: late, resolve: end } = Promise.withResolvers<void>()
    const processes: Host['processes'] = {
      ...host.processes,
      async exec(command, args, options) {
        const reference = args.at(-1) ?? ''
        begun.push(reference)
        if (reference === 'n@2') await late
        return reference === 'n@1'
          ? { exitCode: 1, stdout: '', stderr: 'Error: 403 Forbidden' }
          : host.processes.exec(command, args, options)
      },
    }
    const sign = await openSigner(options, [], { ...host, processes })
    let over = false
    const signing = sign?.(['n@1', 'n@2', 'n@3', 'n@4', 'n@5']).finally(() => {
      over = true
    })
    const failed = expect(signing).rejects.toThrow('cosign: 403 Forbidden.')
    // More turns than the failure takes to get through.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    expect([over, begun]).toEqual([false, ['--help', 'n@1', 'n@2', 'n@3']])
    end()
    await failed
    expect(begun).toHaveLength(4)
    expect(lines).toEqual(['Signed n@3', 'Signed n@2'])
  })

  test('is retried if that may help, and logs the retry', async () => {
    const { host, lines, waits } = answeredHost(
      (_, count) => (count === 2 ? { exitCode: 1, stderr: 'Error: 503 Service Unavailable' } : {}),
      { environment: identity },
    )
    const sign = await openSigner(options, [], host)
    await sign?.([image])
    expect(waits).toEqual([1000])
    expect(lines).toEqual(['cosign: 503 Service Unavailable. Trying again in 1 s.', `Signed ${image}`])
  })

  test('that is refused is not retried', async () => {
    const { host, waits } = answeredHost(
      (_, count) => (count === 2 ? { exitCode: 1, stderr: 'Error: POST x: DENIED' } : {}),
      { environment: identity },
    )
    const sign = await openSigner(options, [], host)
    await expect(sign?.([image])).rejects.toMatchObject({ code: 'DENIED', message: 'cosign: POST x: DENIED.' })
    expect(waits).toEqual([])
  })
})
