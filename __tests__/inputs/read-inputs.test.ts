import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { oneLine } from '../../src/core/diagnostics.ts'
import { inputNames } from '../../src/inputs/names.ts'
import type { Options } from '../../src/inputs/options.ts'
import { readInputs, secretsOf } from '../../src/inputs/read-inputs.ts'
import { knownNames } from '../../src/pipeline/known-names.ts'

const workspace = '/workspace'
const read = (inputs: Readonly<Record<string, string>>, given?: readonly string[]) =>
  readInputs((name) => inputs[name] ?? '', { workspace, environment: {}, ...knownNames, ...(given && { given }) })

async function options(inputs: Readonly<Record<string, string>>): Promise<Options> {
  const { options: found, diagnostics } = await read(inputs)
  if (!found) throw new Error(diagnostics.map(oneLine).join('\n'))
  return found
}

const refusal = async (inputs: Readonly<Record<string, string>>): Promise<string> => {
  const result = await read(inputs)
  expect(result.options).toBeUndefined()
  return result.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((one) => `${one.code} ${oneLine(one)}`)
    .join('\n')
}

test('without inputs the current folder is built with defaults', async () => {
  const found = await options({})
  expect(found).toMatchObject({
    mode: 'run',
    targets: ['.'],
    push: false,
    driver: 'auto',
    cacheMode: 'max',
    smokeTest: true,
    smokeProtected: true,
    smokeTimeoutMs: 60_000,
    smokeEmulationFactor: 5,
    smokeRetries: 0,
    audit: 'warn',
    baseline: { kind: 'auto' },
    sizeGate: 'fail',
    comment: 'auto',
    provenance: false,
    sign: false,
  })
  for (const name of ['architectures', 'image', 'version', 'tags', 'cache', 'maxSize.all'] as const) {
    expect(found).not.toHaveProperty(name)
  }
})

describe('action.yml', () => {
  const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as {
    inputs: Record<string, { description: string; default?: string }>
    outputs: Record<string, { description: string }>
    runs: Record<string, string>
  }

  test('has the inputs that are read, and no others', () => {
    expect(Object.keys(action.inputs)).toEqual([...inputNames])
  })

  test('has defaults that are the same as omitting the input', async () => {
    const defaults = Object.fromEntries(
      Object.entries(action.inputs).flatMap(([name, input]) =>
        input.default === undefined || name === 'github-token' ? [] : [[name, input.default]],
      ),
    )
    expect(await options(defaults)).toEqual(await options({}))
  })

  test('describes every input and output in one line', () => {
    for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)]) {
      expect(description).toMatch(/^\S.{10,}$/)
    }
  })

  test('runs on the Node that the runner has, and cleans up always', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/main/index.js',
      post: 'dist/post/index.js',
      'post-if': 'always()',
    })
  })
})

test('reports all errors at once', async () => {
  const said = await refusal({ mode: 'x', 'max-size': '1', tags: '{x}', 'smoke-timeout': 'soon', driver: 'remote' })
  expect(said.split('\n').map((line) => /Input "([a-z-]+)"/.exec(line)?.[1])).toEqual(
    expect.arrayContaining(['mode', 'max-size', 'tags', 'smoke-timeout', 'endpoint']),
  )
})

test('reports all invalid privileges at once, with the allowed ones', async () => {
  const said = (await refusal({ 'smoke-privileges': 'SYS_ADMIN, ALL\n/etc, NET_ADMIN' })).split('\n')
  expect(said).toHaveLength(2)
  for (const line of said) expect(line).toMatch(/Use a device path such as .* SYS_TIME\.$/)
})

test('suggests the intended input for an unknown one', async () => {
  const { options: none, diagnostics } = await read({ targte: 'x' }, ['targte', 'push'])
  expect(none).toBeUndefined()
  expect(diagnostics).toMatchObject([{ code: 'input/unknown', remedy: 'Did you mean "target"?' }])
})

test('"comment: always" without a token is refused, "auto" is not', async () => {
  expect(await refusal({ comment: 'always' })).toContain('input/missing-token')
  await expect(options({ comment: 'auto' })).resolves.toMatchObject({ comment: 'auto' })
  await expect(options({ comment: 'always', 'github-token': 't' })).resolves.toMatchObject({ githubToken: 't' })
})

