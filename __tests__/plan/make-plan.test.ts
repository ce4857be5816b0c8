// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import fc from 'fast-check'
import { memoryFiles } from '../../src/addon/files.ts'
import { isImageName } from '../../src/addon/image-name.ts'
import { readAddons } from '../../src/addon/read.ts'
import { type Diagnostic, oneLine } from '../../src/diagnostics.ts'
import type { GitHubEvent } from '../../src/host.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { withoutArchitecture } from '../../src/plan/names.ts'
import { planOutputs } from '../../src/plan/outputs.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { showPlan } from '../../src/plan/show.ts'
import { optionsOf } from '../addon/corpus.ts'
import { events } from './events.ts'

const config = (more = '', slug = 'probe') =>
  `name: "The Probe"\nversion: "1.0"\nslug: ${slug}\ndescription: Looks\nurl: https://example.org\narch: [amd64, aarch64, armv7]\n${more}`
const plain = 'FROM ghcr.io/home-assistant/base:3.23\n'

interface Setting {
  readonly files?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  readonly event?: GitHubEvent
}

async function attempt({
  files,
  inputs = {},
  event = events.push,
}: Setting): Promise<{ plan?: Plan; diagnostics: readonly Diagnostic[] }> {
  const options = await optionsOf({ target: 'a', ...inputs })
  const all = { 'a/config.yaml': config(), 'a/Dockerfile': plain, ...files }
  const { addons, diagnostics } = await readAddons(options, memoryFiles(new Map(Object.entries(all))))
  const made = makePlan(addons, options, event)
  return { ...made, diagnostics: [...diagnostics, ...made.diagnostics] }
}

async function plan(setting: Setting = {}): Promise<Plan> {
  const { plan: made, diagnostics } = await attempt(setting)
  if (!made) throw new Error(diagnostics.map(oneLine).join('\n'))
  return made
}

const first = async (setting: Setting = {}) => {
  const made = await plan(setting)
  const [addon] = made.addons
  const [target] = addon?.targets ?? []
  if (!addon || !target) throw new Error('nothing planned')
  return { addon, target }
}

const codes = async (setting: Setting) =>
  (await attempt(setting)).diagnostics
    .filter(({ code }) => code !== 'config/deprecated-architecture' && code !== 'build-yaml/deprecated')
    .map(({ severity, code }) => `${severity} ${code}`)

