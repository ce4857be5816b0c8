import { architectureInName, checkBaseImage } from '../../../src/addon/config/base-image.ts'
import { readBuildFile } from '../../../src/addon/config/build-file.ts'
import { saidOf } from '../messages.ts'

const read = (text: string, file = 'build.yaml') => readBuildFile(text, file)
const said = (text: string) => saidOf(read(text).diagnostics)

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

/** What is wrong with a file, where, and what to do. */
const messages: Readonly<Record<string, string>> = {
  '': '',
  '- a':
    'error build-yaml/not-a-map 1:1 The file is a list, but must have names with values. Begin it with "build_from:".',
  hello:
    'error build-yaml/not-a-map 1:1 The file is a string, but must have names with values. Begin it with "build_from:".',
  'build_from:\n  - a/b:1':
    'error build-yaml/not-a-map 2:3 "build_from" is a list, but must be one image, or one for each architecture. Write "amd64: IMAGE" without the dash.',
  'build_from:\n  amd46: a/b:1':
    'error build-yaml/unknown-architecture 2:3 Architecture "amd46" is not known. Did you mean "amd64"?',
  'build_from:\n  sparc: a/b:1':
    'error build-yaml/unknown-architecture 2:3 Architecture "sparc" is not known. Use one of: amd64, aarch64, armv7, armhf, i386.',
  'build_from:\n  arm64: a/b:1':
    'warning build-yaml/odd-architecture 2:3 The Supervisor does not know the architecture "arm64" and ignores the whole file. Here, it is read as "aarch64". Write "aarch64".',
  'build_from:\n  arm: a/wrong:1\n  armv7: a/right:1':
    'warning build-yaml/odd-architecture 2:3 The Supervisor does not know the architecture "arm" and ignores the whole file. Here, "armv7" is used instead. Remove the line.',
  'build_from:\n  amd64: --platform=linux/amd64 a/b':
    'error build-yaml/argument-in-image 2:10 "--platform=linux/amd64 a/b" contains an option, but FROM does not accept options from an argument. Write "a/b". The platform is set automatically.',
  'build_from:\n  amd64: "  --pull A B"':
    'error build-yaml/argument-in-image 2:10 "--pull A B" contains an option, but FROM does not accept options from an argument. Write only the image name.',
  'build_from:\n  amd64: FROM a/b':
    'error build-yaml/argument-in-image 2:10 "FROM a/b" is a line of a Dockerfile, not an image. Write "a/b".',
  'build_from:\n  amd64: "\\n from\\ta/b \\n"':
    'error build-yaml/argument-in-image 2:10 "from\\ta/b" is a line of a Dockerfile, not an image. Write "a/b".',
  'build_from:\n  amd64: a/b c':
    'error build-yaml/bad-image 2:10 "a/b c" is not a valid image name. Write for example "ghcr.io/home-assistant/base:3.23".',
  'build_from: "a\\n\\nb"':
    'error build-yaml/bad-image 1:13 "a\\n\\nb" is not a valid image name. Write for example "ghcr.io/home-assistant/base:3.23".',
  'build_from:\n  amd64: ghcr.io/Org/b:1':
    'error build-yaml/bad-image 2:10 "ghcr.io/Org/b:1" is not a valid image name. Write it in lower case.',
  'build_from: a/{machine}':
    'error build-yaml/bad-image 1:13 "a/{machine}" has an unknown placeholder. Use "{arch}" and "{version}".',
  'build_from: a/b}':
    'error build-yaml/bad-image 1:13 "a/b}" has an unknown placeholder. Use "{arch}" and "{version}".',
  'build_from:\n  amd64: ""':
    'error build-yaml/empty-image 2:10 The base image is empty. Write its name, or remove the line.',
  'build_from: "  "': 'error build-yaml/empty-image 1:13 The base image is empty. Write its name, or remove the line.',
  'build_from: "a/b:"':
    'error build-yaml/no-tag 1:13 "a/b:" ends with a colon, but has no tag. Write the tag after it, or remove the colon.',
  'build_from: alpine:3.20':
    'warning build-yaml/supervisor-rejects 1:13 "alpine:3.20" has no namespace, so the Supervisor ignores the whole file. Write "docker.io/library/alpine:3.20".',
  'build_from: scratch':
    'warning build-yaml/supervisor-rejects 1:13 "scratch" has no namespace, so the Supervisor ignores the whole file. Write "FROM scratch" in the Dockerfile.',
  'build_from: a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000':
    'warning build-yaml/supervisor-rejects 1:13 "a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000" has a digest, so the Supervisor ignores the whole file. Move it to the Dockerfile: "ARG BUILD_FROM=…".',
  'build_from: a/b/changedetection.io:1':
    'warning build-yaml/supervisor-rejects 1:13 "a/b/changedetection.io:1" does not match the pattern of the Supervisor (letters, digits, "-" and "_" in the last part of the name), so the Supervisor ignores the whole file. Move it to the Dockerfile: "ARG BUILD_FROM=…".',
  'build_from:\n  armv7: ghcr.io/home-assistant/amd64-base:3':
    'warning build-yaml/other-architecture 2:10 The base image of armv7 is "ghcr.io/home-assistant/amd64-base:3", which looks like an image for amd64. Check that the image is for armv7.',
  'build_from:\n  amd64: {a: 1}':
    'error build-yaml/not-a-text 2:10 "build_from.amd64" is a map, but must be a string. Write one string after the colon, in quotes if it begins with "{".',
  'build_from:\n  amd64: [a]':
    'error build-yaml/not-a-text 2:10 "build_from.amd64" is a list, but must be a string. Write one string after the colon.',
  'build_from:\n  amd64: "a/b\\0"':
    'error file/nul-character 2:10 "build_from.amd64" contains a NUL character, which is not possible in an argument. Remove it (written "\\0" or "\\u0000").',
  'build_from:\n  amd64: 5':
    'warning build-yaml/supervisor-rejects 2:10 "5" has no namespace, so the Supervisor ignores the whole file. Write "docker.io/library/5".',
  'args:\n  V: 3.10':
    'warning build-yaml/not-quoted 2:6 The Supervisor reads "args.V" as a number and ignores the whole file. Put it in quotes: "3.10".',
  'args:\n  V: yes':
    'warning build-yaml/not-quoted 2:6 The Supervisor reads "args.V" as true or false and ignores the whole file. Put it in quotes: "yes".',
  'args:\n  V: 2020-01-01':
    'warning build-yaml/not-quoted 2:6 The Supervisor reads "args.V" as a date and ignores the whole file. Put it in quotes: "2020-01-01".',
  'args:\n  V:':
    'warning build-yaml/not-quoted 2:5 The Supervisor reads "args.V" as empty and ignores the whole file. Put it in quotes: "".',
  'args:\n  V: {a: 1}':
    'error build-yaml/not-a-text 2:6 "args.V" is a map, but must be a string. Write one string after the colon, in quotes if it begins with "{".',
  'args:\n  V: [1]':
    'error build-yaml/not-a-text 2:6 "args.V" is a list, but must be a string. Write one string after the colon.',
  'args:\n  --push: "1"':
    'error build-yaml/bad-argument 2:3 "--push" is not a valid name of a build argument. Use letters, digits and "_", and do not begin with a digit.',
  'args:\n  1A: "1"':
    'error build-yaml/bad-argument 2:3 "1A" is not a valid name of a build argument. Use letters, digits and "_", and do not begin with a digit.',
  'args:\n  A-B: "1"':
    'error build-yaml/bad-argument 2:3 "A-B" is not a valid name of a build argument. Use letters, digits and "_", and do not begin with a digit.',
  'args:\n  "A\\n": "1"':
    'error build-yaml/bad-argument 2:3 "A\n" is not a valid name of a build argument. Use letters, digits and "_", and do not begin with a digit.',
  'args: 5':
    'error build-yaml/not-a-map 1:7 "args" is a number, but must have names with values. Write "name: value" below it.',
  'args: x':
    'error build-yaml/not-a-map 1:7 "args" is a string, but must have names with values. Write "name: value" below it.',
  'args: ""':
    'error build-yaml/not-a-map 1:7 "args" is a string, but must have names with values. Write "name: value" below it.',
  'labels:\n  - a: b':
    'error build-yaml/not-a-map 2:3 "labels" is a list, but must have names with values. Write "name: value" without the dash.',
  'labels:\n  a b: c':
    'error build-yaml/bad-label 2:3 "a b" is not a valid name of a label. Do not use spaces or "=", and do not begin with a dash.',
  'labels:\n  -a: c':
    'error build-yaml/bad-label 2:3 "-a" is not a valid name of a label. Do not use spaces or "=", and do not begin with a dash.',
  'labels:\n  a-b: c': '',
  'labels:\n  "": c':
    'error build-yaml/bad-label 2:3 "" is not a valid name of a label. Do not use spaces or "=", and do not begin with a dash.',
  'labels:\n  a=b: c':
    'error build-yaml/bad-label 2:3 "a=b" is not a valid name of a label. Do not use spaces or "=", and do not begin with a dash.',
  'labels:\n  "a\\u0007": c':
    'error build-yaml/bad-label 2:3 "a\u0007" is not a valid name of a label. Do not use spaces or "=", and do not begin with a dash.',
  'labels:\n  a: "{version}"':
    'notice build-yaml/filled-label 2:6 The placeholder in label "a" is replaced here; the retired builder published it unchanged. No action is needed.',
  'labels:\n  a: "x {arch} y"':
    'notice build-yaml/filled-label 2:6 The placeholder in label "a" is replaced here; the retired builder published it unchanged. No action is needed.',
  'labels:\n  a: "{{arch}"':
    'notice build-yaml/filled-label 2:6 The placeholder in label "a" is replaced here; the retired builder published it unchanged. No action is needed.',
  'labels: 5':
    'error build-yaml/not-a-map 1:9 "labels" is a number, but must have names with values. Write "name: value" below it.',
  'squash: true':
    'warning build-yaml/dead-key 1:1 "squash" no longer has an effect. Use a multi-stage Dockerfile to keep layers small.',
  'squash: false': 'notice build-yaml/dead-key 1:1 "squash" no longer has an effect. Remove it.',
  'squash: {a: true}': 'notice build-yaml/dead-key 1:1 "squash" no longer has an effect. Remove it.',
  'codenotary: {signer: x}':
    'notice build-yaml/dead-key 1:1 "codenotary" no longer has an effect: the service was shut down. Remove it; use the input "sign" instead.',
  'shadow_repository: ghcr.io/o':
    'warning build-yaml/dead-key 1:1 "shadow_repository" is not supported: images go to one registry. Copy them with "docker buildx imagetools create".',
  'args:\nlabels:\nbuild_from:\nimage:\ncosign:\n':
    'warning build-yaml/empty-key 1:1 "args" is empty, so the Supervisor ignores the whole file. Remove the line, or indent the lines that belong to it.\nwarning build-yaml/empty-key 2:1 "labels" is empty, so the Supervisor ignores the whole file. Remove the line, or indent the lines that belong to it.\nwarning build-yaml/empty-key 3:1 "build_from" is empty, so the Supervisor ignores the whole file. Remove the line, or indent the lines that belong to it.',
  'build_from: " a/b:1"\n':
    'warning build-yaml/supervisor-rejects 1:13 There is a space before or after "a/b:1", so the Supervisor ignores the whole file. Remove it.',
  'x-base: 1': '',
  'ax-base: 1': 'warning build-yaml/unknown-key 1:1 Unknown key "ax-base"; ignored. Remove it.',
  'biuld_from: a/b:1':
    'warning build-yaml/unknown-key 1:1 Unknown key "biuld_from"; ignored. Did you mean "build_from"?',
  'amd64: a/b:1': 'warning build-yaml/unknown-key 1:1 Unknown key "amd64"; ignored. Indent it below "build_from:".',
  'zzzz: 1': 'warning build-yaml/unknown-key 1:1 Unknown key "zzzz"; ignored. Remove it.',
  'image: {arch}':
    'error build-yaml/not-a-text 1:8 "image" is a map, but must be a string. Write one string after the colon, in quotes if it begins with "{".',
  'image: [a]':
    'error build-yaml/not-a-text 1:8 "image" is a list, but must be a string. Write one string after the colon.',
  'image: ""': '',
  'image: a/b': '',
  'cosign: 5':
    'error build-yaml/not-a-map 1:9 "cosign" is a number, but must have names with values. Write "name: value" below it.',
  'cosign: {identty: x, base_identity: a, identity: b, base_issuer: c, issuer: d}':
    'warning build-yaml/unknown-key 1:10 Unknown key "cosign.identty"; ignored. Did you mean "identity"?',
  'cosign: {zzzzz: x}':
    'warning build-yaml/unknown-key 1:10 Unknown key "cosign.zzzzz"; ignored. Use one of: base_identity, identity, base_issuer, issuer.',
  'cosign: {identity: ""}': '',
  'cosign:\n': '',
}

