// biome-ignore-all lint/suspicious/noTemplateCurlyInString: forms of a shell.
import { readLegacyArguments } from '../../src/addon/legacy-args.ts'

type Environment = Readonly<Record<string, string>>
const read = (text: string, environment: Environment = {}) => readLegacyArguments(text, environment)
const codes = (text: string, environment: Environment = {}) =>
  read(text, environment).diagnostics.map(({ severity, code }) => `${severity} ${code}`)

test("the call of AICleaner's workflow", () => {
  const { legacy, diagnostics } = read(`--test \\
    --all \\
    --target /data/addons/aicleaner_v3 \\
    --image "{arch}-addon-aicleaner_v3" \\
    --docker-hub "ghcr.io/sporebattyl" \\
    --addon`)
  expect(diagnostics).toEqual([])
  expect(legacy).toEqual({
    target: 'addons/aicleaner_v3',
    architectures: ['amd64', 'aarch64', 'armv7', 'armhf', 'i386'],
    image: '{arch}-addon-aicleaner_v3',
    repository: 'ghcr.io/sporebattyl',
    push: false,
    latest: true,
    additionalTags: [],
    noCache: false,
    sign: false,
  })
})

test('short options, capitals and repeated tags', () => {
  expect(
    read('-t a -v 1.2 -i Name -d Org --amd64 --additional-tag x --additional-tag "y z" --no-latest').legacy,
  ).toMatchObject({
    target: 'a',
    version: '1.2',
    image: 'name',
    repository: 'org',
    additionalTags: ['x', 'y z'],
    latest: false,
  })
})

test.each([
  ['/data', '.'],
  ['/data/', '.'],
  ['/data/a b', 'a b'],
  ['/database', '/database'],
  ['./a', './a'],
])('the target %s is %s', (target, expected) => {
  expect(read(`--amd64 -t "${target}"`).legacy.target).toBe(expected)
})

test.each([
  ['--docker-hub-check --amd64', ['warning args/dropped-option']],
  ['--no-cosign-verify --amd64', []],
  ['--release-tag --amd64', ['warning args/dropped-option']],
  ['--self-cache --amd64', ['notice args/replaced-option']],
  ['--repository https://github.com/x/y -b main --amd64', ['error args/dropped-option', 'error args/dropped-option']],
  ['--generic 1.0 --amd64', ['error args/invalid']],
  ['--machine 1=ALL', ['error args/invalid']],
  ['--targte x --amd64', ['error args/invalid', 'error args/invalid']],
  ['--amd64 a b c', ['error args/invalid']],
  ['--target', ['error args/invalid']],
  ['--target x', ['error args/invalid']],
  [`--target 'x`, ['error args/invalid']],
  ['--amd64 $(touch /tmp/x)', ['error args/invalid']],
])('%s', (text, expected) => {
  expect(codes(text)).toEqual(expected)
})

test('every option that has no effect says what replaces it', () => {
  for (const option of ['--docker-hub-check', '--release-tag', '--docker-login', '--no-crossbuild-cleanup']) {
    const [dropped] = read(`${option} --amd64`).diagnostics
    expect(dropped?.message).toContain(option)
    expect(dropped?.remedy.length).toBeGreaterThan(20)
  }
})

test('names the option that was meant', () => {
  expect(read('--aarch46').diagnostics[0]?.remedy).toBe('Did you mean "--aarch64"?')
})

test.each([
  ['--amd64 --version=2.0', 'Write "--version 2.0".'],
  ['--amd64 --zzzzzz', 'Remove it.'],
  ['--amd64 my addon', 'Remove it, or put a value with spaces in quotes.'],
])('%s: %s', (text, remedy) => {
  expect(read(text).diagnostics.map((one) => one.remedy)).toEqual([remedy])
})