describe('names', () => {
  test.each<[string, string, string | undefined]>([
    ['ghcr.io/org/{arch}-name', 'ghcr.io/org/aarch64-name', 'ghcr.io/org/name'],
    ['ghcr.io/org/name/{arch}', 'ghcr.io/org/name/aarch64', 'ghcr.io/org/name'],
    ['ghcr.io/org/name-{arch}', 'ghcr.io/org/name-aarch64', 'ghcr.io/org/name'],
    ['ghcr.io/org/name', 'ghcr.io/org/name', 'ghcr.io/org/name'],
    ['org/{arch}-x-{slug}', 'org/aarch64-x-probe', 'org/x-probe'],
    ['ghcr.io/{owner}/{slug}-{arch}', 'ghcr.io/owner/probe-aarch64', 'ghcr.io/owner/probe'],
    ['localhost:5000/{arch}-n', 'localhost:5000/aarch64-n', 'localhost:5000/n'],
  ])('%s makes %s and %s', async (image, one, list) => {
    const { addon, target } = await first({ inputs: { image, architectures: 'aarch64' } })
    expect(target.image).toBe(one)
    expect(addon.multiArch?.image).toBe(list)
  })

  test('build.yaml comes before config.yaml, and the input before both', async () => {
    const files = {
      'a/config.yaml': config('image: ghcr.io/c/{arch}-n\n'),
      'a/build.yaml': 'image: ghcr.io/b/{arch}-n',
    }
    expect((await first({ files })).target.image).toBe('ghcr.io/b/amd64-n')
    expect((await first({ files, inputs: { image: 'ghcr.io/i/{arch}-n' } })).target.image).toBe('ghcr.io/i/amd64-n')
    expect((await first({ files: { 'a/config.yaml': files['a/config.yaml'] } })).target.image).toBe('ghcr.io/c/amd64-n')
    expect((await first({})).target.image).toBe('ghcr.io/owner/amd64-probe')
  })

  test('a name that all architectures share has its tags on the manifest list only', async () => {
    const made = await plan({ inputs: { image: 'ghcr.io/o/n' } })
    expect(made.addons[0]?.targets.map(({ tags }) => tags)).toEqual([[], [], []])
    expect(made.addons[0]?.multiArch).toMatchObject({ image: 'ghcr.io/o/n', tags: ['1.0'] })
  })

  test('a tag that names an architecture is the one of its image, also where architectures share a name', async () => {
    const made = await plan({ inputs: { image: 'ghcr.io/o/n', tags: '{version}-{arch}\n{version}' } })
    expect(made.addons[0]?.targets.map(({ tags }) => tags)).toEqual([['1.0-amd64'], ['1.0-aarch64'], ['1.0-armv7']])
    expect(made.addons[0]?.multiArch).toMatchObject({ image: 'ghcr.io/o/n', tags: ['1.0'] })
  })

  describe('a part of the architectures that is published', () => {
    const image = 'ghcr.io/o/{arch}-n'
    const part = { architectures: 'amd64', push: 'true' }

    test('leaves the manifest list of all of them as it is', async () => {
      const setting = { inputs: { ...part, image } }
      const made = await plan(setting)
      expect(made.addons[0]?.multiArch).toBeUndefined()
      expect(made.addons[0]?.targets.map(({ tags }) => tags)).toEqual([['1.0']])
      expect(await codes(setting)).toEqual(['warning plan/part-of-list'])
    })

    test('is refused where they share a name, which would lose the others', async () => {
      expect(await codes({ inputs: { ...part, image: 'ghcr.io/o/n' } })).toEqual(['error plan/part-of-list'])
    })

    test.each([
      ['the list is named', { ...part, image, 'multi-arch-image': 'ghcr.io/o/n' }],
      ['nothing is pushed', { ...part, image, push: 'false' }],
      ['another job joins the parts', { ...part, image, mode: 'build' }],
      ['all are asked for', { ...part, image, architectures: 'armv7,aarch64,amd64' }],
    ])('is no matter where %s', async (_, inputs) => {
      expect((await plan({ inputs })).addons[0]?.multiArch).toMatchObject({ image: 'ghcr.io/o/n' })
      expect(await codes({ inputs })).toEqual([])
    })
  })

  test.each(['ghcr.io/o/n', 'ghcr.io/o/{arch}-n'])(
    'no tag is left for a manifest list of %s, so none is made',
    async (image) => {
      const setting = { inputs: { image, tags: '{version}-{arch}' } }
      const made = await plan(setting)
      expect(made.addons[0]?.multiArch).toBeUndefined()
      expect(made.addons[0]?.targets.map(({ tags }) => tags)).toEqual([['1.0-amd64'], ['1.0-aarch64'], ['1.0-armv7']])
      expect(await codes(setting)).toEqual(['notice plan/no-list-tag'])
    },
  )

  test.each([
    ['ghcr.io/o/{arch}', undefined],
    ['o/{arch}', undefined],
    ['docker.io/o/{arch}', undefined],
    ['localhost:5000/n/{arch}', 'localhost:5000/n'],
    ['ghcr.io/o/n/{arch}', 'ghcr.io/o/n'],
    ['{arch}-n', 'n'],
    ['ghcr.io/{arch}', undefined],
  ])('%s without its architecture is %s', (template, expected) => {
    expect(withoutArchitecture(template)).toBe(expected)
  })

  test('a name that cannot be one for its slug is an error at the slug', async () => {
    const { diagnostics } = await attempt({ files: { 'a/config.yaml': config('', '_x') } })
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'plan/bad-name', where: { file: 'a/config.yaml', line: 3, column: 7 } },
    ])
  })

  test('a tag can have the architecture in it', async () => {
    const made = await plan({ inputs: { image: 'ghcr.io/o/{arch}-n', tags: '{version}-{arch}\n{version}' } })
    expect(made.addons[0]?.targets.map(({ tags }) => tags[0])).toEqual(['1.0-amd64', '1.0-aarch64', '1.0-armv7'])
    expect(made.addons[0]?.multiArch?.tags).toEqual(['1.0'])
  })

  test.each<[string, Setting, readonly string[]]>([
    [
      'one name for all, and no manifest list',
      { inputs: { image: 'ghcr.io/o/n', 'multi-arch-image': 'false' } },
      ['error plan/architectures-share-name'],
    ],
    [
      'one name for one architecture, and no manifest list',
      { inputs: { image: 'ghcr.io/o/n', 'multi-arch-image': 'false', architectures: 'amd64' } },
      [],
    ],
    [
      'capitals',
      { inputs: { image: 'ghcr.io/{owner}/{arch}-{slug}' }, files: { 'a/config.yaml': config('', 'Probe') } },
      [],
    ],
    [
      'a placeholder that the Supervisor does not know',
      { files: { 'a/config.yaml': config('image: "ghcr.io/{owner}/{arch}-{slug}"\n') } },
      ['warning plan/image-placeholder'],
    ],
    ['capitals of the user', { inputs: { image: 'ghcr.io/Org/{arch}-n' } }, ['notice plan/lower-cased']],
    ['a name that is none', { inputs: { image: 'ghcr.io/o/{arch}-n:1' } }, ['error plan/bad-name']],
    [
      'a placeholder nobody knows',
      { files: { 'a/config.yaml': config('image: "o/{machine}-n"\n') } },
      ['error plan/bad-template'],
    ],
    ['nothing but the architecture', { inputs: { image: 'ghcr.io/{arch}' } }, ['warning plan/no-multi-arch-name']],
    [
      'a name that the Supervisor will not look for',
      { inputs: { image: 'ghcr.io/o/{arch}-m' }, files: { 'a/config.yaml': config('image: ghcr.io/o/{arch}-n\n') } },
      ['warning plan/image-differs'],
    ],
    [
      'the generic name in config.yaml',
      { inputs: { image: 'ghcr.io/o/{arch}-n' }, files: { 'a/config.yaml': config('image: ghcr.io/o/n\n') } },
      [],
    ],
    [
      'one architecture in a name for all',
      { files: { 'a/config.yaml': config('image: ghcr.io/o/amd64-n\n') } },
      ['warning plan/name-says-architecture'],
    ],
    ['nobody to push to', { inputs: { push: 'true' }, event: events.local }, ['error plan/no-image']],
  ])('%s', async (_, setting, expected) => {
    expect(await codes(setting)).toEqual(expected)
  })

  test('the manifest list is named for any template, or not at all', () => {
    const part = fc.stringMatching(/^[a-z0-9{}arch.-]{1,12}$/)
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const name = withoutArchitecture(parts.join('/'))
        if (name !== undefined) expect(name).not.toMatch(/\{arch\}|\/\/|^\/|\/$/)
      }),
    )
  })

  test('names that reach a plan are names', async () => {
    const text = fc.stringMatching(/^[A-Za-z0-9._/-]{1,30}$/)
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const { plan: made } = await attempt({ inputs: { image: `${name}/{arch}-x` } })
        for (const target of made?.addons[0]?.targets ?? []) expect(isImageName(target.image)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('version', () => {
  test.each<[string, Setting, string]>([
    ['input', { inputs: { version: '9' }, event: events.release }, '9'],
    ['release', { event: events.release }, '1.2.3'],
    ['push of a tag', { event: events.tag }, '1.2.3'],
    ['a tag that names the add-on', { event: { ...events.tag, ref: 'refs/tags/probe-v1.2.3' } }, '1.2.3'],
    ['a tag that names the folder', { event: { ...events.tag, ref: 'refs/tags/a/1.2.3' } }, '1.2.3'],
    ['config.yaml', {}, '1.0'],
    ['nothing', { files: { 'a/config.yaml': 'name: x\nslug: x\n' } }, 'dev'],
  ])('from %s', async (_, setting, version) => {
    const { addon, target } = await first(setting)
    expect(addon.version).toBe(version)
    expect(target.buildArguments.get('BUILD_VERSION')).toBe(version)
    expect(target.labels.get('io.hass.version')).toBe(version)
    expect(target.labels.get('org.opencontainers.image.version')).toBe(version)
    expect(target.tags[0]).toBe(version)
  })

  test('the tag that the Supervisor asks for has the v that config.yaml has', async () => {
    const files = { 'a/config.yaml': config().replace('"1.0"', 'v1.2.3') }
    const { addon, target } = await first({ files, event: events.release })
    expect([addon.version, target.tags, target.labels.get('io.hass.version')]).toEqual([
      'v1.2.3',
      ['v1.2.3', 'latest'],
      'v1.2.3',
    ])
    expect(await codes({ files, event: events.release })).toEqual([])
  })

  test('a "+" in config.yaml is a warning, because the Supervisor finds no such tag', async () => {
    expect(await codes({ files: { 'a/config.yaml': config().replace('"1.0"', '1.0+b') } })).toEqual([
      'warning plan/tag-changed',
    ])
    expect(await codes({ inputs: { version: '1.0+b' } })).toEqual(['notice plan/tag-changed'])
  })

  test('a release that config.yaml does not know of is a warning at its line', async () => {
    const { diagnostics } = await attempt({ event: events.release })
    expect(diagnostics.find(({ code }) => code === 'plan/version-differs')).toMatchObject({
      severity: 'warning',
      where: { file: 'a/config.yaml', line: 2, column: 10 },
    })
  })

  test('the release of a repository with several add-ons is not the version of each', async () => {
    const made = await plan({
      files: { 'b/config.yaml': config('', 'other'), 'b/Dockerfile': plain },
      inputs: { target: 'a\nb' },
      event: events.release,
    })
    expect(made.addons.map(({ version }) => version)).toEqual(['1.0', '1.0'])
  })

  test('a release whose tag is no version is one error', async () => {
    expect(
      await codes({ event: { ...events.release, release: { tag: 'x/y', prerelease: false, draft: false } } }),
    ).toEqual(['error plan/bad-version'])
  })

  test('a version that no tag can be is an error at its line', async () => {
    const { plan: none, diagnostics } = await attempt({
      files: { 'a/config.yaml': config().replace('"1.0"', '"1.0 beta"') },
    })
    expect(none).toBeUndefined()
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([
      expect.objectContaining({ code: 'plan/bad-version', where: { file: 'a/config.yaml', line: 2, column: 10 } }),
    ])
  })
})

describe('build arguments', () => {
  test('all eight that add-ons use', async () => {
    const { target } = await first({
      files: {
        'a/build.yaml': 'build_from: "ghcr.io/o/{arch}-base:1"',
        'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM',
      },
    })
    expect(Object.fromEntries(target.buildArguments)).toEqual({
      BUILD_ARCH: 'amd64',
      BUILD_DATE: '2026-11-23T12:00:00Z',
      BUILD_DESCRIPTION: 'Looks',
      BUILD_FROM: 'ghcr.io/o/amd64-base:1',
      BUILD_NAME: 'The Probe',
      BUILD_REF: '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
      BUILD_REPOSITORY: 'Owner/addons',
      BUILD_VERSION: '1.0',
    })
    expect(target.baseImage).toBe('ghcr.io/o/amd64-base:1')
  })

  test('no BUILD_FROM without build.yaml: the default of the Dockerfile holds', async () => {
    const { target } = await first({ files: { 'a/Dockerfile': 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM' } })
    expect(target.buildArguments.has('BUILD_FROM')).toBe(false)
    expect(target.baseImage).toBe('x/y:1')
  })

  test('the input wins over build.yaml, which wins over what is inferred', async () => {
    const files = { 'a/build.yaml': 'args: {A: "file {arch}", B: "file", BUILD_NAME: "mine"}' }
    const { target } = await first({ files, inputs: { 'build-args': 'B=input {version}' } })
    expect(Object.fromEntries(target.buildArguments)).toMatchObject({
      A: 'file amd64',
      B: 'input 1.0',
      BUILD_NAME: 'mine',
    })
    expect(await codes({ files })).toEqual(['warning plan/fixed-argument'])
  })

  test('what is not known is not set', async () => {
    const { target } = await first({ event: events.local })
    expect([...target.buildArguments.keys()]).toEqual([
      'BUILD_ARCH',
      'BUILD_DATE',
      'BUILD_DESCRIPTION',
      'BUILD_NAME',
      'BUILD_VERSION',
    ])
  })
})

describe('labels', () => {
  test('automatic, then build.yaml, then the input; version and architecture are always ours', async () => {
    const files = {
      'a/build.yaml':
        'labels: {io.hass.name: file, io.hass.version: "{version}-x", org.opencontainers.image.licenses: MIT, a: "{arch}"}',
    }
    const { target } = await first({ files, inputs: { labels: 'io.hass.description=input\nio.hass.arch=other' } })
    expect(Object.fromEntries(target.labels)).toEqual({
      'io.hass.name': 'file',
      'io.hass.description': 'input',
      'io.hass.type': 'app',
      'io.hass.url': 'https://example.org',
      'io.hass.version': '1.0',
      'io.hass.arch': 'amd64',
      'org.opencontainers.image.title': 'The Probe',
      'org.opencontainers.image.description': 'Looks',
      'org.opencontainers.image.source': 'https://github.com/Owner/addons',
      'org.opencontainers.image.url': 'https://example.org',
      'org.opencontainers.image.version': '1.0',
      'org.opencontainers.image.revision': '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
      'org.opencontainers.image.created': '2026-11-23T12:00:00Z',
      'org.opencontainers.image.licenses': 'MIT',
      a: 'amd64',
    })
  })

  test('annotations go where their prefix says', async () => {
    const { addon, target } = await first({
      inputs: { annotations: 'a=1\nindex:b=2\nmanifest:c=3\nmanifest,index:d=4' },
    })
    expect(Object.fromEntries(target.annotations)).toEqual({ a: '1', c: '3', d: '4' })
    expect(Object.fromEntries(addon.multiArch?.annotations ?? [])).toMatchObject({
      a: '1',
      b: '2',
      d: '4',
      'org.opencontainers.image.title': 'The Probe',
    })
  })
})

describe('bases', () => {
  const build = (text: string, dockerfile = 'ARG BUILD_FROM\nFROM $BUILD_FROM') => ({
    files: { 'a/build.yaml': text, 'a/Dockerfile': dockerfile },
  })
  test.each<[string, Setting, readonly string[]]>([
    [
      'no build.yaml and no default',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM' } },
      ['error plan/no-base'],
    ],
    ['an architecture without a base, and no default', build('build_from: {amd64: a/b}'), ['error plan/no-base']],
    [
      'an architecture without a base, and a default',
      build('build_from: {amd64: a/b, armv7: a/b}', 'ARG BUILD_FROM=c/d\nFROM $BUILD_FROM'),
      ['warning plan/no-build-from'],
    ],
    ['a base that nobody uses', build('build_from: a/b', 'FROM c/d'), ['warning plan/build-from-unused']],
    [
      'a base for another architecture',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM=ghcr.io/x/amd64-base\nFROM $BUILD_FROM' } },
      ['warning plan/base-of-other-architecture'],
    ],
    [
      'a platform for good',
      { files: { 'a/Dockerfile': 'FROM --platform=linux/amd64 a/b' } },
      ['error plan/fixed-platform'],
    ],
    [
      'a platform nobody knows',
      { files: { 'a/Dockerfile': 'FROM --platform=vax a/b' } },
      ['error plan/fixed-platform'],
    ],
    [
      'the platform by its other names',
      { inputs: { architectures: 'aarch64' }, files: { 'a/Dockerfile': 'FROM --platform=linux/arm64/v8 a/b' } },
      [],
    ],
    [
      'an argument that nobody declares',
      { files: { 'a/Dockerfile': 'FROM $BUILD_FROM' } },
      ['error dockerfile/arg-not-global'],
    ],
    [
      'an argument that is declared too late',
      { files: { 'a/Dockerfile': 'FROM a\nARG BUILD_FROM\nFROM $BUILD_FROM' } },
      ['error dockerfile/arg-not-global'],
    ],
    ['a default in place', { files: { 'a/Dockerfile': 'FROM ${BUILD_FROM:-a/b}' } }, []],
    [
      'a default in place, which no build.yaml can change',
      build('build_from: a/c', 'FROM ${BUILD_FROM:-a/b}'),
      ['warning plan/build-from-unused'],
    ],
    [
      'an empty base in a stage that is not used',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM AS x\nFROM a/b' } },
      ['error plan/no-base'],
    ],
    ['a base in capitals', { files: { 'a/Dockerfile': 'FROM Alpine:3' } }, ['error plan/bad-base']],
    [
      'a placeholder of build.yaml in a Dockerfile',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM=ghcr.io/o/{arch}-base\nFROM $BUILD_FROM' } },
      ['error plan/bad-base'],
    ],
    [
      'a build context in the place of a base',
      { inputs: { 'build-contexts': 'Base=x' }, files: { 'a/Dockerfile': 'FROM Base' } },
      [],
    ],
    [
      'a Dockerfile for one architecture only',
      { files: { 'a/Dockerfile': '', 'a/Dockerfile.armv7': 'FROM a/b' } },
      ['error dockerfile/no-from'],
    ],
    [
      'the platform of the builder',
      { files: { 'a/Dockerfile': 'FROM --platform=$BUILDPLATFORM a/b' } },
      ['warning plan/build-platform'],
    ],
    [
      'the platform of the builder in another stage',
      { files: { 'a/Dockerfile': 'FROM --platform=$BUILDPLATFORM a/b AS x\nFROM a/b' } },
      [],
    ],
    ['the platform that is built', { files: { 'a/Dockerfile': 'FROM --platform=$TARGETPLATFORM a/b' } }, []],
    [
      'a stage that is not there',
      { inputs: { stage: 'prodution' }, files: { 'a/Dockerfile': 'FROM a/b AS production' } },
      ['error plan/unknown-stage'],
    ],
    ['one Dockerfile for one architecture', { files: { 'a/Dockerfile.armv7': 'FROM c/d' } }, []],
  ])('%s', async (_, setting, expected) => {
    expect(await codes(setting)).toEqual(expected)
  })

  test('the error without a base says which line to write, and where', async () => {
    const { diagnostics } = await attempt({ files: { 'a/Dockerfile': '\nARG BUILD_FROM\nFROM $BUILD_FROM' } })
    expect(diagnostics.map(oneLine)).toContain(
      'a/Dockerfile:3:1: "FROM $BUILD_FROM" is empty: there is no value for it, and no default. Write "ARG BUILD_FROM=ghcr.io/home-assistant/base:3.23" before the first FROM.',
    )
  })

  test('what is true of several architectures is said once, with all of them', async () => {
    const of = async (dockerfile: string) =>
      (await attempt({ files: { 'a/Dockerfile': dockerfile } })).diagnostics.map(oneLine)
    expect(await of('FROM --platform=linux/amd64 a/b')).toContain(
      'a/Dockerfile:1:1: The image is always made for linux/amd64, so aarch64, armv7 would get one that does not run there. Remove "--platform" from its FROM.',
    )
    expect(await of('FROM x/amd64-base')).toContain(
      'a/Dockerfile:1:1: aarch64, armv7 would be built on "x/amd64-base", which by its name is for amd64. Use a base for several platforms, such as "ghcr.io/home-assistant/base:3.23".',
    )
  })

  test('Dockerfile.{arch} beats Dockerfile', async () => {
    const made = await plan({ files: { 'a/Dockerfile.armv7': 'FROM c/d:1' } })
    expect(made.addons[0]?.targets.map(({ dockerfile, baseImage }) => [dockerfile, baseImage])).toEqual([
      ['a/Dockerfile', 'ghcr.io/home-assistant/base:3.23'],
      ['a/Dockerfile', 'ghcr.io/home-assistant/base:3.23'],
      ['a/Dockerfile.armv7', 'c/d:1'],
    ])
  })

  test('a base that the input gives is enough', async () => {
    const { target } = await first({
      files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM' },
      inputs: { 'build-args': 'BUILD_FROM=x/y' },
    })
    expect(target.baseImage).toBe('x/y')
  })
})

describe('architectures', () => {
  test('the input chooses among those of the add-on', async () => {
    const made = await plan({ inputs: { architectures: 'linux/arm64,i386' } })
    expect(made.addons[0]?.targets.map(({ id, platform }) => [id, platform])).toEqual([
      ['probe/aarch64', 'linux/arm64'],
    ])
    expect(made.diagnostics).toContainEqual(expect.objectContaining({ code: 'plan/architecture-left-out' }))
  })

  test('--all of the retired builder means those of the add-on; one that it names is missed', async () => {
    expect(await codes({ inputs: { target: '', args: '--all -t a' } })).toEqual([])
    const { diagnostics } = await attempt({ inputs: { target: '', args: '--amd64 --i386 -t a' } })
    expect(diagnostics.map(oneLine)).toContain(
      'a/config.yaml:6:1: i386 is not built: the add-on does not declare it. Add it to "arch" in config.yaml, or remove "--i386" from "args".',
    )
  })

  test('dropped ones that only build.yaml names are warned of', async () => {
    const files = {
      'a/config.yaml': 'name: x\nslug: x\nversion: "1"\n',
      'a/build.yaml': 'build_from: {amd64: x/y, armhf: x/y}',
      'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM',
    }
    expect((await attempt({ files })).diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'config/deprecated-architecture',
        where: { file: 'a/build.yaml', line: 1, column: 1 },
      }),
    )
  })

  test('none of those is an error', async () => {
    expect(await codes({ inputs: { architectures: 'i386' } })).toEqual(['error plan/no-architecture'])
  })

  test('amd64 and aarch64 where nothing is declared', async () => {
    const made = await plan({ files: { 'a/config.yaml': 'name: x\nslug: x\nversion: "1"\n' } })
    expect(made.addons[0]?.targets.map(({ architecture }) => architecture)).toEqual(['amd64', 'aarch64'])
  })
})

describe('several add-ons', () => {
  const several = (slugs: readonly string[], more: (slug: string) => string = () => '') =>
    Object.fromEntries(
      slugs.flatMap((slug, index) => [
        [`x/${index}/config.yaml`, config(more(slug), slug)],
        [`x/${index}/Dockerfile`, plain],
        [`x/${index}/build.yaml`, 'args: {}'],
      ]),
    )

  test('one plan, one matrix, one notice about build.yaml', async () => {
    const made = await plan({ files: several(['one', 'two']), inputs: { target: 'x' } })
    expect(made.addons.map(({ slug }) => slug)).toEqual(['one', 'two'])
    expect(made.matrix.include).toHaveLength(6)
    expect(made.diagnostics.filter(({ code }) => code === 'build-yaml/deprecated')).toMatchObject([
      { severity: 'notice', remedy: expect.stringContaining('aicleaner-build migrate') },
    ])
  })

  test('one that is not made for the architectures has no manifest list; where none is, it is an error', async () => {
    const files = several(['one', 'two'])
    files['x/1/config.yaml'] = config('', 'two').replace('[amd64, aarch64, armv7]', '[aarch64]')
    const made = await plan({ files, inputs: { target: 'x', architectures: 'amd64' } })
    expect(made.addons.map(({ slug }) => slug)).toEqual(['one'])
    expect(made.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'plan/no-architecture', severity: 'warning' }),
    )
    const { plan: none, diagnostics } = await attempt({ files, inputs: { target: 'x', architectures: 'i386' } })
    expect(none).toBeUndefined()
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
      'plan/no-architecture',
    ])
  })

  test('a job of the matrix gives its add-on the version that the plan gave it', async () => {
    const files = several(['one', 'two'])
    const made = await plan({ files, inputs: { target: 'x' }, event: events.release })
    for (const { target, architecture, version } of made.matrix.include) {
      const cell = await plan({
        files,
        inputs: { mode: 'build', target, architectures: architecture, version },
        event: events.release,
      })
      const [own] = cell.addons.flatMap(({ targets }) => targets)
      const planned = made.addons.flatMap(({ targets }) => targets).find(({ id }) => id === own?.id)
      expect(own).toEqual(planned)
    }
  })

  test('no two with one slug, no two under one name', async () => {
    expect(await codes({ files: several(['one', 'One']), inputs: { target: 'x' } })).toEqual(['error plan/same-slug'])
    expect(
      await codes({ files: several(['one', 'two'], () => 'image: ghcr.io/o/{arch}-n\n'), inputs: { target: 'x' } }),
    ).toEqual(['error plan/same-image'])
  })

  test('an error in one does not hide those in others', async () => {
    const files = several(['one', 'two', 'three'])
    files['x/0/Dockerfile'] = 'FROM --platform=linux/386 a'
    files['x/2/Dockerfile'] = 'ARG B\nFROM $B'
    expect(await codes({ files, inputs: { target: 'x', architectures: 'amd64' } })).toEqual([
      'error plan/fixed-platform',
      'error plan/no-base',
    ])
  })
})

