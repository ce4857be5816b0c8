// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import fc from 'fast-check'
import { isImageName } from '../../src/core/image-reference.ts'
import { withoutArchitecture } from '../../src/plan/names.ts'
import { events } from './events.ts'
import { attempt, codes, config, first, plain, plan, type Setting } from './planning.ts'

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
    ['quay.io/o/{arch}', undefined],
    ['quay.io/o/{arch}-n', 'quay.io/o/n'],
    ['my-localhost/{arch}', undefined],
    ['localhost-x/{arch}', undefined],
    ['localhost/{arch}', undefined],
    ['localhost/n/{arch}', 'localhost/n'],
    ['{arch}-_n', 'n'],
    ['n--{arch}_x-y', 'n_x-y'],
    ['a-{arch}-{arch}.b', 'a.b'],
  ])('%s without its architecture is %s', (template, expected) => {
    expect(withoutArchitecture(template)).toBe(expected)
  })

  test('a name that cannot be one for its slug is an error at the slug', async () => {
    const { diagnostics } = await attempt({ files: { 'a/config.yaml': config('', '_x') } })
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'plan/bad-name', where: { file: 'a/config.yaml', line: 3, column: 7 } },
    ])
  })

  test.each([
    ['image: n\n', '-i m', 'm'],
    ['image: o/n\n', '-i m', 'o/m'],
    ['image: o/n-{arch}\n', '-d p', 'p/n-amd64'],
    ['image: n\n', '-d p', 'p/n'],
    ['', '-d p', 'p/amd64-probe'],
    ['', '-i m', 'm'],
  ])('with %j in config.yaml, args with %s name the image %s', async (line, option, expected) => {
    const files = { 'a/config.yaml': config(line) }
    const { target } = await first({ files, inputs: { target: '', args: `--test --amd64 -t a ${option}` } })
    expect(target.image).toBe(expected)
  })

  describe('{channel}', () => {
    const image = 'ghcr.io/o/{arch}-n-{channel}'

    test.each<[keyof typeof events, string]>([
      ['push', 'edge'],
      ['release', 'stable'],
      ['prerelease', 'beta'],
      ['pullRequest', 'pr-7'],
      ['pullRequestTarget', 'pr-7'],
    ])('of a %s is %s in names and tags', async (event, channel) => {
      const setting = { inputs: { image, tags: '{channel}\n{channel}-{version}' }, event: events[event] }
      const { addon, target } = await first(setting)
      expect([target.image, addon.multiArch?.image]).toEqual([`ghcr.io/o/amd64-n-${channel}`, `ghcr.io/o/n-${channel}`])
      expect(target.tags).toEqual([channel, `${channel}-${addon.version}`])
    })

    test('is the input, in a terminal as well', async () => {
      const { addon, target } = await first({
        inputs: { image, channel: 'dev', tags: '{channel}' },
        event: events.local,
      })
      expect([target.image, addon.multiArch?.image, target.tags]).toEqual([
        'ghcr.io/o/amd64-n-dev',
        'ghcr.io/o/n-dev',
        ['dev'],
      ])
    })

    test.each<[string, Setting, readonly string[]]>([
      ['the image name', { inputs: { image } }, ['error plan/no-channel']],
      [
        'the name for all architectures',
        { inputs: { image: 'ghcr.io/o/{arch}-n', 'multi-arch-image': 'ghcr.io/o/n-{channel}' } },
        ['error plan/no-channel'],
      ],
      ['config.yaml', { files: { 'a/config.yaml': config(`image: "${image}"\n`) } }, ['error plan/no-channel']],
      ['one of several tags', { inputs: { tags: '{channel}\n{version}' } }, []],
      ['the only tag', { inputs: { tags: '{channel}' } }, ['notice plan/no-tag']],
      ['the only tag, which is pushed', { inputs: { tags: '{channel}', push: 'true' } }, ['error plan/no-tag']],
    ])('without a value in %s', async (_, setting, expected) => {
      expect(await codes({ ...setting, event: events.branch })).toEqual(expected)
    })

    test('without a value is an error that says what to do', async () => {
      const files = { 'a/config.yaml': config(`image: "${image}"\n`) }
      const { diagnostics } = await attempt({ files, event: events.local })
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([
        {
          severity: 'error',
          code: 'plan/no-channel',
          message: `"${image}" has the placeholder "{channel}", which has no value in a terminal.`,
          remedy: 'Set the input "channel", for example to "dev".',
          where: { file: 'a/config.yaml', line: 7, column: 8 },
        },
      ])
    })
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
    ['an invalid name', { inputs: { image: 'ghcr.io/o/{arch}-n:1' } }, ['error plan/bad-name']],
    [
      'an unknown placeholder',
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
    ['no owner', { inputs: { push: 'true' }, event: events.local }, ['error plan/no-image']],
  ])('%s', async (_, setting, expected) => {
    expect(await codes(setting)).toEqual(expected)
  })

  test('the manifest list has a valid name for any template, or none', () => {
    const part = fc.stringMatching(/^[a-z0-9{}arch.-]{1,12}$/)
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const name = withoutArchitecture(parts.join('/'))
        if (name !== undefined) expect(name).not.toMatch(/\{arch\}|\/\/|^\/|\/$/)
      }),
    )
  })

  test('names in a plan are valid', async () => {
    const plainText = fc.stringMatching(/^[A-Za-z0-9._/-]{1,30}$/)
    const text = fc.oneof(
      plainText,
      fc.tuple(plainText, plainText).map((parts) => parts.join('{channel}')),
    )
    let planned = 0
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const { plan: made } = await attempt({ inputs: { image: `${name}/{arch}-x` } })
        for (const target of made?.addons[0]?.targets ?? []) {
          planned += 1
          expect(isImageName(target.image)).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
    expect(planned).toBeGreaterThan(0)
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

  test('the tag that the Supervisor requests has the prefix v if config.yaml has it', async () => {
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

  const none = { 'a/config.yaml': 'name: x\nslug: probe\n' }
  const several = { 'x/a/config.yaml': config(), 'x/a/Dockerfile': plain }
  const ref = (name: string) => ({ ...events.tag, ref: `refs/tags/${name}` })
  const release = (tag: string) => ({ ...events.release, release: { tag, prerelease: false, draft: false } })
  test.each<[string, Setting, string, readonly string[]]>([
    [
      'a release without a version in config.yaml',
      { files: none, event: events.release },
      '1.2.3',
      ['warning config/missing-key'],
    ],
    [
      'a release of several without a version in config.yaml',
      { files: { ...none, 'b/config.yaml': config('', 'b'), 'b/Dockerfile': plain }, event: events.release },
      '1.2.3',
      ['warning config/missing-key'],
    ],
    [
      'the last folder',
      { files: several, inputs: { target: 'x/a' }, event: ref('a-v1.2.3') },
      '1.0',
      ['warning plan/version-differs'],
    ],
    [
      'the whole folder',
      { files: several, inputs: { target: 'x/a' }, event: ref('x/a@1.2.3') },
      '1.0',
      ['warning plan/version-differs'],
    ],
    ['capitals of the slug', { event: ref('PROBE_1.0') }, '1.0', []],
    [
      'a name that begins like the slug',
      { event: ref('probe-x-1.0') },
      'probe-x-1.0',
      ['warning plan/version-differs'],
    ],
    ['a run by hand on a tag', { event: { ...events.manual, ref: 'refs/tags/v9.9' } }, '1.0', []],
    ['a push of a branch that is called like a tag', { event: { ...events.push, ref: 'refs/heads/v9.9' } }, '1.0', []],
    [
      'a plus sign in config.yaml and the release',
      { files: { 'a/config.yaml': config().replace('"1.0"', '1.0+b') }, event: release('v1.0+b') },
      '1.0+b',
      ['warning plan/tag-changed'],
    ],
    [
      'a plus sign in config.yaml with args',
      {
        files: { 'a/config.yaml': config().replace('"1.0"', '1.0+b') },
        inputs: { target: '', args: '--amd64 -t a --test' },
        event: release('nightly'),
      },
      '1.0+b',
      ['warning plan/tag-changed'],
    ],
  ])('%s', async (_, setting, version, expected) => {
    expect((await first(setting)).addon.version).toBe(version)
    expect(await codes(setting)).toEqual(expected)
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
