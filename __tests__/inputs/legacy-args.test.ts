// biome-ignore-all lint/suspicious/noTemplateCurlyInString: forms of a shell.
import { type LegacyArguments, readLegacyArguments } from '../../src/inputs/legacy-args.ts'
import { saidOf } from '../addon/messages.ts'

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

test('every option without effect has a notice with its replacement', () => {
  for (const option of ['--docker-hub-check', '--release-tag', '--docker-login', '--no-crossbuild-cleanup']) {
    const [dropped] = read(`${option} --amd64`).diagnostics
    expect(dropped?.message).toContain(option)
    expect(dropped?.remedy.length).toBeGreaterThan(20)
  }
})

test('suggests the intended option', () => {
  expect(read('--aarch46').diagnostics[0]?.remedy).toBe('Did you mean "--aarch64"?')
})

test.each([
  ['--amd64 --version=2.0', 'Write "--version 2.0".'],
  ['--amd64 "--version=a\nb"', 'Write a space instead of "=" after --version.'],
  ['--amd64 --zzzzzz', 'Remove it.'],
  ['--amd64 my addon', 'Remove it, or put a value with spaces in quotes.'],
])('%s: %s', (text, remedy) => {
  expect(read(text).diagnostics.map((one) => one.remedy)).toEqual([remedy])
})

