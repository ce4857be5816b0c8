import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { passedToBuild } from '../../src/build/build-command.ts'
import { variablesOfKey } from '../../src/cosign/cosign.ts'
import type { CacheKind, SecretOption } from '../../src/inputs/options.ts'
import { actionsCacheVariables, childEnvironment, identityVariables } from '../../src/platform/child-environment.ts'
import { variablesWithoutValue } from '../../src/smoke/options/secrets.ts'

const basic = {
  PATH: '/bin',
  HOME: '/home/runner',
  USER: 'runner',
  LOGNAME: 'runner',
  SHELL: '/bin/sh',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  TZ: 'UTC',
  TMPDIR: '/tmp',
  XDG_RUNTIME_DIR: '/run/user/1000',
  HTTPS_PROXY: 'http://proxy:3128',
  no_proxy: 'localhost',
  SSL_CERT_FILE: '/ca.pem',
  RUNNER_TRACKING_ID: 'github_1',
}
const agent = { SSH_AUTH_SOCK: '/agent' }
const engine = {
  ...agent,
  DOCKER_HOST: 'ssh://other',
  DOCKER_CONFIG: '/docker',
  DOCKER_TLS_VERIFY: '1',
  BUILDX_CONFIG: '/buildx',
  BUILDKIT_HOST: 'tcp://other',
  KUBECONFIG: '/kube',
  SOURCE_DATE_EPOCH: '1700000000',
}
const cloud = {
  DOCKER_AUTH_CONFIG: '{}',
  AWS_SECRET_ACCESS_KEY: 'a',
  GOOGLE_APPLICATION_CREDENTIALS: '/google.json',
  AZURE_CLIENT_SECRET: 'b',
}
const signing = { COSIGN_PASSWORD: 'c', SIGSTORE_ID_TOKEN: 'd', VAULT_TOKEN: 'e' }
const cache = Object.fromEntries(actionsCacheVariables.map((name) => [name, name]))
const identity = Object.fromEntries(identityVariables.map((name) => [name, name]))
const never = { INPUT_PASSWORD: 'f', input_password: 'f', 'INPUT_GITHUB-TOKEN': 'g', STATE_runId: 'h' }
const unlisted = {
  ...{ GITHUB_TOKEN: 'i', GH_TOKEN: 'j', NPM_TOKEN: 'k', DOCKER_PASSWORD: 'l', BUILDX_BAKE_GIT_AUTH_TOKEN: 'm' },
  ...{ NODE_OPTIONS: '--require=/x', LD_PRELOAD: '/x.so', GIT_CONFIG_COUNT: '1', GITHUB_ENV: '/env' },
}
const whole = { ...basic, ...engine, ...cloud, ...signing, ...cache, ...identity, ...never, ...unlisted }

describe('the environment of a child process', () => {
  const { SSH_AUTH_SOCK: _, ...engineOnly } = engine
  test.each<readonly [string, readonly string[], Readonly<Record<string, string>>]>([
    ['git', ['rev-list'], basic],
    ['hadolint', ['-'], basic],
    ['a-program-that-is-not-listed', [], basic],
    ['ssh', ['host'], { ...basic, ...agent }],
    ['docker', ['exec', 'x'], { ...basic, ...engine }],
    ['docker', ['create', 'x'], { ...basic, ...engine }],
    ['docker', ['events'], { ...basic, ...engine }],
    ['docker', ['run', 'tonistiigi/binfmt'], { ...basic, ...engine, ...cloud }],
    ['docker', ['buildx', 'create'], { ...basic, ...engine, ...cloud }],
    ['/usr/libexec/docker/cli-plugins/docker-buildx', ['build'], { ...basic, ...engine, ...cloud }],
    ['docker-credential-ecr-login', ['get'], { ...basic, ...engineOnly, ...cloud }],
    ['cosign', ['sign'], { ...basic, ...engineOnly, ...cloud, ...signing }],
  ])('of "%s %j" has only the variables that it needs', (program, args, expected) => {
    expect(childEnvironment(program, args, whole)).toEqual(expected)
  })

  test('has the variables that are passed explicitly, but never inputs and state of the action', () => {
    const pass = [...actionsCacheVariables, 'NPM_TOKEN', 'NOT_THERE', ...Object.keys(never)]
    expect(childEnvironment('git', [], whole, pass)).toEqual({ ...basic, ...cache, NPM_TOKEN: 'k' })
  })

  test('never has an input or an unlisted variable, for any program', () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('docker', 'docker-buildx', 'cosign', 'ssh', 'docker-credential-x')),
        fc.array(fc.string()),
        fc.string(),
        (program, args, name) => {
          const hidden = { [`INPUT_${name}`]: 'x', [`MY_${name}`]: 'x' }
          expect(childEnvironment(program, args, hidden, [`INPUT_${name}`])).toEqual({})
        },
      ),
    ))
})

describe('the workflow’s owner can pass more variables to a process', () => {
  const build = (kinds: readonly CacheKind[], secrets: readonly SecretOption[]) =>
    passedToBuild({
      cache: { kinds, write: true },
      options: { cacheMode: 'max', noCache: false, pull: false, secrets },
    })

  test('for a build: secrets from variables, and the Actions cache only where it is used', () => {
    expect(build([{ kind: 'gha' }, { kind: 'inline' }], [])).toEqual(actionsCacheVariables)
    const secrets = [
      { id: 'a', environment: 'TOKEN_A' },
      { id: 'b', value: 'text' },
      { id: 'c', file: 'file' },
    ]
    expect(build([{ kind: 'registry' }], secrets)).toEqual(['TOKEN_A'])
  })

  test.each([
    [
      ['--env', 'A', '-e', 'B', '--env=C', '-eD'],
      ['A', 'B', 'C', 'D'],
    ],
    [['--env', 'A=1', '-eB=2', '--env-file', 'E', '--cpus', '1'], []],
  ])('for a container: %j', (args, names) => {
    expect(variablesWithoutValue(args)).toEqual(names)
  })

  test.each([
    ['env://SIGNING_KEY', ['SIGNING_KEY']],
    ['awskms://alias/key', []],
    ['cosign.key', []],
    [undefined, []],
  ])('for a key to sign with: %s', (key, names) => {
    expect(variablesOfKey(key)).toEqual(names)
  })
})
