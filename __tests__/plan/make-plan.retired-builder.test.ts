// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import fc from 'fast-check'
import { type Architecture, architectures } from '../../src/core/architecture.ts'
import { events } from './events.ts'
import { attempt, codes, config, first, plan, type Setting } from './planning.ts'

/** An add-on, and what the retired builder made of it. */
interface Shape {
  readonly chosen: readonly Architecture[]
  readonly test: boolean
  /** With or without `{arch}`. */
  readonly image: string
  /** `build_from`; undefined: there is no build.yaml. */
  readonly bases: readonly Architecture[] | undefined
  /** Of `ARG BUILD_FROM`; undefined: it has none. */
  readonly fallback: string | undefined
  /** Text of a label, written as a block scalar; and the line ends behind it. */
  readonly label: string
  readonly ends: number
}

const text = fc.stringMatching(/^[a-z][a-z ."':#-]{0,20}[a-z]$/)
const shapes: fc.Arbitrary<Shape> = fc.record({
  chosen: fc.subarray([...architectures], { minLength: 1 }),
  test: fc.boolean(),
  image: fc.constantFrom('ghcr.io/o/{arch}-n', 'o/n-{arch}', 'ghcr.io/o/n', 'docker.io/o/some-name'),
  bases: fc.option(fc.subarray([...architectures]), { nil: undefined }),
  fallback: fc.constantFrom(
    undefined,
    '',
    'ghcr.io/home-assistant/amd64-base:3.15',
    'ghcr.io/home-assistant/base:3.23',
    'alpine:3',
  ),
  label: text,
  ends: fc.integer({ min: 0, max: 3 }),
})

const block = (value: string, ends: number): string => `|+\n    ${value}${'\n'.repeat(ends)}`

const settingOf = ({ chosen, test: isTest, image, bases, fallback, label, ends }: Shape): Setting => ({
  files: {
    'a/config.yaml': `${config(`image: ${image}\n`).replace(/arch: .*/, `arch: [${architectures.join(', ')}]`)}`,
    ...(bases && {
      'a/build.yaml': [
        ...(bases.length > 0 ? ['build_from:', ...bases.map((one) => `  ${one}: x/${one}-own:1`)] : []),
        `labels:\n  x.text: ${block(label, ends)}`,
        `args:\n  TEXT: ${block(label, ends)}`,
        '',
      ].join('\n'),
    }),
    'a/Dockerfile': `ARG BUILD_FROM${fallback === undefined ? '' : `=${fallback}`}\nFROM $BUILD_FROM\n`,
  },
  inputs: { target: '', args: `${isTest ? '--test ' : ''}${chosen.map((one) => `--${one}`).join(' ')} --target a` },
})

test('property: bases, names, tags and texts are those of the retired builder (rows 3, 5, 7 and 8)', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const { chosen, image, bases = [], label } = shape
      const { addons } = await plan(settingOf(shape))
      const [addon] = addons
      const oneName = !image.includes('{arch}')
      const asList = oneName && !shape.test && chosen.length > 1
      expect(addon?.targets.map(({ architecture }) => architecture)).toEqual(
        architectures.filter((one) => chosen.includes(one)),
      )
      // Several architectures under one name, published: one image for all of them, and it has the tags.
      expect(addon?.multiArch).toEqual(asList ? expect.objectContaining({ image, tags: ['1.0', 'latest'] }) : undefined)
      for (const target of addon?.targets ?? []) {
        const { architecture } = target
        expect(target.image).toBe(image.replace('{arch}', architecture))
        expect(target.tags).toEqual(asList ? [] : ['1.0', 'latest'])
        // Never a default of the Dockerfile for one architecture; one for all of them stays.
        const { fallback = '' } = shape
        const own = bases.includes(architecture) ? `x/${architecture}-own:1` : undefined
        const keeps = own === undefined && fallback !== '' && !fallback.includes('amd64')
        const base = own ?? (keeps ? fallback : `ghcr.io/home-assistant/${architecture}-base:latest`)
        expect([target.baseImage, target.buildArguments.get('BUILD_FROM')]).toEqual([base, keeps ? undefined : base])
        if (shape.bases) {
          expect(target.labels.get('x.text')).toBe(label)
          expect(target.buildArguments.get('TEXT')).toBe(label)
        }
      }
    }),
    { numRuns: 150 },
  )
})

