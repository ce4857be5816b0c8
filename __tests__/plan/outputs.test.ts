import { readAddons } from '../../src/addon/read.ts'
import { readDockerfile } from '../../src/dockerfile/dockerfile.ts'
import { annotationsFor } from '../../src/plan/annotations.ts'
import { asWarnings, buildOnly } from '../../src/plan/build-only.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { planOutputs } from '../../src/plan/outputs.ts'
import { imagePart, pathPart } from '../../src/plan/target-names.ts'
import { optionsOf } from '../addon/corpus.ts'
import { memoryFiles } from '../fakes/memory-files.ts'
import { events } from './events.ts'
import { attempt, config, first, plain, plan, type Setting } from './planning.ts'

const everything: Setting = {
  files: {
    'a/config.yaml': config('image: "ghcr.io/o/{arch}-n"\ninit: false\n'),
    'a/build.yaml': 'args: {A: "1"}\ncosign: {base_identity: "https://example.org/.*"}',
    'a/Dockerfile':
      'FROM x/tools:1 AS tools\nFROM x/y:2 AS app\nCOPY --from=x/files:3 / /\nRUN --mount=from=tools true\nFROM app AS test\n',
  },
  inputs: {
    architectures: 'aarch64',
    stage: 'app',
    'build-contexts': 'extra=docker-image://x/extra:4\nrootfs=a/rootfs',
    annotations: 'a=1\nindex:b=2',
    labels: 'c={arch}',
    'cache-scope': '{branch}/{slug} {version}',
  },
}
const decisions = { push: true, noCache: true, pull: false } as const
const oci = {
  'org.opencontainers.image.title': 'The Probe',
  'org.opencontainers.image.description': 'Looks',
  'org.opencontainers.image.source': 'https://github.com/Owner/addons',
  'org.opencontainers.image.url': 'https://example.org',
  'org.opencontainers.image.version': '1.0',
  'org.opencontainers.image.revision': '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
  'org.opencontainers.image.created': '2026-11-23T12:00:00Z',
}

test('the output "plan" has all decisions, without data that only the smoke test and the login need', async () => {
  const text = planOutputs(await plan(everything), { ...decisions, sign: false }).get('plan') ?? ''
  expect(JSON.parse(text)).toEqual({
    push: true,
    noCache: true,
    pull: false,
    sign: false,
    verifyBase: 'auto',
    addons: [
      {
        slug: 'probe',
        name: 'The Probe',
        folder: 'a',
        version: '1.0',
        cosign: { baseIdentity: 'https://example.org/.*' },
        multiArch: { image: 'ghcr.io/o/n', tags: ['1.0'], annotations: { ...oci, a: '1', b: '2' } },
        targets: [
          {
            id: 'probe/aarch64',
            addon: 'probe',
            architecture: 'aarch64',
            platform: 'linux/arm64',
            image: 'ghcr.io/o/aarch64-n',
            tags: ['1.0'],
            context: 'a',
            dockerfile: 'a/Dockerfile',
            stage: 'app',
            baseImage: 'x/y:2',
            buildArguments: {
              BUILD_ARCH: 'aarch64',
              BUILD_DATE: '2026-11-23T12:00:00Z',
              BUILD_DESCRIPTION: 'Looks',
              BUILD_NAME: 'The Probe',
              BUILD_REF: '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
              BUILD_REPOSITORY: 'Owner/addons',
              BUILD_VERSION: '1.0',
              A: '1',
            },
            buildContexts: { extra: 'docker-image://x/extra:4', rootfs: 'a/rootfs' },
            labels: {
              ...oci,
              'io.hass.name': 'The Probe',
              'io.hass.description': 'Looks',
              'io.hass.type': 'app',
              'io.hass.url': 'https://example.org',
              'io.hass.version': '1.0',
              'io.hass.arch': 'aarch64',
              c: 'aarch64',
            },
            annotations: { a: '1' },
            cacheScope: 'main-probe-1.0-aarch64',
            init: false,
          },
        ],
      },
    ],
    diagnostics: [expect.objectContaining({ code: 'build-yaml/deprecated' })],
  })
})

