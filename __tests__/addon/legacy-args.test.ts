import { readLegacyArguments } from '../../src/addon/legacy-args.ts'

const read = (text: string) => readLegacyArguments(text)
const codes = (text: string) => read(text).diagnostics.map(({ severity, code }) => `${severity} ${code}`)

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
  ['--amd64 --target a-$NAME $NAME', 'Write the value itself: nothing is filled in here, as a shell would do.'],
])('%s: %s', (text, remedy) => {
  expect(read(text).diagnostics.map((one) => one.remedy)).toEqual([remedy])
})