test('property: without args no architecture is built on a base image that is named for another', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.constantFrom(...architectures), async (shape, named) => {
      const { chosen } = shape
      const setting = settingOf({ ...shape, bases: undefined, fallback: `ghcr.io/home-assistant/${named}-base:3.15` })
      const { plan: made, diagnostics } = await attempt({
        ...setting,
        inputs: { target: 'a', architectures: chosen.join(',') },
      })
      const isArm = (one: Architecture) => one === 'armv7' || one === 'armhf'
      const foreign = chosen.filter((one) => one !== named && !(isArm(one) && isArm(named)))
      expect(made === undefined).toBe(foreign.length > 0)
      expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(
        foreign.length > 0 ? ['plan/base-of-other-architecture'] : [],
      )
    }),
    { numRuns: 60 },
  )
})

describe('base images', () => {
  const args = (line: string) => ({ target: '', args: `${line} --target a` })
  const said = async (setting: Setting) =>
    (await attempt(setting)).diagnostics.filter(({ code }) => code === 'plan/default-base')

  test('of a default are reported once for all architectures, with the unused value', async () => {
    const files = { 'a/Dockerfile': '\nARG BUILD_FROM="ghcr.io/home-assistant/amd64-base:3.15"\nFROM $BUILD_FROM' }
    expect(await said({ files, inputs: args('--amd64 --aarch64') })).toMatchObject([
      {
        severity: 'warning',
        where: { file: 'a/Dockerfile' },
        message:
          'No build.yaml sets a base image for amd64, aarch64, so they are built on "ghcr.io/home-assistant/amd64-base:latest", "ghcr.io/home-assistant/aarch64-base:latest", as home-assistant/builder did. The default "ghcr.io/home-assistant/amd64-base:3.15" of the Dockerfile is not used.',
      },
    ])
  })

  test.each([
    ['ghcr.io/home-assistant/base:3.23', ['ghcr.io/home-assistant/base:3.23', 'ghcr.io/home-assistant/base:3.23']],
    [
      'ghcr.io/home-assistant/${BUILD_ARCH}-base:3.19',
      ['ghcr.io/home-assistant/amd64-base:3.19', 'ghcr.io/home-assistant/aarch64-base:3.19'],
    ],
    ['$NONE', ['ghcr.io/home-assistant/amd64-base:latest', 'ghcr.io/home-assistant/aarch64-base:latest']],
    [
      'homeassistant/aarch64-base:latest',
      ['ghcr.io/home-assistant/amd64-base:latest', 'ghcr.io/home-assistant/aarch64-base:latest'],
    ],
  ])(
    'with the default %s result in %j: a Dockerfile written by "migrate" also works with args',
    async (fallback, expected) => {
      const files = { 'a/Dockerfile': `ARG BUILD_ARCH\nARG BUILD_FROM=${fallback}\nFROM $BUILD_FROM` }
      const { addons } = await plan({ files, inputs: args('--amd64 --aarch64') })
      expect(addons[0]?.targets.map(({ baseImage }) => baseImage)).toEqual(expected)
      const kept = !expected[0]?.endsWith('-base:latest')
      expect(await said({ files, inputs: args('--amd64 --aarch64') })).toMatchObject([
        {
          message: expect.stringContaining(
            kept ? 'the default of BUILD_FROM in the Dockerfile is used' : 'they are built on',
          ),
        },
      ])
    },
  )

  test('without a default in the Dockerfile cause no warning, and no message if none is used', async () => {
    const files = { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM', 'a/build.yaml': 'build_from: {amd64: x/y:1}' }
    expect(await said({ files, inputs: args('--amd64 --aarch64') })).toMatchObject([
      {
        severity: 'notice',
        message: expect.stringContaining('"build_from" has no image for aarch64, so it is built on'),
      },
    ])
    expect(await said({ files: { 'a/Dockerfile': 'FROM x/y:1' }, inputs: args('--amd64') })).toEqual([])
  })

  test('are overridden by the input build-args', async () => {
    const setting = {
      files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM' },
      inputs: { ...args('--amd64'), 'build-args': 'BUILD_FROM=x/mine:2' },
    }
    expect((await first(setting)).target.baseImage).toBe('x/mine:2')
    expect(await said(setting)).toEqual([])
  })

  test('an architecture that build_from leaves out builds where the Dockerfile never uses it (row 9)', async () => {
    const files = { 'a/Dockerfile': 'FROM x/y:1', 'a/build.yaml': 'build_from: {amd64: x/z:1}' }
    expect(await codes({ files, inputs: args('--aarch64') })).toEqual(['warning plan/build-from-unused'])
    expect((await first({ files, inputs: args('--aarch64') })).target.baseImage).toBe('x/y:1')
  })

  test('a literal base image of another architecture is refused, also with args', async () => {
    const files = { 'a/Dockerfile': 'FROM ghcr.io/home-assistant/amd64-base:3.15' }
    expect(await codes({ files, inputs: args('--aarch64') })).toEqual(['error plan/base-of-other-architecture'])
  })
})

describe('one name for all architectures (row 5)', () => {
  const files = { 'a/config.yaml': config('image: ghcr.io/o/n\n') }
  const of = (line: string, more = {}) => ({ files, inputs: { target: '', args: `${line} --target a`, ...more } })

  test('publishes several architectures as one image, with a notice', async () => {
    expect(await codes(of('--amd64 --aarch64'))).toEqual(['notice plan/one-name'])
    const { addon } = await first(of('--amd64 --aarch64'))
    expect(addon.multiArch).toMatchObject({ image: 'ghcr.io/o/n', tags: ['1.0', 'latest'] })
    expect(addon.targets.map(({ tags }) => tags)).toEqual([[], []])
  })

  test('the jobs of a matrix push by digest, as the run that joins them expects', async () => {
    const { addon, target } = await first(of('--amd64', { mode: 'build' }))
    expect(target.tags).toEqual([])
    const joined = await first(of('--amd64 --aarch64', { mode: 'publish' }))
    expect(joined.target).toEqual(target)
    expect(joined.addon.multiArch).toEqual(addon.multiArch)
  })

  test('one of several is published with a warning, and tested without', async () => {
    expect(await codes(of('--amd64'))).toEqual(['warning plan/one-name'])
    expect((await first(of('--amd64'))).target.tags).toEqual(['1.0', 'latest'])
    expect(await codes(of('--test --amd64 --aarch64'))).toEqual([])
  })

  test('"multi-arch-image: false" leaves nothing that could have the tags', async () => {
    expect(await codes(of('--amd64 --aarch64', { 'multi-arch-image': 'false' }))).toEqual([
      'error plan/architectures-share-name',
    ])
  })
})

describe('versions (row 6)', () => {
  const two = { 'b/config.yaml': config('', 'other'), 'b/Dockerfile': 'FROM x/y' }
  const release = { event: events.release }
  const versionOf = async (setting: Setting) => (await first(setting)).addon.version

  test('with args are from config.yaml, and a different release is a warning at its line', async () => {
    const setting = { inputs: { target: '', args: '--test --amd64 --target a' }, ...release }
    expect(await versionOf(setting)).toBe('1.0')
    const { diagnostics } = await attempt(setting)
    expect(diagnostics.filter(({ code }) => code === 'plan/version-differs')).toMatchObject([
      {
        severity: 'warning',
        where: { file: 'a/config.yaml', line: 2 },
        message:
          'The release is 1.2.3, but the version in config.yaml is 1.0, which is published: the Supervisor requests the version in config.yaml.',
      },
    ])
  })

  test.each([
    ['--version 7', '7', []],
    ['--release 9', '1.0', []],
  ])('can be overridden by %s', async (option, version, expected) => {
    const setting = { inputs: { target: '', args: `--test --amd64 --target a ${option}` }, ...release }
    expect(await versionOf(setting)).toBe(version)
    expect(await codes(setting)).toEqual(expected)
  })

  test('are from config.yaml if the repository has several add-ons, otherwise from the release', async () => {
    expect(await versionOf({ ...release })).toBe('1.2.3')
    expect(await versionOf({ files: two, ...release })).toBe('1.0')
    expect(await codes({ files: two, ...release })).toEqual(['warning plan/version-differs'])
    // A config.json of something else makes no second add-on.
    const site = { 'site/config.json': '{"theme": "dark"}', 'docs/build.yaml': 'x: 1' }
    expect(await versionOf({ files: site, ...release })).toBe('1.2.3')
    // A tag that names the add-on is its release.
    const named = { ...events.release, release: { tag: 'a-v1.0', prerelease: false, draft: false } }
    expect(await codes({ files: two, event: named })).toEqual([])
  })

  test('that differ in several add-ons are one warning; a tag that is not their version causes none', async () => {
    const both = { files: two, inputs: { target: 'a\nb' } }
    const { diagnostics } = await attempt({ ...both, ...release })
    expect(diagnostics.filter(({ code }) => code === 'plan/version-differs').map(({ message }) => message)).toEqual([
      'The release is 1.2.3, but the version in config.yaml is 1.0 of probe, 1.0 of other, which is published: the Supervisor requests the version in config.yaml.',
    ])
    for (const tag of ['nightly', 'other-thing-2.0']) {
      const event = { ...events.release, release: { tag, prerelease: false, draft: false } }
      expect(await codes({ ...both, event })).toEqual([])
    }
  })
})

test('image of config.yaml comes before that of build.yaml with args, and after it without (row 9)', async () => {
  const files = {
    'a/config.yaml': config('image: ghcr.io/o/{arch}-config\n'),
    'a/build.yaml': 'image: ghcr.io/o/{arch}-build\n',
  }
  expect((await first({ files, inputs: { target: '', args: '--amd64 -t a' } })).target.image).toBe(
    'ghcr.io/o/amd64-config',
  )
  expect((await first({ files })).target.image).toBe('ghcr.io/o/amd64-build')
})

test('--release is in the labels, over those of the Dockerfile and of build.yaml (row 9)', async () => {
  const files = {
    'a/build.yaml': 'labels: {org.opencontainers.image.version: file}',
    'a/Dockerfile': 'FROM x/y\nLABEL org.opencontainers.image.version=own io.hass.name=own',
  }
  const { target } = await first({ files, inputs: { target: '', args: '--amd64 -t a --release 9' } })
  expect(target.labels.get('org.opencontainers.image.version')).toBe('9')
  expect(target.labels.get('io.hass.version')).toBe('9')
  expect(target.labels.get('io.hass.name')).toBe('The Probe')
  expect(target.buildArguments.get('BUILD_VERSION')).toBe('1.0')
  expect(target.tags).toEqual(['1.0', 'latest'])
})

test.each([
  ['aarch64', true],
  ['amd64', true],
  ['amd64-builder', true],
  ['ghcr.io/home-assistant/armv7-builder:2025.09.0', true],
  ['homeassistant/i386-builder', true],
  ['ghcr.io/o/aarch64', false],
  ['my-builder', false],
  ['{arch}-name', false],
])('the input image %s beside args is that of the builder: %s (row 4)', async (image, isBuilder) => {
  const setting = {
    files: { 'a/config.yaml': config('image: ghcr.io/o/{arch}-n\n') },
    inputs: { target: '', args: '--amd64 --target a', image },
  }
  const { target } = await first(setting)
  expect(target.image).toBe(isBuilder ? 'ghcr.io/o/amd64-n' : image.replace('{arch}', 'amd64'))
  if (image.includes(':')) return
  // Without args it is a name like any other.
  expect((await first({ ...setting, inputs: { image } })).target.image).toBe(image.replace('{arch}', 'amd64'))
})
