import { describe, expect, test } from '@jest/globals'
import { oneLine } from '../../src/core/diagnostics.ts'
import type { Origin } from '../../src/core/origin.ts'
import { decideLogins, describeUnnamed, registryIn } from '../../src/pipeline/logins.ts'
import { optionsOf } from '../addon/corpus.ts'
import { events } from '../plan/events.ts'
import { config, plan } from '../plan/planning.ts'

interface Setting {
  readonly image?: string
  readonly build?: string
  readonly dockerfile?: string
  readonly slug?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly origin?: Origin
  readonly event?: keyof typeof events
  readonly baseBranch?: readonly string[]
}

const evil = 'evil.example:5000/x/{arch}-x'

async function decide(setting: Setting) {
  const {
    image,
    build,
    dockerfile = 'FROM busybox\n',
    slug,
    origin = 'untrusted',
    event = 'push',
    baseBranch,
  } = setting
  const inputs = { target: 'a', password: 'secret', username: 'me', baseline: 'none', ...setting.inputs }
  const files = {
    'a/config.yaml': config(image === undefined ? '' : `image: "${image}"\n`, slug),
    'a/Dockerfile': dockerfile,
    ...(build !== undefined && { 'a/build.yaml': build }),
  }
  const options = await optionsOf(inputs)
  const made = await plan({ files, inputs, event: events[event] })
  const decided = decideLogins({
    plan: made,
    options,
    event: events[event],
    origin,
    ...(baseBranch && { baseBranch: new Set(baseBranch) }),
  })
  return { ...decided, options, to: decided.logins.map(({ registry }) => registry) }
}

const push = { push: 'true' }
const owner = { origin: 'owner' } as const

describe('a password is sent', () => {
  test.each<[string, Setting, readonly string[]]>([
    // Named by files alone.
    ['nowhere for an untrusted pull request', { image: evil, inputs: push }, []],
    ['nowhere for an own pull request', { image: evil, inputs: push, origin: 'own-pull-request' }, []],
    ['nowhere in a terminal', { image: evil, inputs: push, ...owner, event: 'local' }, []],
    ['nowhere without push', { image: evil, ...owner }, []],
    [
      'to read the published images of the owner',
      { image: evil, inputs: { mode: 'refresh' }, ...owner },
      ['evil.example:5000'],
    ],
    ['nowhere to read images for a pull request', { image: evil, inputs: { mode: 'refresh' } }, []],
    ['nowhere without push, for a baseline', { image: evil, inputs: { baseline: 'registry' }, ...owner }, []],
    ['nowhere for what build.yaml names', { build: `image: ${evil}\n`, inputs: push }, []],
    ['to the registry of the owner’s files', { image: evil, inputs: push, ...owner }, ['evil.example:5000']],
    [
      'where the base branch’s files name the same',
      { image: evil, inputs: push, origin: 'own-pull-request', baseBranch: ['evil.example:5000'] },
      ['evil.example:5000'],
    ],
    [
      'nowhere where the base branch’s files name another',
      { image: evil, inputs: push, origin: 'own-pull-request', baseBranch: ['ghcr.io'] },
      [],
    ],
    ['nowhere without push, whatever the base branch says', { image: evil, baseBranch: ['evil.example:5000'] }, []],
    // Named by inputs.
    ['to `registry`', { image: evil, inputs: { ...push, registry: 'evil.example:5000' } }, ['evil.example:5000']],
    ['to `registry` alone', { image: evil, inputs: { ...push, registry: 'nas:5000' } }, ['nas:5000']],
    ['to `image`', { image: evil, inputs: { ...push, image: 'nas:5000/{arch}-x' } }, ['nas:5000']],
    ['to `image` without a host', { image: evil, inputs: { ...push, image: 'org/{arch}-{slug}' } }, ['docker.io']],
    ['to `image` with the owner', { image: evil, inputs: { ...push, image: '{owner}/{arch}-{slug}' } }, ['docker.io']],
    [
      'to `multi-arch-image`, not to the images that files name',
      { image: evil, inputs: { ...push, 'multi-arch-image': 'nas:5000/x' } },
      ['nas:5000'],
    ],
    [
      'to the image’s registry where `cache` names it, too',
      { image: evil, inputs: { cache: 'registry:evil.example:5000/c' } },
      ['evil.example:5000'],
    ],
    [
      'to the image’s registry where `baseline` names it, too',
      { image: evil, inputs: { ...push, baseline: 'registry:evil.example:5000/b:1' } },
      ['evil.example:5000'],
    ],
    ['to `--docker-hub`', { inputs: { args: '--amd64 --docker-hub nas:5000/org -t a' } }, ['nas:5000']],
    ['nowhere for `--image`', { image: evil, inputs: { args: '--amd64 --image y -t a' } }, []],
    // Filled in by files.
    ['nowhere for a slug that is a host', { slug: 'evil.example', inputs: { ...push, image: '{slug}/x-{arch}' } }, []],
    ['nowhere for a slug in a host', { slug: 'a', inputs: { ...push, image: '{slug}.evil.example/x-{arch}' } }, []],
    ['nowhere for a channel in a host', { inputs: { ...push, image: '{channel}.example/x-{arch}' } }, []],
    ['nowhere for a version in a host', { inputs: { ...push, image: 'r{version}.example/x-{arch}' } }, []],
    [
      'to a host that the owner’s slug is',
      { slug: 'evil.example', inputs: { ...push, image: '{slug}/x' }, ...owner },
      ['evil.example'],
    ],
    // The default.
    ['to ghcr.io, the default', { inputs: push }, ['ghcr.io']],
    ['nowhere for another owner at ghcr.io', { image: 'ghcr.io/evil/x', inputs: push }, []],
    // Nothing is pushed.
    ['nowhere without push', { inputs: { registry: 'nas:5000' } }, []],
    [
      'nowhere for a base of another registry',
      { dockerfile: 'FROM evil.example/b\n', inputs: { registry: 'nas:5000' } },
      [],
    ],
    ['nowhere for a base that only the files name', { dockerfile: 'FROM evil.example/b\n' }, []],
    ['to the registry of a base', { dockerfile: 'FROM nas:5000/b\n', inputs: { registry: 'nas:5000' } }, ['nas:5000']],
    [
      'to the registry of a base of any stage',
      { dockerfile: 'ARG R=NAS:5000\nFROM $R/b AS b\nFROM busybox\n', inputs: { registry: 'nas:5000' } },
      ['nas:5000'],
    ],
    [
      'to the registry that COPY takes from',
      { dockerfile: 'FROM busybox\nCOPY --from=nas:5000/b /a /a\n', inputs: { registry: 'nas:5000' } },
      ['nas:5000'],
    ],
    [
      'to the registry that a mount takes from',
      {
        dockerfile: 'FROM busybox\nRUN --mount=type=bind,from=nas:5000/b,target=/x true\n',
        inputs: { registry: 'nas:5000' },
      },
      ['nas:5000'],
    ],
    [
      'to the registry of the frontend',
      { dockerfile: '# syntax = nas:5000/f:1\nFROM busybox\n', inputs: { registry: 'nas:5000' } },
      ['nas:5000'],
    ],
    [
      'to the registry of a baseline',
      { inputs: { registry: 'nas:5000', baseline: 'registry:nas:5000/b' } },
      ['nas:5000'],
    ],
    ['to the registry of a cache', { inputs: { registry: 'nas:5000', cache: 'registry:nas:5000/c' } }, ['nas:5000']],
    [
      'to the registry of the published image',
      { inputs: { image: 'nas:5000/{arch}-x', baseline: 'auto' } },
      ['nas:5000'],
    ],
    ['nowhere with a baseline of the Actions cache', { inputs: { image: 'nas:5000/{arch}-x', baseline: 'cache' } }, []],
    [
      'to all that are given',
      { image: evil, inputs: { ...push, registry: 'nas:5000\nghcr.io', password: 'a\nb' } },
      ['nas:5000', 'ghcr.io'],
    ],
    [
      'to Docker Hub by any of its names',
      { image: 'org/{arch}-x', inputs: { registry: 'index.docker.io', baseline: 'auto' } },
      ['index.docker.io'],
    ],
  ])('%s: %j', async (_, setting, expected) => {
    expect((await decide(setting)).to).toEqual(expected)
  })

  test('to none without a password', async () => {
    expect(await decide({ image: evil, inputs: { ...push, password: '', username: '' } })).toMatchObject({
      logins: [],
      unnamed: [],
    })
  })
})