describe('pushing', () => {
  test('a pull request that would move the tags of the released version is warned of', async () => {
    expect(await codes({ inputs: { push: 'true' }, event: events.pullRequest })).toEqual([
      'warning plan/pull-request-tag',
    ])
    expect(await codes({ inputs: { push: 'true', tags: 'pr-{pr}' }, event: events.pullRequest })).toEqual([])
  })

  test('no tag left is an error only for what is pushed', async () => {
    expect(await codes({ inputs: { push: 'true', tags: 'pr-{pr}' } })).toEqual(['error plan/no-tag'])
    expect(await codes({ inputs: { tags: 'pr-{pr}' } })).toEqual(['notice plan/no-tag'])
  })
})

describe('the retired builder', () => {
  const files = {
    'a/config.yaml': config('image: ghcr.io/o/{arch}-n\n'),
    'a/build.yaml': 'build_from: {amd64: a/b:1}\nargs: {V: "1.0"}\nlabels: {io.hass.name: file}',
    'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM',
  }

  test('names, tags, labels and arguments are those that it made', async () => {
    const { addon, target } = await first({
      files,
      inputs: { target: '', args: '--amd64 --armhf -t a --additional-tag edge --release 9' },
    })
    expect(target.image).toBe('ghcr.io/o/amd64-n')
    expect(target.tags).toEqual(['1.0', 'latest', 'edge'])
    expect(addon.multiArch).toBeUndefined()
    expect(Object.fromEntries(target.labels)).toMatchObject({
      'io.hass.name': 'The Probe',
      'io.hass.type': 'addon',
      'io.hass.version': '9',
      'org.opencontainers.image.version': '9',
    })
    expect(Object.fromEntries(target.buildArguments)).toMatchObject({
      BUILD_FROM: 'a/b:1',
      BUILD_VERSION: '1.0',
      BUILD_ARCH: 'amd64',
      V: '1.0',
    })
  })

  test('-i and -d take the place of parts of the name', async () => {
    const image = async (args: string) =>
      (await first({ files, inputs: { target: '', args: `--amd64 -t a ${args}` } })).target.image
    expect(await image('-i {arch}-m')).toBe('ghcr.io/o/amd64-m')
    expect(await image('-d Other')).toBe('other/amd64-n')
    expect(await image('-d other -i m')).toBe('other/m')
  })

  test('no base means the one that it took', async () => {
    const setting = { files: { ...files, 'a/build.yaml': 'args: {}' }, inputs: { target: '', args: '--aarch64 -t a' } }
    expect((await first(setting)).target.baseImage).toBe('homeassistant/aarch64-base:latest')
  })
})