test.each(Object.entries(messages))('%j is answered with %j', (text, expected) => {
  expect(said(text)).toBe(expected)
})

test('suggests the intended key and architecture', () => {
  expect(read('sqash: false').diagnostics[0]?.remedy).toBe('Did you mean "squash"?')
  expect(read('build_from: {amd46: a/b}').diagnostics[0]?.remedy).toBe('Did you mean "amd64"?')
  expect(read('amd64: a/b:1').diagnostics[0]?.remedy).toBe('Indent it below "build_from:".')
})

test("the Supervisor's name of an architecture takes precedence over another one", () => {
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

test.each<[string, readonly string[]]>([
  ['amd64: a/b:1', []],
  ['args:\n  A: x\n  1A: x\n  _b2: x', ['A', '_b2']],
])('arguments of %j', (text, names) => {
  expect([...read(text).build.args.keys()]).toEqual(names)
})

test('an invalid value does not affect the others', () => {
  const { build } = read(`build_from: {amd64: "", arm64: " a/b:1 ", armv7: [x], i386: "a/{arch}:{version}"}
labels: {a: "1", "b=": "2", c: "{arch}"}
image: ""
cosign: {base_identity: a, identity: b, base_issuer: c, issuer: d}
`)
  expect([...build.bases]).toEqual([
    ['aarch64', { value: 'a/b:1', where: { file: 'build.yaml', line: 1, column: 32 } }],
    ['i386', { value: 'a/{arch}:{version}', where: expect.anything() }],
  ])
  expect(build.basesWhere).toEqual({ file: 'build.yaml', line: 1, column: 1 })
  expect([...build.labels.keys()]).toEqual(['a', 'c'])
  expect(build).not.toHaveProperty('image')
  expect(build.cosign).toEqual({ baseIdentity: 'a', identity: 'b', baseIssuer: 'c', issuer: 'd' })
})

test('an empty file has no values', () => {
  const nothing = { file: 'build.yaml', bases: new Map(), args: new Map(), labels: new Map() }
  for (const text of ['', '- a', 'x-a: 1']) expect(read(text).build).toEqual(nothing)
  expect(read('cosign: {identity: ""}').build.cosign).toEqual({})
  const basesWhere = { file: 'build.yaml', line: 1, column: 1 }
  for (const text of ['build_from:', 'build_from: [a/b]', 'build_from: a b', 'build_from: {amd64: a b}'])
    expect(read(text).build).toEqual({ ...nothing, basesWhere })
})

test.each([
  ['a/b', 'a/b'],
  ['a/b:', 'a/b:3.20'],
  ['a/b:1', 'a/b:1'],
  [' x:5/a/b: ', 'x:5/a/b:3.20'],
])('with --version-from 3.20 the base %j is %s', (written, base) => {
  const { build } = readBuildFile(`build_from: {amd64: "${written}"}`, 'build.yaml', '3.20')
  expect(build.bases.get('amd64')?.value).toBe(base)
})

test.each([
  ['ghcr.io/home-assistant/i386-base:3.19', 'i386'],
  ['arm32v6/debian:12', 'armhf'],
  ['ghcr.io/x/ARMHF-y', 'armhf'],
  ['ghcr.io/x/amd64_and_amd64', 'amd64'],
  ['ghcr.io/x/amd64v8', undefined],
  ['ghcr.io/x/386', undefined],
  ['ghcr.io/x/arm64', undefined],
  ['ghcr.io/home-assistant/amd64-base:3.20-', 'amd64'],
  ['ghcr.io/home-assistant/amd64-base:', 'amd64'],
  ['[::1]:5000/aarch64-base:1', 'aarch64'],
])('the name %s says the architecture %s', (name, expected) => {
  expect(architectureInName(name)).toBe(expected)
})

test.each(['ghcr.io/home-assistant/{arch}-base:{version}', 'a/b', 'a/b:1.2-x_3', 'localhost:5000/a/b_c-d:{arch}'])(
  'the base %s is valid',
  (text) => {
    expect(checkBaseImage(text)).toBeUndefined()
  },
)