describe('a registry that only files name', () => {
  test('is reported with file, line and a remedy', async () => {
    const { unnamed, options } = await decide({ image: evil, inputs: push })
    const said = describeUnnamed(unnamed, options)
    expect(said).toMatchObject({ severity: 'warning', code: 'registry/not-named' })
    expect(said && oneLine(said)).toMatch(
      /^a\/config\.yaml:7:8: "password" is not sent to evil\.example:5000: .*"registry: evil\.example:5000"\.$/,
    )
  })

  test('is a notice where nothing is pushed', async () => {
    const { unnamed, options } = await decide({ image: evil, inputs: { baseline: 'auto' } })
    expect(describeUnnamed(unnamed, options)?.severity).toBe('notice')
  })

  test('is not reported if no login is missing', async () => {
    const { unnamed, options } = await decide({ image: evil })
    expect(describeUnnamed(unnamed, options)).toBeUndefined()
  })
})

test.each([
  ['ghcr.io/{owner}/{arch}-{slug}', 'ghcr.io'],
  ['GHCR.io/x', 'ghcr.io'],
  ['localhost:5000/{slug}', 'localhost:5000'],
  ['{owner}/{slug}', 'docker.io'],
  ['name', 'docker.io'],
  ['{slug}', undefined],
  ['{arch}-{slug}', undefined],
  ['{slug}/x', undefined],
  ['{slug}:5000/x', undefined],
  ['r{version}.example/x', undefined],
  ['{channel}/x', undefined],
  ['{channel}.example/x', undefined],
  ['r.example:5000/{channel}/x', 'r.example:5000'],
  ['ghcr.io/{owner}/{arch}-{slug}-{channel}', 'ghcr.io'],
  ['{arch}.example.com/{slug}', 'arch.example.com'],
])('the template %s names %s', (template, registry) => {
  expect(registryIn(template, 'octo')).toBe(registry)
})