describe('variables', () => {
  test('are replaced from the environment of the step, at any position', () => {
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

  test('are empty if they are not set, with a warning', () => {
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

  test('that are empty do not make an option use the next one as its value', () => {
    const { legacy, diagnostics } = read('--amd64 --version $REF --test --image', {})
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ['args/unset-variable', 'Input "args", line 1: the variable REF is not set, so it is empty.'],
      ['args/invalid', 'Input "args": --version needs a value, but $REF is empty.'],
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
  ])('like %s are never used in a name or a tag', (name) => {
    for (const form of [`$${name}`, `\${${name}}`, `"$${name}"`, `\${${name}:-x}`, `\${NONE-$${name}}`]) {
      const { legacy, diagnostics } = read(`--amd64 --version ${form}`, { [name]: 'hidden' })
      expect(JSON.stringify([legacy, diagnostics])).not.toContain('hidden')
      expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
    }
  })

  test('are shown in messages by name, not by value', () => {
    const environment = { SECRET: 'hidden', LIST: 'hidden1 --hidden2' }
    for (const text of ['--amd64 $SECRET', '--amd64 --$SECRET', '--amd64 $LIST', '--amd64 "--version=$SECRET"']) {
      const { diagnostics } = read(text, environment)
      expect(diagnostics.length).toBeGreaterThan(0)
      expect(JSON.stringify(diagnostics)).not.toContain('hidden')
    }
    expect(read('--amd64 --$SECRET', environment).diagnostics[0]?.message).toContain('"--$SECRET"')
  })

  test('do not include names of JavaScript object properties', () => {
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

test('an empty value is ignored, and so is a backslash at the end', () => {
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

test.each(
  Object.entries({
    '--amd64 --docker-hub-check':
      'warning args/dropped-option - Input "args": --docker-hub-check no longer has an effect. No image is skipped, but unchanged steps come from the cache. Use "changed-only" to build less.',
    '--amd64 --release-tag':
      'warning args/dropped-option - Input "args": --release-tag no longer has an effect. It only applied to base images. Use the input "tags".',
    '--amd64 --docker-login':
      'warning args/dropped-option - Input "args": --docker-login no longer has an effect. Use the inputs "username" and "password", or docker/login-action in an earlier step.',
    '--amd64 --no-crossbuild-cleanup':
      'warning args/dropped-option - Input "args": --no-crossbuild-cleanup no longer has an effect. The post step removes everything that the run created.',
    '--amd64 --repository x':
      'error args/dropped-option - Input "args": --repository is not supported. Check the repository out with actions/checkout and set "target".',
    '--amd64 -b main':
      'error args/dropped-option - Input "args": --branch is not supported. Check the branch out with actions/checkout ("ref").',
    '--amd64 --self-cache':
      'notice args/replaced-option - Input "args": the build cache replaces --self-cache. No action is needed. See the input "cache".',
    '--amd64 --cache-tag x':
      'notice args/replaced-option - Input "args": the build cache replaces --cache-tag. No action is needed. See the input "cache".',
    '--amd64 --docker-password x':
      'notice args/replaced-option - Input "args": other processes can read a password on a command line. Use the inputs "username" and "password".',
    '--generic 1 --amd64':
      'error args/invalid - Input "args": --generic does not build an add-on. This action builds only add-ons. Use docker/build-push-action for other images.',
    '--amd64 --machine x':
      'error args/invalid - Input "args": --machine does not build an add-on. This action builds only add-ons. Use docker/build-push-action for other images.',
    '--target x':
      'error args/invalid - Input "args": there is no architecture. Add "--all", or for example "--amd64 --aarch64".',
    '--amd64 --target': 'error args/invalid - Input "args": --target needs a value. Write it after --target.',
    '--amd64 --version $E':
      'error args/invalid - Input "args": --version needs a value, but $E is empty. Set E, or remove --version.',
    '--amd64 --version $NONE':
      'warning args/unset-variable - Input "args", line 1: the variable NONE is not set, so it is empty. Set it in "env" or in an earlier step, or write ${NONE:-} if it may be empty.\nerror args/invalid - Input "args": --version needs a value, but $NONE is empty. Set NONE, or remove --version.',
    '--amd64 --targte x':
      'error args/invalid - Input "args": "--targte" is not an option of home-assistant/builder. Did you mean "--target"?\nerror args/invalid - Input "args": "x" does not belong to an option. Remove it, or put a value with spaces in quotes.',
    '--amd64 --version=2.0 --test':
      'error args/invalid - Input "args": "--version=2.0" is not an option of home-assistant/builder. Write "--version 2.0".',
    '--amd64 --version=$V':
      'error args/invalid - Input "args": "--version=$V" is not an option of home-assistant/builder. Write a space instead of "=" after --version.',
    '--amd64 "--version=a b"':
      'error args/invalid - Input "args": "\\"--version=a b\\"" is not an option of home-assistant/builder. Write "--version \'a b\'".',
    '--amd64 --zzzzzz':
      'error args/invalid - Input "args": "--zzzzzz" is not an option of home-assistant/builder. Remove it.',
    '--amd64 --zzzz=1':
      'error args/invalid - Input "args": "--zzzz=1" is not an option of home-assistant/builder. Remove it.',
    '--amd64 -=x': 'error args/invalid - Input "args": "-=x" is not an option of home-assistant/builder. Remove it.',
    '--amd64 my addon':
      'error args/invalid - Input "args": "my", "addon" do not belong to an option. Remove it, or put a value with spaces in quotes.',
    '--amd64 my':
      'error args/invalid - Input "args": "my" does not belong to an option. Remove it, or put a value with spaces in quotes.',
    '--amd64 $S':
      'error args/invalid - Input "args": "$S", "$S" do not belong to an option. Put the variable in quotes if its value contains spaces, or write the option before it.',
    '--amd64 --version "$S"': '',
    "--amd64 'x": 'error args/invalid - Input "args", line 1: a \' is not closed. Add the closing \'.',
    '--amd64 $(x)':
      'error args/invalid - Input "args", line 1: command substitution ($(…)) is not supported, because no shell runs. Only $NAME, ${NAME} and ${NAME:-default} are expanded. Set a variable in an earlier step, or write the value itself.',
    '--amd64 -x': 'error args/invalid - Input "args": "-x" is not an option of home-assistant/builder. Remove it.',
    '--amd64 --target --test': 'error args/invalid - Input "args": --target needs a value. Write it after --target.',
    '--amd64 --version "--test"':
      'error args/invalid - Input "args": --version needs a value. Write it after --version.',
    '--amd64 --version --generic':
      'error args/invalid - Input "args": --version needs a value. Write it after --version.\nerror args/invalid - Input "args": --generic does not build an add-on. This action builds only add-ons. Use docker/build-push-action for other images.',
    '--amd64 $INPUT_X':
      'error args/invalid - Input "args", line 1: $INPUT_X is not expanded: it may contain a secret of this step. Use another variable.',
    '': 'error args/invalid - Input "args": there is no architecture. Add "--all", or for example "--amd64 --aarch64".',
    '--amd64 --aarch46 --bogus':
      'error args/invalid - Input "args": "--aarch46" is not an option of home-assistant/builder. Did you mean "--aarch64"?\nerror args/invalid - Input "args": "--bogus" is not an option of home-assistant/builder. Remove it.',

    '--amd64 --test=1':
      'error args/invalid - Input "args": "--test=1" is not an option of home-assistant/builder. Write "--test" alone.',
  }),
)('%j is answered with %j', (text, expected) => {
  expect(saidOf(read(text, { V: '1', E: '', S: 'a b' }).diagnostics)).toBe(expected)
})

const nothing = { architectures: [], additionalTags: [], latest: true, push: true, noCache: false, sign: false }

test.each<[string, Partial<LegacyArguments>]>([
  ['--amd64', {}],
  ['--addon', {}],
  ['--self-cache', {}],
  ['--cache-tag x', {}],
  ['--target x', { target: 'x' }],
  ['-t x', { target: 'x' }],
  ['--version 1', { version: '1' }],
  ['-v 1', { version: '1' }],
  ['--release 2', { release: '2' }],
  ['--image {arch}-N', { image: '{arch}-n' }],
  ['-i n', { image: 'n' }],
  ['--docker-hub GHCR.io/O', { repository: 'ghcr.io/o' }],
  ['-d o', { repository: 'o' }],
  ['--additional-tag x --additional-tag y', { additionalTags: ['x', 'y'] }],
  ['--version-from 3.20', { versionFrom: '3.20' }],
  ['--test', { push: false }],
  ['--no-latest', { latest: false }],
  ['--no-cache', { noCache: true }],
  ['--docker-user u', { username: 'u' }],
  ['--docker-password P', { password: 'P' }],
  ['--cosign', { sign: true }],
  ['--no-cosign-verify', { verifyBase: false }],
  ['--docker-hub-check', {}],
  ['--release-tag', {}],
  ['--docker-login', {}],
  ['--no-crossbuild-cleanup', {}],
  ['-r x', {}],
  ['-b x', {}],
  ['--version "" --docker-user "" --additional-tag ""', {}],
])('%s asks for %j', (text, expected) => {
  expect(read(`--i386 ${text} --amd64`).legacy).toEqual({ ...nothing, architectures: ['amd64', 'i386'], ...expected })
})

test.each(
  Object.entries({
    '--armhf --i386 --armv7 --aarch64 --amd64': 'amd64 aarch64 armv7 armhf i386',
    '--all': 'amd64 aarch64 armv7 armhf i386',
    '--armhf --armhf': 'armhf',
    '--all --amd64': 'amd64 aarch64 armv7 armhf i386',
  }),
)('%s names the architectures %s', (text, expected) => {
  const { legacy, diagnostics } = read(text)
  expect(diagnostics).toEqual([])
  expect(legacy.architectures.join(' ')).toBe(expected)
})

test.each(
  `--generic --base --machine --builder --builder-wheels --base-python --base-raspbian --base-ubuntu --supervisor --hassio-cli
   --homeassistant-base --homeassistant --homeassistant-machine --homeassisant-landingpage`.split(/\s+/),
)('%s builds no add-on, and the next word belongs to it', (option) => {
  expect(saidOf(read(`--amd64 ${option} x`).diagnostics)).toBe(
    `error args/invalid - Input "args": ${option} does not build an add-on. This action builds only add-ons. Use docker/build-push-action for other images.`,
  )
})

test.each(
  `--release-tag --armhf --armv7 --amd64 --aarch64 --i386 --all --test --no-latest --no-cache --self-cache --docker-hub-check
   --addon --cosign --no-cosign-verify --docker-login --no-crossbuild-cleanup`.split(/\s+/),
)('%s takes no value', (option) => {
  expect(read(`--amd64 ${option}=x`).diagnostics.map(({ remedy }) => remedy)).toEqual([`Write "${option}" alone.`])
})

test.each(
  `--repository --branch --target --version --image --release --additional-tag --version-from --cache-tag --docker-hub --docker-user
   --docker-password`.split(/\s+/),
)('%s takes a value, and not the next option', (option) => {
  expect(read(`--amd64 ${option}=x`).diagnostics.map(({ remedy }) => remedy)).toEqual([`Write "${option} x".`])
  expect(read(`--amd64 ${option} -t x`).diagnostics.map(({ message }) => message)).toEqual([
    `Input "args": ${option} needs a value.`,
  ])
})

test.each(['MY_INPUT_X', 'XACTIONS_Y'])('the variable %s is one like any other', (name) => {
  expect(read(`--amd64 --version $${name}`, { [name]: '1' }).legacy.version).toBe('1')
})

test('errors do not affect valid options', () => {
  expect(read("--amd64 'x").legacy).toEqual(nothing)
  expect(read('--amd64 --bogus --test').legacy).toEqual({ ...nothing, architectures: ['amd64'], push: false })
  // The words of a variable that follows an empty one are no value.
  expect(read('--amd64 --version $E --target a', { E: '' }).legacy).toEqual({
    ...nothing,
    architectures: ['amd64'],
    target: 'a',
  })
})

test.each([
  ['/data/data/x', 'data/x'],
  ['x/data', 'x/data'],
  ['data/x', 'data/x'],
  ['/data//x', 'x'],
])('the path %s of the retired container is %s', (path, expected) => {
  expect(read(`--amd64 -t ${path}`).legacy.target).toBe(expected)
})
