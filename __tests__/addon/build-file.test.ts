import { architectureInName } from '../../src/addon/base-image.ts'
import { readBuildFile } from '../../src/addon/build-file.ts'

const read = (text: string, file = 'build.yaml') => readBuildFile(text, file)
const said = (text: string) =>
  read(text).diagnostics.map(({ severity, code, where }) => `${severity} ${code} ${where?.line}:${where?.column}`)

test('a map of bases, arguments and labels keep their source text', () => {
  const { build, diagnostics } = read(`build_from:
  amd64: ghcr.io/home-assistant/amd64-base:3.19
  aarch64: "ghcr.io/home-assistant/{arch}-base:3.19"
args:
  A: "1.0"
  B: '012'
labels:
  io.hass.arch: "x {y}"
image: ghcr.io/o/{arch}-n
cosign:
  base_identity: https://github.com/home-assistant/docker-base/.*
`)
  expect(diagnostics).toEqual([])
  expect([...build.bases].map(([key, { value }]) => [key, value])).toEqual([
    ['amd64', 'ghcr.io/home-assistant/amd64-base:3.19'],
    ['aarch64', 'ghcr.io/home-assistant/{arch}-base:3.19'],
  ])
  expect([...build.args].map(([key, { value }]) => [key, value])).toEqual([
    ['A', '1.0'],
    ['B', '012'],
  ])
  expect(build.labels.get('io.hass.arch')?.value).toBe('x {y}')
  expect(build.image).toEqual({ value: 'ghcr.io/o/{arch}-n', where: { file: 'build.yaml', line: 9, column: 8 } })
  expect(build.cosign).toEqual({ baseIdentity: 'https://github.com/home-assistant/docker-base/.*' })
})

test('one base for all', () => {
  expect(read('build_from: ghcr.io/home-assistant/base:3.23').build.everyBase?.value).toBe(
    'ghcr.io/home-assistant/base:3.23',
  )
})

test.each<[string, string, readonly string[]]>([
  ['nothing at all', '', []],
  ['a list', '- a', ['error build-yaml/not-a-map 1:1']],
  ['a text', 'hello', ['error build-yaml/not-a-map 1:1']],
  ['bases as a list', 'build_from:\n  - a/b:1', ['error build-yaml/not-a-map 2:3']],
  ['an unknown architecture', 'build_from:\n  amd46: a/b:1', ['error build-yaml/unknown-architecture 2:3']],
  ["Docker's name of an architecture", 'build_from:\n  arm64: a/b:1', ['warning build-yaml/odd-architecture 2:3']],
  [
    'an option instead of an image',
    'build_from:\n  amd64: --platform=linux/amd64 a/b',
    ['error build-yaml/argument-in-image 2:10'],
  ],
  ['a FROM line', 'build_from:\n  amd64: FROM a/b', ['error build-yaml/argument-in-image 2:10']],
  ['two words', 'build_from:\n  amd64: a/b c', ['error build-yaml/bad-image 2:10']],
  ['capitals', 'build_from:\n  amd64: ghcr.io/Org/b:1', ['error build-yaml/bad-image 2:10']],
  ['a placeholder nobody knows', 'build_from: a/{machine}', ['error build-yaml/bad-image 1:13']],
  ['a base that is empty', 'build_from:\n  amd64: ""', ['error build-yaml/empty-image 2:10']],
  ['a colon without a tag', 'build_from: "a/b:"', ['error build-yaml/no-tag 1:13']],
  ['an image of Docker itself', 'build_from: alpine:3.20', ['warning build-yaml/supervisor-rejects 1:13']],
  ['scratch', 'build_from: scratch', ['warning build-yaml/supervisor-rejects 1:13']],
  ['a digest', `build_from: a/b@sha256:${'0'.repeat(64)}`, ['warning build-yaml/supervisor-rejects 1:13']],
  ['a dot in the last part', 'build_from: a/b/changedetection.io:1', ['warning build-yaml/supervisor-rejects 1:13']],
  [
    'the base of another architecture',
    'build_from:\n  armv7: ghcr.io/home-assistant/amd64-base:3',
    ['warning build-yaml/other-architecture 2:10'],
  ],
  ['a number as an argument', 'args:\n  V: 3.10', ['warning build-yaml/not-quoted 2:6']],
  ['a map as an argument', 'args:\n  V: {a: 1}', ['error build-yaml/not-a-text 2:6']],
  ['an argument that is an option', 'args:\n  --push: "1"', ['error build-yaml/bad-argument 2:3']],
  ['labels as a list', 'labels:\n  - a: b', ['error build-yaml/not-a-map 2:3']],
  ['a label with a space', 'labels:\n  a b: c', ['error build-yaml/bad-label 2:3']],
  ['a placeholder in a label', 'labels:\n  a: "{version}"', ['notice build-yaml/filled-label 2:6']],
  ['squash', 'squash: true', ['warning build-yaml/dead-key 1:1']],
  ['codenotary', 'codenotary: {signer: x}', ['notice build-yaml/dead-key 1:1']],
  ['a second registry', 'shadow_repository: ghcr.io/o', ['warning build-yaml/dead-key 1:1']],
  ['nothing below a key', 'args:\nlabels:\n', ['warning build-yaml/empty-key 1:1', 'warning build-yaml/empty-key 2:1']],
  ['a space beside a base', 'build_from: " a/b:1"\n', ['warning build-yaml/supervisor-rejects 1:13']],
  ['a key for anchors', 'x-base: &b "a/b:1"\nbuild_from: *b\n', []],
  ['a slip', 'biuld_from: a/b:1', ['warning build-yaml/unknown-key 1:1']],
])('%s: what is said, and where', (_, text, expected) => {
  expect(said(text)).toEqual(expected)
})

test('names the key and the architecture that were meant', () => {
  expect(read('sqash: false').diagnostics[0]?.remedy).toBe('Did you mean "squash"?')
  expect(read('build_from: {amd46: a/b}').diagnostics[0]?.remedy).toBe('Did you mean "amd64"?')
  expect(read('amd64: a/b:1').diagnostics[0]?.remedy).toBe('Indent it below "build_from:".')
})

test("of two names for one architecture the Supervisor's counts", () => {
  const { build } = read('build_from:\n  arm: a/wrong:1\n  armv7: a/right:1')
  expect(build.bases.get('armv7')?.value).toBe('a/right:1')
})

test.each([
  ['ghcr.io/home-assistant/aarch64-base:3.19', 'aarch64'],
  ['arm32v7/debian:12', 'armv7'],
  ['lscr.io/x/y:arm64v8-latest', 'aarch64'],
  ['ghcr.io/x/amd64-and-aarch64', undefined],
  ['ghcr.io/home-assistant/base', undefined],
])('the name %s says %s', (name, expected) => {
  expect(architectureInName(name)).toBe(expected)
})

test('a base that ends with a colon takes the version of --version-from', () => {
  const { build, diagnostics } = readBuildFile('build_from: "a/b:"', 'build.yaml', '3.20')
  expect(build.everyBase?.value).toBe('a/b:3.20')
  expect(diagnostics).toEqual([])
})
