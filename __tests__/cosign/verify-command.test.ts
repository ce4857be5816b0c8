import { afterEach, describe, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { isWrong } from '../../src/core/parsed.ts'
import { splitWords } from '../../src/core/shell-words.ts'
import { publicKeyOf, signerOf, verifyCommand } from '../../src/cosign/verify-command.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { type Loopback, startLoopback } from '../fakes/loopback.ts'

const reference = `ghcr.io/o/x@sha256:${'a'.repeat(64)}`
const keyless = {
  kind: 'keyless',
  identity: 'https://x/o/r/.github/workflows/b.yml@refs/heads/main',
  issuer: 'https://i',
} as const

const wordsOf = (command: string): readonly string[] => {
  const words = splitWords(command)
  if (isWrong(words)) throw new Error(words.problem)
  return words.value
}

describe('the command that verifies', () => {
  const log = { log: true, insecure: [] }
  test.each([
    [
      'a keyless signature',
      verifyCommand(reference, keyless, log),
      ['--certificate-identity', keyless.identity, '--certificate-oidc-issuer', keyless.issuer, reference],
    ],
    [
      'a signature of a key',
      verifyCommand(reference, { kind: 'key', reference: 'cosign.pub' }, log),
      ['--key', 'cosign.pub', reference],
    ],
    [
      'one that is not in the log',
      verifyCommand(reference, { kind: 'key', reference: 'a b/$(c).pub' }, { ...log, log: false }),
      ['--key', 'a b/$(c).pub', '--insecure-ignore-tlog', reference],
    ],
    [
      'one in a registry without TLS',
      verifyCommand('reg.lan/x@sha256:b', { kind: 'key', reference: 'k' }, { log: true, insecure: ['reg.lan'] }),
      ['--key', 'k', '--allow-http-registry', 'reg.lan/x@sha256:b'],
    ],
  ])('%s', (_, command, words) => {
    expect(wordsOf(command)).toEqual(['cosign', 'verify', ...words])
  })
})

test.each([
  ['cosign.key', 'cosign.pub'],
  ['keys/release.key', 'keys/release.pub'],
  ['secret', 'cosign.pub'],
  ['env://COSIGN_PRIVATE_KEY', 'cosign.pub'],
  ['awskms:///alias/x', 'awskms:///alias/x'],
])('the public key of %s is %s', (key, expected) => {
  expect(publicKeyOf(key)).toBe(expected)
})

describe('the signer of a keyless signature', () => {
  let server: Loopback | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })
  const ref = 'org/tool/.github/workflows/build-addon.yml@refs/tags/v1'
  const event = { repositoryUrl: 'https://code.example/you/addons' }
  const caller = 'you/addons/.github/workflows/build.yml@refs/heads/main'
  const jwt = (claims: object): string =>
    ['head', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.')

  /** The signer in a job whose token service sends this. */
  async function signer(answer: string, environment: Host['environment'] = { GITHUB_WORKFLOW_REF: caller }) {
    const asked: string[] = []
    const masked: string[] = []
    server = await startLoopback((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`)
      response.end(answer)
    })
    const bare = bareHost('/nowhere', '/nowhere/temporary')
    const host: Host = {
      ...bare,
      event: { ...bare.event, ...event },
      log: { ...bare.log, mask: (secret) => masked.push(secret) },
      environment: {
        ...environment,
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${server.port}/token?x=1`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job-token',
      },
    }
    return { signer: await signerOf({ kind: 'keyless' }, host), asked, masked }
  }
  const value = (claims: object): string => JSON.stringify({ value: jwt(claims) })

  test('is the workflow in the token, which is the called one in a reusable workflow', async () => {
    const claims = { job_workflow_ref: ref, iss: 'https://token.example' }
    const found = await signer(value(claims))
    expect(found.signer).toEqual({
      kind: 'keyless',
      identity: `https://code.example/${ref}`,
      issuer: 'https://token.example',
    })
    expect(found.asked).toEqual(['/token?x=1&audience=sigstore Bearer job-token'])
    expect(found.masked).toEqual([jwt(claims)])
  })

  test.each([
    ['no JSON', '<html>'],
    ['no token', '{}'],
    ['a token without claims', value({})],
    ['a workflow with a space in it', value({ job_workflow_ref: 'a/b/c d@e', iss: 'https://token.example' })],
    ['an issuer that is no address', value({ job_workflow_ref: ref, iss: 'javascript:x' })],
    ['an endless token', `{"value":"${'x'.repeat(100_000)}`],
  ])('is the running workflow if the answer is %s', async (_, answer) => {
    expect((await signer(answer)).signer).toEqual({
      kind: 'keyless',
      identity: `https://code.example/${caller}`,
      issuer: 'https://token.actions.githubusercontent.com',
    })
  })

  test('is not known without a workflow', async () => {
    expect((await signer('{}', {})).signer).toBeUndefined()
  })
})