test('the outputs are JSON without holes, and the matrix of nothing is one', async () => {
  const made = await plan()
  const outputs = planOutputs(made)
  expect(outputs.get('version')).toBe('1.0')
  expect(JSON.parse(outputs.get('matrix') ?? '')).toEqual({
    include: [
      {
        name: 'probe-amd64',
        addon: 'probe',
        target: 'a',
        architecture: 'amd64',
        platform: 'linux/amd64',
        image: 'ghcr.io/owner/amd64-probe',
        version: '1.0',
        runner: 'ubuntu-24.04',
      },
      {
        name: 'probe-aarch64',
        addon: 'probe',
        target: 'a',
        architecture: 'aarch64',
        platform: 'linux/arm64',
        image: 'ghcr.io/owner/aarch64-probe',
        version: '1.0',
        runner: 'ubuntu-24.04-arm',
      },
      {
        name: 'probe-armv7',
        addon: 'probe',
        target: 'a',
        architecture: 'armv7',
        platform: 'linux/arm/v7',
        image: 'ghcr.io/owner/armv7-probe',
        version: '1.0',
        runner: 'ubuntu-24.04-arm',
      },
    ],
  })
  const { addons } = JSON.parse(outputs.get('plan') ?? '')
  expect(addons[0].targets[0].labels['io.hass.name']).toBe('The Probe')
  expect(addons[0].multiArch.annotations['org.opencontainers.image.title']).toBe('The Probe')
  expect(planOutputs({ addons: [], matrix: { include: [] }, diagnostics: [] }).get('matrix')).toBe('{"include":[]}')
  expect(showPlan(made).join('\n')).toContain('aarch64 (linux/arm64) ghcr.io/owner/aarch64-probe: 1.0')
})

test('the same add-ons, inputs and event give the same plan', async () => {
  expect(planOutputs(await plan())).toEqual(planOutputs(await plan()))
})