describe('logins', () => {
  test.each<[string, Readonly<Record<string, string>>, Options['logins']]>([
    ['a password alone is for the registry of the image', { password: 'p' }, [{ password: 'p' }]],
    [
      'one line each',
      { registry: 'https://ghcr.io/', username: 'u', password: 'p' },
      [{ registry: 'ghcr.io', username: 'u', password: 'p' }],
    ],
    [
      'several registries, one user',
      { registry: 'ghcr.io\ndocker.io', username: 'u', password: 'p\nq' },
      [
        { registry: 'ghcr.io', username: 'u', password: 'p' },
        { registry: 'docker.io', username: 'u', password: 'q' },
      ],
    ],
    ['nothing', {}, []],
  ])('%s', async (_, inputs, expected) => {
    expect((await options(inputs)).logins).toEqual(expected)
  })

  test('a user without a password is a warning: secrets are empty in pull requests from forks', async () => {
    const { options: found, diagnostics } = await read({ username: 'u', password: '' })
    expect(found?.logins).toEqual([])
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'input/no-password' }])
  })

  test.each([[{ image: 'a.io/x\nb.io/x' }], [{ image: 'a.io/x', 'multi-arch-image': 'a.io/x\nb.io/x' }]])(
    'a password without a registry is refused if %j names several: it would be sent to both',
    async (names) => {
      expect(await refusal({ ...names, password: 'hunter2' })).toMatch(
        /^input\/conflict Input "password": .*"registry"/,
      )
      await expect(options({ ...names, registry: 'a.io', password: 'p' })).resolves.toMatchObject({
        logins: [{ registry: 'a.io', password: 'p' }],
      })
      await expect(options({ image: 'a.io/x\na.io/y', password: 'p' })).resolves.toMatchObject({
        logins: [{ password: 'p' }],
      })
    },
  )

  test('lines that do not pair up are refused without showing a password', async () => {
    const said = await refusal({ registry: 'a.io\nb.io', password: 'hunter2' })
    expect(said).toContain('input/conflict')
    expect(said).not.toContain('hunter2')
  })
})

test('no message shows a secret', async () => {
  const inputs = {
    secrets: 'topsecret value without equals\n=topsecret',
    password: 'topsecret\nx',
    'github-token': 'topsecret',
    args: '--docker-password topsecret --wrong',
  }
  expect(await refusal(inputs)).not.toContain('topsecret')
})

test('secrets are collected for masking before inputs are validated', () => {
  const inputs: Readonly<Record<string, string>> = {
    secrets: 'A=one\n"B=begin\n end"\nid=x,env=Y',
    password: 'two\nthree',
    'github-token': 'four',
    args: '--all --docker-password five',
  }
  expect(secretsOf((name) => inputs[name] ?? '', {})).toEqual(
    expect.arrayContaining(['one', 'begin\n end', 'begin', 'end', 'two', 'three', 'four', 'five']),
  )
})

test('options cannot be changed, maps included', async () => {
  const found = await options({ 'build-args': 'A=1', 'max-size': '1MB' })
  expect(() => ((found as { push: boolean }).push = true)).toThrow(TypeError)
  expect(() => (found.buildArguments as Map<string, string>).set('A', '2')).toThrow(TypeError)
  expect(() => (found.maxSize.only as Map<string, number>).clear()).toThrow(TypeError)
})

describe('args of the retired builder', () => {
  test('applies to values without an input', async () => {
    const found = await options({ args: '--all --target /data/my-addon --test --no-cache -v 1.2' })
    expect(found).toMatchObject({
      targets: ['my-addon'],
      architectures: ['amd64', 'aarch64', 'armv7', 'armhf', 'i386'],
      push: false,
      noCache: true,
      version: '1.2',
    })
  })

  test('publishes without --test, as it did', async () => {
    expect(await options({ args: '--amd64' })).toMatchObject({ push: true, pull: true })
  })

  test('is overridden by inputs', async () => {
    const found = await options({
      args: '--amd64 -t a -v 1',
      push: 'false',
      target: 'b',
      version: '2',
      architectures: 'i386',
    })
    expect(found).toMatchObject({ push: false, targets: ['b'], version: '2', architectures: ['i386'] })
  })
})

describe('the defaults of action.yml', () => {
  const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly default?: unknown }>>
  }
  /** As a runner hands them over: like inputs that were given. An expression is filled in by the runner. */
  const defaults = Object.fromEntries(
    Object.entries(action.inputs).flatMap(([name, { default: value }]) =>
      value === undefined || String(value).includes('{{') ? [] : [[name, String(value)]],
    ),
  )

  test.each([
    {},
    { args: '--test --amd64 --target x' },
    { args: '--all --target x --version 2 --image y -d z --cosign --no-cosign-verify --no-cache --no-latest' },
  ])('change nothing about %j', async (inputs: Readonly<Record<string, string>>) => {
    expect(Object.keys(defaults).length).toBeGreaterThan(10)
    expect(await options({ ...defaults, ...inputs })).toEqual(await options(inputs))
  })
})
