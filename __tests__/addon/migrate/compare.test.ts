// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { readBuildFile } from '../../../src/addon/config/build-file.ts'
import { refusals } from '../../../src/addon/migrate/compare.ts'
import { readAddons } from '../../../src/addon/read.ts'
import { type Diagnostic, error } from '../../../src/core/diagnostics.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'

type Texts = Readonly<Record<string, string>>
const config = 'name: n\nversion: "1"\nslug: s\ndescription: d\narch: [amd64, armv7]\n'
const usual: Texts = { 'config.yaml': config, Dockerfile: 'FROM a\n' }

const read = async (texts: Texts) => {
  const files = new Map(Object.entries(texts).map(([name, text]) => [`a/${name}`, text]))
  const { addons } = await readAddons({ targets: ['a'], changedOnly: false }, memoryFiles(files))
  const [addon] = addons
  if (!addon) throw new Error('no add-on')
  return addon
}

/** Why a move is refused that turns some files into others. Both have the usual ones. */
async function refused(before: Texts, after: Texts): Promise<readonly Diagnostic[]> {
  const { build } = readBuildFile(before['build.yaml'] ?? '', 'a/build.yaml')
  return refusals(await read({ ...usual, ...before }), await read({ ...usual, ...after }), [], build)
}

const refusal = (message: string, remedy: string, line = 1, column = 1, file = 'a/build.yaml') => ({
  severity: 'error',
  code: 'migrate/refused',
  message: `"a" is not changed: ${message}`,
  remedy,
  where: { file, line, column },
})