test.each([
  [undefined, 'auto'],
  [false, false],
  [{ kind: 'key', reference: '/home/me/cosign.pub' }, 'key'],
  [{ kind: 'keyless', identity: 'x', issuer: 'y' }, 'keyless'],
])('the output "plan" has the kinds of the signer and of the required signature: %j', async (verifyBase, expected) => {
  const sign = verifyBase === undefined ? false : verifyBase
  const made = await plan()
  const text = planOutputs(made, { ...decisions, sign, verifyBase } as never).get('plan') ?? ''
  expect(JSON.parse(text)).toMatchObject({ verifyBase: expected, sign: verifyBase === undefined ? false : expected })
  expect(text).not.toContain('/home/me')
})

test('the output "version" is that of the only add-on', async () => {
  const two = { files: { 'b/config.yaml': config('', 'b'), 'b/Dockerfile': plain }, inputs: { target: 'a\nb' } }
  const version = async (setting: Setting) =>
    planOutputs(await plan(setting), { ...decisions, sign: false }).get('version')
  expect([await version({}), await version(two)]).toEqual(['1.0', ''])
})

test('the plan lists images that a build may pull: bases, sources of files and mounts, and build contexts, each once', async () => {
  expect((await first(everything)).target.pulls).toEqual(['x/tools:1', 'x/y:2', 'x/files:3', 'tools', 'x/extra:4'])
  const twice = 'FROM x/y:1 AS a\nFROM x/y:1\nCOPY --from=x/y:1 / /\n'
  expect((await first({ files: { 'a/Dockerfile': twice } })).target.pulls).toEqual(['x/y:1'])
  // What is no image may be among them.
  expect((await first({ files: { 'a/Dockerfile': 'FROM scratch\n' } })).target.pulls).toEqual(['scratch'])
})

test.each([
  [undefined, 'probe-amd64'],
  ['shared', 'shared-amd64'],
  ['{slug}-{version}', 'probe-1.0-amd64'],
  ['{arch} of {slug}', 'amd64-of-probe'],
  ['{branch}', 'feature-New-Probe-amd64'],
])('the cache scope %j is %s', async (template, expected) => {
  const inputs: Record<string, string> = template === undefined ? {} : { 'cache-scope': template }
  expect((await first({ inputs, event: events.branch })).target.cacheScope).toBe(expected)
})

test('a cache scope of a branch in a pull request, which has none, is there all the same', async () => {
  const setting = { inputs: { 'cache-scope': '{branch}' }, event: events.pullRequest }
  expect((await first(setting)).target.cacheScope).toBe('none-amd64')
})

test('the place of the image name is known where a file has it', async () => {
  const named = await plan({ files: { 'a/config.yaml': config('image: ghcr.io/o/{arch}-n\n') } })
  expect(named.addons[0]?.imageWhere).toEqual({ file: 'a/config.yaml', line: 7, column: 8 })
  expect((await plan()).addons[0]).not.toHaveProperty('imageWhere')
})

test('a plan of some of the architectures is marked as partial', async () => {
  expect(await plan({ inputs: { architectures: 'amd64' } })).toHaveProperty('partial', true)
  expect(await plan({ inputs: { architectures: 'amd64,aarch64,armv7,i386' } })).not.toHaveProperty('partial')
  const undeclared = { 'a/config.yaml': 'name: x\nslug: x\nversion: "1"\n' }
  expect(await plan({ files: undeclared, inputs: { architectures: 'amd64' } })).toHaveProperty('partial', true)
  expect(await plan({ files: undeclared, inputs: { architectures: 'amd64,aarch64' } })).not.toHaveProperty('partial')
  expect(await plan()).not.toHaveProperty('partial')
  const one = { 'a/config.yaml': config().replace(/arch: .*/, 'arch: [armv7]') }
  expect(await plan({ files: one, inputs: { architectures: 'armv7' } })).not.toHaveProperty('partial')
  const two = { ...one, 'b/config.yaml': config('', 'b'), 'b/Dockerfile': plain }
  expect(await plan({ files: two, inputs: { target: 'a\nb', architectures: 'armv7' } })).toHaveProperty('partial', true)
})