describe('variables', () => {
  test('are filled in from the environment of the step, wherever they are', () => {
    const line = '$BUILD_ARGS --${ARCH} --target /data/${FOLDER} --docker-hub "$HUB" --version ${REF:-dev} $TAGS'
    const environment = {
      BUILD_ARGS: '--test --no-latest',
      ARCH: 'aarch64',
      FOLDER: 'my addon',
      HUB: 'ghcr.io/Me',
      TAGS: '--additional-tag a --additional-tag b',
    }
    expect(codes(line, { ...environment, FOLDER: 'x' })).toEqual([])
    expect(read(line, { ...environment, FOLDER: 'x' }).legacy).toMatchObject({
      target: 'x',
      architectures: ['aarch64'],
      push: false,
      latest: false,
      repository: 'ghcr.io/me',
      version: 'dev',
      additionalTags: ['a', 'b'],
    })
    // As in bash: without quotes a value with a space is two words.
    expect(codes(line, environment)).toEqual(['error args/invalid'])
    expect(read(line.replace('/data/${FOLDER}', '"/data/${FOLDER}"'), environment).legacy.target).toBe('my addon')
  })

  test('one that is not set is empty, and named', () => {
    expect(read('--amd64 $BUILD_ARGS --target x\n$BUILD_ARGS').diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'args/unset-variable',
        message: 'Input "args", line 1: the variable BUILD_ARGS is not set, so it is empty.',
      },
    ])
    expect(codes('--amd64 $BUILD_ARGS', { BUILD_ARGS: '' })).toEqual([])
    expect(codes('--amd64 ${BUILD_ARGS:-}')).toEqual([])
  })

  test('an option does not take the next one for its value where a variable is empty', () => {
    const { legacy, diagnostics } = read('--amd64 --version $REF --test --image', {})
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ['args/unset-variable', 'Input "args", line 1: the variable REF is not set, so it is empty.'],
      ['args/invalid', 'Input "args": --version needs a value, and $REF is empty.'],
      ['args/invalid', 'Input "args": --image needs a value.'],
    ])
    expect(legacy).toMatchObject({ push: false, architectures: ['amd64'] })
    expect(read('--amd64 --version').diagnostics[0]?.message).toBe('Input "args": --version needs a value.')
    expect(read('--amd64 --version $REF').diagnostics[1]?.remedy).toBe('Set REF, or remove --version.')
  })

  test.each([
    'INPUT_PASSWORD',
    'INPUT_GITHUB-TOKEN',
    'input_password',
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'GITHUB_TOKEN',
    'COSIGN_PASSWORD',
    'COSIGN_PRIVATE_KEY',
  ])('%s never gets into a name or a tag', (name) => {
    for (const form of [`$${name}`, `\${${name}}`, `"$${name}"`, `\${${name}:-x}`, `\${NONE-$${name}}`]) {
      const { legacy, diagnostics } = read(`--amd64 --version ${form}`, { [name]: 'hidden' })
      expect(JSON.stringify([legacy, diagnostics])).not.toContain('hidden')
      expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
    }
  })

  test('a message shows what is written, not the value', () => {
    const environment = { SECRET: 'hidden', LIST: 'hidden1 --hidden2' }
    for (const text of ['--amd64 $SECRET', '--amd64 --$SECRET', '--amd64 $LIST', '--amd64 "--version=$SECRET"']) {
      const { diagnostics } = read(text, environment)
      expect(diagnostics.length).toBeGreaterThan(0)
      expect(JSON.stringify(diagnostics)).not.toContain('hidden')
    }
    expect(read('--amd64 --$SECRET', environment).diagnostics[0]?.message).toContain('"--$SECRET"')
  })

  test('names of an object are no variables', () => {
    expect(codes('--amd64 --version $constructor --target $__proto__')).toEqual([
      'warning args/unset-variable',
      'warning args/unset-variable',
      'error args/invalid',
      'error args/invalid',
    ])
  })

  test.each([
    ['--amd64 --docker-hub $HUB', undefined],
    ['--amd64 $ALL', true],
    ['--amd64 --docker-hub $SEVERAL', true],
    ['--amd64 -i "$HUB"', undefined],
    ['--amd64 $TEST -d x', undefined],
  ])('%s: names that come with other words of a variable: %s', (text, expected) => {
    const environment = { HUB: 'x.io', ALL: '--docker-hub x.io', SEVERAL: 'x.io --test', TEST: '--test --no-latest' }
    expect(codes(text, environment)).toEqual([])
    expect(read(text, environment).legacy.namesFromWords).toBe(expected)
  })
})

test('an empty value is none, and a backslash at the end is ignored', () => {
  const { legacy, diagnostics } = read('--amd64 --image "" --docker-hub "" --version "" --release "" --target a \\')
  expect(diagnostics).toEqual([])
  expect(legacy).toEqual({
    target: 'a',
    architectures: ['amd64'],
    push: true,
    latest: true,
    additionalTags: [],
    noCache: false,
    sign: false,
  })
})