describe('a move is refused', () => {
  test.each([
    ['', []],
    [' (It is no map.)', [error('x', 'It is no map.', 'r'), error('x', 'Another.', 'r')]],
  ])('if the files can no longer be read%s', async (why, problems) => {
    const { build } = readBuildFile('', 'a/build.yaml')
    expect(refusals(await read(usual), undefined, problems, build)).toEqual([
      refusal(
        `its files could not be read after the move${why}.`,
        'Move build.yaml by hand, and report this with the files.',
      ),
    ])
  })

  test.each<[string, Texts, Texts, ReturnType<typeof refusal>]>([
    [
      'slug',
      {},
      { 'config.yaml': config.replace('slug: s', 'slug: t') },
      refusal('its slug would change.', 'Write "slug" into config.yaml first.'),
    ],
    [
      'image',
      { 'config.yaml': `${config}image: o/{arch}-n\n` },
      {},
      refusal(
        'its image name would be the default name instead of "o/{arch}-n".',
        'Write "image" into config.yaml by hand, then run this again.',
        6,
        8,
        'a/config.yaml',
      ),
    ],
    [
      'default image',
      {},
      { 'config.yaml': `${config}image: o/{arch}-n\n` },
      refusal(
        'its image name would be "o/{arch}-n" instead of the default name.',
        'Write "image" into config.yaml by hand, then run this again.',
      ),
    ],
    [
      'architectures',
      {},
      { 'config.yaml': config.replace(', armv7', '') },
      refusal(
        'its architectures would be amd64 instead of amd64, armv7.',
        'Write "arch" into config.yaml by hand, then run this again.',
        5,
        1,
        'a/config.yaml',
      ),
    ],
    [
      'known architectures',
      { 'config.yaml': config.replace(/arch.*/, '') },
      {},
      refusal(
        'its architectures would be amd64, armv7 instead of unknown.',
        'Write "arch" into config.yaml by hand, then run this again.',
      ),
    ],
    [
      'declared architectures',
      { 'build.yaml': 'build_from:\n  amd64: x/y:1\n', 'config.yaml': config.replace(/arch.*/, '') },
      { 'config.yaml': config.replace(/arch.*/, '') },
      refusal(
        'its architectures would be unknown instead of amd64.',
        'Write "arch" into config.yaml by hand, then run this again.',
        1,
        1,
      ),
    ],
    [
      'label',
      { 'build.yaml': 'labels:\n  l: "{arch} {version}"\n' },
      { Dockerfile: 'FROM a\nLABEL l=x\n' },
      refusal(
        'for amd64, LABEL l is "amd64 1" now, but would be "x".',
        'Write l into the Dockerfile by hand and remove it from "labels", then run this again.',
        2,
        6,
      ),
    ],
    [
      'lost label',
      { 'build.yaml': 'labels:\n  l: x\n' },
      {},
      refusal(
        'for amd64, LABEL l is "x" now, but would not be set.',
        'Write l into the Dockerfile by hand and remove it from "labels", then run this again.',
        2,
        6,
      ),
    ],
    [
      'new label',
      {},
      { Dockerfile: 'FROM a\nLABEL l=x\n' },
      refusal(
        'for amd64, LABEL l is not set now, but would be "x".',
        'Write l into the Dockerfile by hand and remove it from "labels", then run this again.',
      ),
    ],
    [
      'argument',
      { 'build.yaml': 'args:\n  V: "1"\n', Dockerfile: 'FROM a\nARG V\n' },
      { Dockerfile: 'FROM a\nARG V=2\n' },
      refusal(
        'for amd64, ARG V is "1" now, but would be "2".',
        'Write V into the Dockerfile by hand and remove it from "args", then run this again.',
        2,
        6,
      ),
    ],
    [
      'argument of an earlier stage',
      { 'build.yaml': 'args:\n  V: "1"\n', Dockerfile: 'FROM b\nARG V\nFROM a\nARG V\n' },
      { Dockerfile: 'FROM b\nARG V\nFROM a\nARG V=1\n' },
      refusal(
        'for amd64, ARG V is "1" now, but would not be set.',
        'Write V into the Dockerfile by hand and remove it from "args", then run this again.',
        2,
        6,
      ),
    ],
    [
      'argument of one architecture',
      { 'build.yaml': 'args:\n  V: "1"\n', Dockerfile: 'FROM a\nARG V\n' },
      { Dockerfile: 'FROM a\nARG V=1\n', 'Dockerfile.armv7': 'FROM a\nARG V=2\n' },
      refusal(
        'for armv7, ARG V is "1" now, but would be "2".',
        'Write V into the Dockerfile by hand and remove it from "args", then run this again.',
        2,
        6,
      ),
    ],
  ])('if it would change its %s', async (_, before, after, expected) => {
    expect(await refused(before, after)).toEqual([expected])
  })

  test('if a base would change, with the location of each base', async () => {
    const remedy =
      'Write the base images into the Dockerfile by hand, for example as a stage for each architecture, and remove "build_from". Then run this again.'
    const pattern = (line: number) =>
      `No default of BUILD_FROM results in the right base image for every architecture in "FROM $BUILD_FROM" (a/Dockerfile:${line}).`
    const Dockerfile = 'ARG BUILD_FROM\nFROM $BUILD_FROM\n'
    expect(
      await refused(
        { 'build.yaml': 'build_from:\n  armv7: x/y:1\n  amd64: x/y:{version}\n', Dockerfile },
        { Dockerfile: 'FROM b\n' },
      ),
    ).toEqual([
      refusal(`amd64 is built on "x/y:1" now, but would be built on "b". ${pattern(2)}`, remedy, 3, 10),
      refusal(`armv7 is built on "x/y:1" now, but would be built on "b". ${pattern(2)}`, remedy, 2, 10),
    ])
    expect(
      await refused(
        { 'build.yaml': '\nbuild_from: x/y:1\n', 'Dockerfile.amd64': `#\n${Dockerfile}`, Dockerfile: 'FROM b\n' },
        { 'Dockerfile.amd64': 'ARG BUILD_FROM=""\nFROM $BUILD_FROM\n', Dockerfile: 'FROM b\n' },
      ),
    ).toEqual([
      refusal(
        `amd64 is built on "x/y:1" now, but would be built on nothing. ${pattern(3).replace('Dockerfile', 'Dockerfile.amd64')}`,
        remedy,
        2,
        13,
      ),
    ])
  })

  test('if architectures without a base would get one', async () => {
    const Dockerfile = 'ARG BUILD_FROM\nFROM $BUILD_FROM\n'
    const after = { Dockerfile: 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM\n' }
    const message =
      '"build_from" has no image for amd64, armv7. After the move, the base image would be "x/y:1" for amd64, "x/y:1" for armv7, which no file sets.'
    const add =
      'Add the image to "build_from" (the retired builder used "amd64: ghcr.io/home-assistant/amd64-base:latest", "armv7: ghcr.io/home-assistant/armv7-base:latest")'
    const build = { 'build.yaml': '\nbuild_from:\n  aarch64: x/y:1\n', Dockerfile }
    expect(await refused(build, after)).toEqual([
      refusal(message, `${add}, or remove amd64, armv7 from "arch" in config.yaml. Then run this again.`, 2, 1),
    ])
  })

  test('by the differences of the first architecture that has any', async () => {
    expect(
      (
        await refused(
          { 'build.yaml': 'labels: {l: x, m: y, n: z}\nargs: {V: "1"}\n', Dockerfile: 'FROM a\nARG V\n' },
          { Dockerfile: 'FROM a\nARG V\nLABEL m=y n=a\n' },
        )
      ).map(({ message }) => message),
    ).toEqual([
      '"a" is not changed: for amd64, ARG V is "1" now, but would not be set.',
      '"a" is not changed: for amd64, LABEL l is "x" now, but would not be set.',
      '"a" is not changed: for amd64, LABEL n is "z" now, but would be "a".',
    ])
  })
})

test.each<[string, Texts, Texts]>([
  [
    'a default of each stage',
    { 'build.yaml': 'args: {V: "1"}', Dockerfile: 'FROM b\nARG V\nFROM a\nARG V=0\n' },
    { Dockerfile: 'FROM b\nARG V=1\nFROM a\nARG V=1\n' },
  ],
  [
    'a default before the first FROM',
    { 'build.yaml': 'args: {V: "1"}', Dockerfile: 'ARG V\nFROM a\nARG V\n' },
    { Dockerfile: 'ARG V=1\nFROM a\nARG V\n' },
  ],
  [
    'a variable in a default',
    { 'build.yaml': 'args: {V: "{arch}-{version}"}', Dockerfile: 'FROM a\nARG V\n' },
    { Dockerfile: 'FROM a\nARG V=$BUILD_ARCH-$BUILD_VERSION\n' },
  ],
  [
    'an earlier argument in a default',
    { 'build.yaml': 'args: {V: "1x"}', Dockerfile: 'FROM a\nARG W=1\nARG V\n' },
    { Dockerfile: 'FROM a\nARG W=1\nARG V=${W}x\n' },
  ],
  [
    'a variable in a label',
    { 'build.yaml': 'labels: {l: "{arch}"}' },
    { Dockerfile: 'FROM a\nARG BUILD_ARCH\nLABEL l=$BUILD_ARCH\n' },
  ],
  [
    'a base in a Dockerfile',
    { 'build.yaml': 'build_from: "x:{version}"', Dockerfile: 'ARG BUILD_FROM\nFROM $BUILD_FROM\n' },
    { Dockerfile: 'ARG BUILD_VERSION\nFROM x:$BUILD_VERSION\n' },
  ],
  [
    'stages before the others',
    { 'build.yaml': 'args: {V: "1"}', Dockerfile: 'FROM a\nARG V\n' },
    { Dockerfile: 'FROM b AS c\nFROM a\nARG V=1\n' },
  ],
  ['an empty label', {}, { Dockerfile: 'FROM a\nLABEL l=""\n' }],
  [
    'a label that every build sets',
    { 'build.yaml': 'labels: {io.hass.arch: x, io.hass.version: y}' },
    { Dockerfile: 'FROM a\nLABEL io.hass.version=z\n' },
  ],
  [
    'an argument that every build sets',
    { 'build.yaml': 'args: {BUILD_ARCH: x, BUILD_NAME: x}', Dockerfile: 'FROM a\nARG BUILD_ARCH\nARG BUILD_NAME\n' },
    { Dockerfile: 'FROM a\nARG BUILD_ARCH\nARG BUILD_NAME=y\n' },
  ],
  ['an argument that nothing declares', { 'build.yaml': 'args: {V: "1"}' }, {}],
  ['an argument without a value', { Dockerfile: 'FROM a\nARG V\n' }, { Dockerfile: 'FROM a\n' }],
])('a move is made that keeps %s', async (_, before, after) => {
  expect(await refused(before, after)).toEqual([])
})

test('where no file names the architectures, all of them are compared', async () => {
  const config = { 'config.yaml': usual['config.yaml']?.replace(/arch.*/, '') ?? '' }
  const [first] = await refused(
    { ...config, 'Dockerfile.i386': 'FROM c\n' },
    { ...config, 'Dockerfile.i386': 'FROM d\n' },
  )
  expect(first?.message).toContain('i386 is built on "c" now, but would be built on "d".')
})
