import { describe, expect, test } from '@jest/globals'
import { failureOf, keyReference, registryArguments, variablesOfKey } from '../../src/cosign/cosign.ts'
import { signArguments, withoutLog } from '../../src/cosign/sign.ts'
import { basePolicy, verifyArguments } from '../../src/cosign/verify-base.ts'
import { isTransient } from '../../src/registry/error.ts'

const image = `ghcr.io/o/n@sha256:${'a'.repeat(64)}`
const local = `localhost:5000/o/n@sha256:${'a'.repeat(64)}`

describe('the arguments of cosign sign', () => {
  test.each([
    ['without a key, into the log', image, { noLog: [], insecure: [] }, `sign --yes ${image}`],
    ['with a key', image, { key: '/w/cosign.key', noLog: [], insecure: [] }, `sign --yes --key /w/cosign.key ${image}`],
    [
      'out of the log',
      image,
      { key: 'env://K', noLog: ['--signing-config', '/t/c.json'], insecure: [] },
      `sign --yes --key env://K --signing-config /t/c.json ${image}`,
    ],
    ['on this machine', local, { noLog: [], insecure: [] }, `sign --yes --allow-http-registry ${local}`],
    [
      'in a registry that docker speaks to without TLS',
      local.replace('localhost', 'reg.lan'),
      { noLog: [], insecure: ['reg.lan:5000'] },
      `sign --yes --allow-http-registry ${local.replace('localhost', 'reg.lan')}`,
    ],
    [
      'in one that it does not',
      local.replace('localhost', 'reg.lan'),
      { noLog: [], insecure: [] },
      `sign --yes ${local.replace('localhost', 'reg.lan')}`,
    ],
  ])('%s', (_, reference, setting, expected) => {
    expect(signArguments(reference, setting).join(' ')).toBe(expected)
  })

  test.each([
    ['3.1', '--signing-config=', ['--signing-config', 'f']],
    [
      '2.6, which has two formats',
      '--signing-config= --new-bundle-format=false',
      ['--signing-config', 'f', '--new-bundle-format'],
    ],
    ['2.4, which has no configuration', '--tlog-upload=true', ['--tlog-upload=false']],
  ])('by %s without the log', (_, help, expected) => {
    expect(withoutLog(help, 'f')).toEqual(expected)
  })

  test.each([
    ['cosign.key', '/w/cosign.key'],
    ['/k/cosign.key', '/k/cosign.key'],
    ['-k', '/w/-k'],
    ['env://KEY', 'env://KEY'],
    ['awskms:///arn:aws:kms:eu-west-1:1:key/x', 'awskms:///arn:aws:kms:eu-west-1:1:key/x'],
    ['k8s://ns/name', 'k8s://ns/name'],
    ['keys/x://y', '/w/keys/x:/y'],
  ])('with the key %s', (reference, expected) => {
    expect(keyReference(reference, '/w')).toBe(expected)
  })
})

describe('the required signature of a base', () => {
  const block = { baseIdentity: 'https://github.com/o/base/.*', baseIssuer: 'https://issuer.example' }
  const github = 'https://token.actions.githubusercontent.com'
  test.each([
    ['nobody says', undefined, {}, undefined],
    ['build.yaml speaks of the add-on only', { identity: 'x' }, {}, undefined],
    ['build.yaml says', block, {}, { kind: 'keyless', identity: block.baseIdentity, issuer: block.baseIssuer }],
    [
      'build.yaml says who, not who vouches',
      { baseIdentity: 'x' },
      {},
      { kind: 'keyless', identity: 'x', issuer: github },
    ],
    [
      'the input takes its place',
      block,
      { verifyBase: { kind: 'key', reference: 'k' } },
      { kind: 'key', reference: 'k' },
    ],
    [
      'the input names another',
      block,
      { verifyBase: { kind: 'keyless', identity: 'y' }, verifyBaseIssuer: 'z' },
      { kind: 'keyless', identity: 'y', issuer: 'z' },
    ],
    ['the input does without', block, { verifyBase: false }, undefined],
  ] as const)('%s', (_, cosign, options, expected) => {
    expect(basePolicy(cosign, { transparencyLog: true, ...options })).toEqual(expected)
  })

  const setting = { log: true, insecure: [], workspace: '/w' }
  test.each([
    ['a key', { kind: 'key', reference: 'cosign.pub' }, setting, `verify --key /w/cosign.pub --output=text ${image}`],
    [
      'a key that is in no log',
      { kind: 'key', reference: 'cosign.pub' },
      { ...setting, log: false },
      `verify --key /w/cosign.pub --insecure-ignore-tlog --output=text ${image}`,
    ],
    [
      'an identity, which may look like an option',
      { kind: 'keyless', identity: '--key', issuer: 'i' },
      { ...setting, log: false },
      `verify --certificate-identity-regexp=--key --certificate-oidc-issuer-regexp=i --output=text ${image}`,
    ],
  ] as const)('becomes arguments of cosign verify for %s', (_, policy, how, expected) => {
    expect(verifyArguments(image, policy, how).join(' ')).toBe(expected)
  })

  test.each([
    [undefined, []],
    ['env://KEY', ['KEY']],
    ['/keys/env://KEY', []],
    ['awskms:///key', []],
  ])('the key %s is in the variables %j', (key, expected) => {
    expect(variablesOfKey(key)).toEqual(expected)
  })

  test('plain HTTP is used only for registries with which docker uses it', () => {
    expect(registryArguments(image, [])).toEqual([])
    expect(registryArguments(local, [])).toEqual(['--allow-http-registry'])
  })
})

describe('the error message of cosign', () => {
  test.each([
    [
      'Error: no signatures found\nerror during command execution: no signatures found',
      'cosign: no signatures found.',
      false,
    ],
    [
      'WARNING: x\nError: signing: getting signer: reading key: decrypt: encrypted: decryption failed',
      'cosign: signing: getting signer: reading key: decrypt: encrypted: decryption failed.',
      false,
    ],
    [
      'Error: getting trusted root: tuf refresh failed: Get "x"',
      'cosign: getting trusted root: tuf refresh failed: Get "x".',
      true,
    ],
    [
      'Error: PUT https://x/v2/: unexpected status code 503 Service Unavailable',
      'cosign: PUT https://x/v2/: unexpected status code 503 Service Unavailable.',
      true,
    ],
    ['Error: dial tcp 1.2.3.4:443: i/o timeout', 'cosign: dial tcp 1.2.3.4:443: i/o timeout.', true],
    ['Error: POST https://x/v2/: DENIED: denied', 'cosign: POST https://x/v2/: DENIED: denied.', false],
    ['', 'cosign: no error message.', false],
    ['a warning\n  the last line  \n\n', 'cosign: the last line.', false],
    ['  Error: first  \nError: second', 'cosign: first.', false],
    ['x Error: inside', 'cosign: x Error: inside.', false],
  ])('%j', (stderr, message, again) => {
    const failure = failureOf(stderr)
    expect([failure.message, isTransient(failure)]).toEqual([message, again])
  })
})
