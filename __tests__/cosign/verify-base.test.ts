import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/core/diagnostics.ts'
import { openBaseCheck } from '../../src/cosign/verify-base.ts'
import type { Plan, Target } from '../../src/plan/plan.ts'
import type { Registry } from '../../src/registry/client.ts'
import { answeredHost } from '../fixtures/processes.ts'
import { target } from '../fixtures/target.ts'

const digest = `sha256:${'a'.repeat(64)}`
const key = { verifyBase: { kind: 'key', reference: 'env://KEY' }, transparencyLog: true } as const
const based = (baseImage: string | undefined, changes: Partial<Target> = {}): Target =>
  target({ addon: 'addon', ...(baseImage !== undefined && { baseImage }), ...changes })
const planOf = (...targets: readonly Target[]): Plan => ({ addons: [{ slug: 'addon', targets }] }) as never as Plan

/** A registry that knows one digest for every name but `missing`; notes what it is asked. */
const registry = () => {
  const asked: string[] = []
  const digestOf: Registry['digestOf'] = async ({ registry: host, path }, reference) => {
    asked.push(`${host}/${path}:${reference}`)
    return path.endsWith('missing') ? undefined : digest
  }
  return { asked, registry: { digestOf } as Registry }
}

const open = (targets: readonly Target[], options: Parameters<typeof openBaseCheck>[1] = key, fails = '') => {
  const answered = answeredHost((args) =>
    args[0] === 'verify' && args[1] !== '--help' && fails !== '' ? { exitCode: 1, stderr: fails } : {},
  )
  const known = registry()
  const check = openBaseCheck(planOf(...targets), options, known.registry, ['reg.lan'], answered.host)
  return { ...answered, looked: known.asked, check }
}

describe('the check of base images', () => {
  test('does not need cosign if no signature is required', async () => {
    const one = based('reg.lan/base:1')
    const { check, asked, looked } = open([one], { verifyBase: false, transparencyLog: true })
    expect(await (await check)(one)).toBe(one)
    expect([asked, looked]).toEqual([[], []])
  })

  test('makes the build use the verified digest, and logs it', async () => {
    const one = based('reg.lan/base:1', { buildContexts: new Map([['other', 'docker-image://x']]) })
    const { check, asked, lines } = open([one])
    const checked = (await (await check)(one)) as Target
    const exact = `reg.lan/base@${digest}`
    expect([...checked.buildContexts]).toEqual([
      ['other', 'docker-image://x'],
      ['reg.lan/base:1', `docker-image://${exact}`],
    ])
    expect(asked).toEqual([
      { command: 'cosign', args: ['verify', '--help'], options: {} },
      {
        command: 'cosign',
        args: ['verify', '--key', 'env://KEY', '--output=text', '--allow-http-registry', exact],
        options: { environment: { COSIGN_PASSWORD: '' }, pass: ['KEY'], timeoutMs: 180_000 },
      },
    ])
    expect(lines).toEqual([`Verified reg.lan/base:1 (${digest})`])
  })

  test('verifies a base once, even if several targets are built on it', async () => {
    const [one, two] = [based('reg.lan/base:1'), based('reg.lan/base:1', { architecture: 'amd64' })]
    const { check, asked } = open([one, two])
    const checkBase = await check
    await Promise.all([checkBase(one), checkBase(two), checkBase(one)])
    expect(asked.filter(({ args }) => args[1] === '--key')).toHaveLength(1)
  })

  test('verifies each base separately', async () => {
    const { check, looked } = open([based('reg.lan/base:1'), based('reg.lan/base:2')])
    const checkBase = await check
    const checked = (await checkBase(based('reg.lan/other:3'))) as Target
    expect([...checked.buildContexts.keys()]).toEqual(['reg.lan/other:3'])
    expect(looked).toEqual(['reg.lan/base:1', 'reg.lan/base:2', 'reg.lan/other:3'])
  })

  test('starts before the first build', async () => {
    const { check, looked } = open([based('reg.lan/base:1'), based('scratch'), based(undefined)])
    await check
    expect(looked).toEqual(['reg.lan/base:1'])
  })

  test('does not query the registry for a base with a digest, and keeps its name', async () => {
    const one = based(`reg.lan/base@${digest}`)
    const { check, looked, asked } = open([one], {
      verifyBase: { kind: 'keyless', identity: 'who' },
      verifyBaseIssuer: 'issuer',
      transparencyLog: true,
    } as never)
    expect(await (await check)(one)).toBe(one)
    expect(looked).toEqual([])
    expect(asked[1]).toMatchObject({
      args: [
        'verify',
        '--certificate-identity-regexp=who',
        '--certificate-oidc-issuer-regexp=issuer',
        '--output=text',
        '--allow-http-registry',
        `reg.lan/base@${digest}`,
      ],
      options: { pass: [] },
    })
  })

  test('skips FROM scratch and add-ons without a required signature', async () => {
    const [scratch, other] = [based('scratch'), based('reg.lan/base:1', { addon: 'other' })]
    const { check, asked } = open([scratch])
    const checkBase = await check
    expect(await checkBase(scratch)).toBe(scratch)
    expect(await checkBase(other)).toBe(other)
    expect(asked).toHaveLength(1)
  })

  test.each([
    [
      'is not known before the build',
      based(undefined),
      '',
      'The base image cannot be verified, because its name is known only during the build.',
    ],
    [
      'does not exist',
      based('reg.lan/missing:1'),
      '',
      'The base image reg.lan/missing:1 was not verified. The image does not exist. Use one with the required signature, or correct "verify-base".',
    ],
    [
      'does not have the required signature',
      based('reg.lan/base:1'),
      'Error: no signatures found',
      'The base image reg.lan/base:1 was not verified. cosign: no signatures found. Use one with the required signature, or correct "verify-base".',
    ],
    [
      'is replaced by another image',
      based('reg.lan/base:1', { buildContexts: new Map([['reg.lan/base:1', 'docker-image://x']]) }),
      '',
      '"build-contexts" replaces the base image reg.lan/base:1, so it cannot be verified.',
    ],
  ])('refuses a base that %s', async (_, one, fails, refused) => {
    const { check } = open([one], key, fails)
    expect(await (await check)(one)).toEqual({ refused })
  })

  test('fails before the first build if cosign is not installed', async () => {
    const { host } = answeredHost(() => undefined)
    const work = openBaseCheck(planOf(based('reg.lan/base:1')), key, registry().registry, [], host)
    const thrown = (await work.catch((reason: unknown) => reason)) as Failure
    expect(thrown).toBeInstanceOf(Failure)
    expect(thrown.diagnostics[0]).toMatchObject({
      code: 'environment/no-cosign',
      message: 'Verifying the base images needs cosign, which is not installed on this machine.',
      remedy: expect.stringMatching(/ before this step, or set "verify-base: false"\.$/),
    })
  })

  test('does not hide a failure of the machine', async () => {
    const answered = answeredHost((args) => {
      if (args[1] === '--help') return {}
      throw new Failure('environment', [])
    })
    const one = based('reg.lan/base:1')
    const checkBase = await openBaseCheck(planOf(one), key, registry().registry, [], answered.host)
    await expect(checkBase(one)).rejects.toBeInstanceOf(Failure)
  })
})