test('an architecture that a file without any declares is taken from the input', async () => {
  const files = { 'a/config.yaml': 'name: x\nslug: x\nversion: "1"\n' }
  const made = await plan({ files, inputs: { architectures: 'i386' } })
  expect(made.addons[0]?.targets.map(({ id }) => id)).toEqual(['x/i386'])
})

test('alone, an add-on is the only one of the repository, and its error is an error', async () => {
  const options = await optionsOf({ target: 'a', architectures: 'i386' })
  const { addons } = await readAddons(
    options,
    memoryFiles(new Map(Object.entries({ 'a/config.yaml': config(), 'a/Dockerfile': plain }))),
  )
  const severities = (list: typeof addons) =>
    makePlan(list, options, events.push).diagnostics.map(({ severity, code }) => `${severity} ${code}`)
  expect(severities(addons)).toEqual(['error plan/no-architecture'])
  expect(severities([...addons, ...addons.map((addon) => ({ ...addon, slug: 'b' }))])).toEqual([
    'warning plan/no-architecture',
    'warning plan/no-architecture',
    'error plan/no-architecture',
  ])
  const release = await optionsOf({ target: 'a' })
  expect(makePlan(addons, release, events.release).plan?.addons[0]?.version).toBe('1.2.3')
  expect(makePlan(addons, release, events.release, { single: true, alone: false }).plan?.addons[0]?.version).toBe('1.0')
  expect(makePlan(addons, release, events.release, { single: false }).plan?.addons[0]?.version).toBe('1.0')
})

test('errors that affect only a build are warnings for an audit, and the target is planned', async () => {
  const options = await optionsOf({ target: 'a', architectures: 'amd64' })
  const planned = async (dockerfile: string, downgraded: ReadonlySet<string>, build = '') => {
    const files = {
      'a/config.yaml': config(),
      'a/Dockerfile': dockerfile,
      ...(build !== '' && { 'a/build.yaml': build }),
    }
    const { addons } = await readAddons(options, memoryFiles(new Map(Object.entries(files))))
    const { plan: made, diagnostics } = makePlan(addons, options, events.push, { downgraded })
    const [found] = diagnostics.filter(({ code }) => code.startsWith('plan/') || code.startsWith('dockerfile/'))
    return [found?.severity, found?.code, made?.addons[0]?.targets.length]
  }
  const open = 'ARG BUILD_FROM\nFROM $BUILD_FROM\n'
  expect(await planned(open, new Set())).toEqual(['error', 'plan/no-base', undefined])
  expect(await planned(open, buildOnly)).toEqual(['warning', 'plan/no-base', 1])
  expect(await planned(open, new Set(), 'build_from: {aarch64: x/y}')).toEqual(['error', 'plan/no-base', undefined])
  expect(await planned(open, buildOnly, 'build_from: {aarch64: x/y}')).toEqual(['warning', 'plan/no-base', 1])
  expect(await planned('FROM $A\n', buildOnly)).toEqual(['warning', 'dockerfile/arg-not-global', 1])
  expect(await planned('FROM --platform=vax a/b\n', buildOnly)).toEqual(['warning', 'plan/fixed-platform', 1])
  expect(await planned('FROM Alpine\n', buildOnly)).toEqual(['warning', 'plan/bad-base', 1])
  expect(await planned('FROM x/armv7-base\n', buildOnly)).toEqual(['warning', 'plan/base-of-other-architecture', 1])
})

test.each([
  'plan/architectures-share-name',
  'plan/bad-name',
  'plan/bad-tag',
  'plan/bad-template',
  'plan/bad-version',
  'plan/same-image',
  'plan/same-slug',
])('%s does not prevent an audit; a warning and another error are not changed', (code) => {
  const one = { severity: 'error', code, message: 'm', remedy: 'r' } as const
  expect(asWarnings([one, { ...one, severity: 'notice' }, { ...one, code: 'plan/no-dockerfile' }], buildOnly)).toEqual([
    { ...one, severity: 'warning' },
    { ...one, severity: 'notice' },
    { ...one, code: 'plan/no-dockerfile' },
  ])
})

test.each([
  ['a', ['manifest', 'index'], 'a'],
  ['index:a', ['index'], 'a'],
  ['manifest:a', ['manifest'], 'a'],
  ['manifest,index:a', ['manifest', 'index'], 'a'],
  ['manifest[linux/amd64]:a', ['manifest'], 'a'],
  ['index,manifest[linux/amd64]:a', ['manifest', 'index'], 'a'],
  ['manifest-descriptor:a', [], 'a'],
  ['index-descriptor[linux/arm64],index:a', ['index'], 'a'],
  ['org.example:a', ['manifest', 'index'], 'org.example:a'],
  ['xindex:a', ['manifest', 'index'], 'xindex:a'],
  ['index:a:b', ['index'], 'a:b'],
  ['index:', ['manifest', 'index'], 'index:'],
  ['x,index:a', ['manifest', 'index'], 'x,index:a'],
  ['indexmanifest:a', ['manifest', 'index'], 'indexmanifest:a'],
  ['index[]:a', ['index'], 'a'],
  ['manifest,index[linux/amd64]:a', ['manifest', 'index'], 'a'],
  ['manifest,index-descriptor:a', ['manifest'], 'a'],
  ['index[x]y:a', ['manifest', 'index'], 'index[x]y:a'],
] as const)('the annotation %s goes to %j as %s', (key, levels, name) => {
  for (const level of ['manifest', 'index'] as const) {
    const found = [...annotationsFor(new Map([[key, 'v']]), level)]
    expect(found).toEqual((levels as readonly string[]).includes(level) ? [[name, 'v']] : [])
  }
})

test.each([
  ['a'.repeat(64), 'a'.repeat(64)],
  ['a'.repeat(65), /^a{40}-[0-9a-f]{12}$/],
  ['a.b', 'a.b'],
  ['a..b', /^a-b-[0-9a-f]{12}$/],
  ['..', /^--[0-9a-f]{12}$/],
  ['a/b', /^a-b-[0-9a-f]{12}$/],
  ['a-', 'a-'],
  ['-a', /^-a-[0-9a-f]{12}$/],
])('the slug %j is the part %s of a path', (slug, expected) => {
  expect(pathPart(slug)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected))
})

test.each([
  ['A'.repeat(64), 'a'.repeat(64)],
  ['a'.repeat(65), /^a{40}-[0-9a-f]{12}$/],
  ['a__b', 'a__b'],
  ['a___b', /^a-b-[0-9a-f]{12}$/],
  ['a--b', 'a--b'],
  ['a.b', 'a.b'],
  ['_a_', /^a-[0-9a-f]{12}$/],
  ['ü', /^[0-9a-f]{12}$/],
])('the slug %j is the part %s of an image name', (slug, expected) => {
  expect(imagePart(slug)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected))
})

test('slugs that differ in what is left out have names that differ', () => {
  expect(new Set(['a/b', 'a:b', 'a b'].map(pathPart)).size).toBe(3)
  expect(new Set(['a/b', 'a:b', 'a b'].map(imagePart)).size).toBe(3)
})

test('the manifest list has the licence of build.yaml', async () => {
  const files = { 'a/build.yaml': 'labels: {org.opencontainers.image.licenses: MIT}' }
  expect((await first({ files })).addon.multiArch?.annotations.get('org.opencontainers.image.licenses')).toBe('MIT')
  expect((await first({})).addon.multiArch?.annotations.has('org.opencontainers.image.licenses')).toBe(false)
})

test('a Dockerfile without problems has no diagnostics', async () => {
  expect(readDockerfile(plain, 'Dockerfile').diagnostics).toEqual([])
  const { diagnostics } = await attempt({ inputs: { architectures: 'amd64' } })
  expect(diagnostics.map(({ code }) => code)).toEqual(['config/deprecated-architecture'])
})
