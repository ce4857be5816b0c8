import { sha256 } from '../../src/core/sha256.ts'
import {
  createdBy,
  findManifest,
  type ImageConfig,
  type Manifest,
  parseJson,
  parsePlatform,
  readConfig,
  samePlatform,
  statedCompression,
} from '../../src/image/document.ts'
import { defaultLimits, type Limits } from '../../src/image/limits.ts'
import type { BlobSource } from '../../src/image/sources/source.ts'
import { memorySource, problemOf } from './samples/image.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const digest = sha256(Buffer.from('x'))
const configType = 'application/vnd.oci.image.config.v1+json'
const config = { mediaType: configType, digest, size: 2 }
const bytesOf = (json: unknown): Buffer => Buffer.from(JSON.stringify(json))

/** A source whose first document is the root. */
function sourceOf(root: unknown, ...others: readonly unknown[]): BlobSource {
  const blobs = [root, ...others].map(bytesOf)
  return memorySource(new Map(blobs.map((bytes) => [sha256(bytes), bytes])), sha256(blobs[0] as Buffer))
}
const child = (json: unknown, more: object = {}): object => ({ digest: sha256(bytesOf(json)), size: 1, ...more })
const find = (source: BlobSource, platform: string = 'linux/amd64', limits: Partial<Limits> = {}) =>
  findManifest(source, parsePlatform(platform), { ...defaultLimits, ...limits })

describe('a manifest', () => {
  test('is read with its config and layers', async () => {
    const annotated = { digest, size: 0, annotations: { a: 'b' }, platform: { os: 'linux', variant: 5 } }
    const manifest = { config, layers: [annotated, { digest, size: 3, mediaType: 5, platform: null, annotations: [] }] }
    expect(await find(sourceOf(manifest))).toEqual({
      digest: sha256(bytesOf(manifest)),
      config,
      layers: [
        { digest, size: 0, mediaType: '', annotations: { a: 'b' }, platform: { os: 'linux', architecture: '' } },
        { digest, size: 3, mediaType: '' },
      ],
    })
  })

  test.each<[string, unknown, string]>([
    ['text', 'x', 'image/unreadable: The manifest is not a JSON object.'],
    ['a list', [], 'image/unreadable: The manifest is not a JSON object.'],
    ['nothing', null, 'image/unreadable: The manifest is not a JSON object.'],
    ['no config', { layers: [] }, 'image/not-an-image: The manifest is not an image manifest (schema 2 or OCI).'],
    ['no layers', { config }, 'image/not-an-image: The manifest is not an image manifest (schema 2 or OCI).'],
    [
      'layers that are no list',
      { config, layers: { length: 0 } },
      'image/not-an-image: The manifest is not an image manifest (schema 2 or OCI).',
    ],
    [
      'a config that is a list',
      { config: [], layers: [] },
      'image/not-an-image: The manifest is not an image manifest (schema 2 or OCI).',
    ],
    ['a config without a digest', { config: {}, layers: [] }, 'image/unreadable: The config has no sha256 digest.'],
    [
      'a layer without a digest',
      { config, layers: [config, {}] },
      'image/unreadable: The layer 2 has no sha256 digest.',
    ],
    ['a layer that is none', { config, layers: [null] }, 'image/unreadable: The layer 1 has no sha256 digest.'],
    [
      'a digest of another kind',
      { config, layers: [{ digest: `${digest}0`, size: 1 }] },
      'image/unreadable: The layer 1 has no sha256 digest.',
    ],
    ...[-1, 0.5, 2 ** 53, '1', null].map((size): [string, unknown, string] => [
      `a size of ${JSON.stringify(size)}`,
      { config, layers: [{ digest, size }] },
      'image/unreadable: The layer 1 has an invalid size.',
    ]),
    [
      'another kind of artifact',
      { config: { ...config, mediaType: `${configType}x` }, layers: [] },
      `image/not-an-image: The config of the manifest has an unsupported media type: "${configType}x".`,
    ],
    [
      'an artifact with a longer type',
      { config: { ...config, mediaType: `x/${configType}` }, layers: [] },
      `image/not-an-image: The config of the manifest has an unsupported media type: "x/${configType}".`,
    ],
    ['3 layers of 2', { config, layers: [config, config, config] }, 'image/limit: The image has more than 2 layers.'],
  ])('of %s is refused', async (_, manifest, problem) => {
    expect(await problemOf(find(sourceOf(manifest), 'linux/amd64', { layers: 2 }))).toBe(problem)
  })

  test.each([configType, 'application/vnd.docker.container.image.v1+json', '', undefined])(
    'has a config of type "%s"',
    async (mediaType) => {
      const manifest = { config: { ...config, mediaType }, layers: [config, config] }
      expect((await find(sourceOf(manifest), 'linux/amd64', { layers: 2 })).layers).toHaveLength(2)
    },
  )

  test('is checked by its digest', async () => {
    const bytes = bytesOf({ config, layers: [] })
    const source = memorySource(new Map([[digest, bytes]]), digest)
    expect(await problemOf(find(source))).toBe(
      `image/digest-mismatch: The manifest ${digest} has content that does not match its digest.`,
    )
    const index = bytesOf({ manifests: [{ digest, size: 1 }] })
    const behind = new Map([
      [digest, bytes],
      [sha256(index), index],
    ])
    expect(await problemOf(find(memorySource(behind, sha256(index))))).toBe(
      `image/digest-mismatch: The manifest ${digest} has content that does not match its digest.`,
    )
  })
})

describe('an index', () => {
  const manifest = (name: string) => ({ config: { ...config, size: name.length }, layers: [], name })
  const [one, two] = [manifest('one'), manifest('two')]
  const platform = (architecture: string, variant?: string) => ({ platform: { os: 'linux', architecture, variant } })

  test('lists its platforms if the required one is missing', async () => {
    const index = { manifests: [child(one, platform('arm64')), child(two, platform('arm', 'v6')), child(two)] }
    expect(await problemOf(find(sourceOf({ manifests: index.manifests.slice(0, 2) }), 'linux/arm/v7'))).toBe(
      'image/no-platform: The image has no linux/arm/v7, only "linux/arm64, linux/arm/v6".',
    )
    expect(await problemOf(find(sourceOf({ manifests: [] })))).toBe('image/no-platform: The image has no linux/amd64.')
  })

  test('lists at most 10 platforms', async () => {
    const manifests = Array.from({ length: 11 }, (_, at) =>
      child(one, { platform: { os: 'o', architecture: `${at}` } }),
    )
    const problem = await problemOf(find(sourceOf({ manifests })))
    expect([problem?.includes('o/9'), problem?.includes('o/10')]).toEqual([true, false])
  })

  test('has attestations that are not images', async () => {
    const attestation = { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }
    const manifests = [child(one, attestation), child(two, { platform: { os: 'unknown', architecture: 'unknown' } })]
    expect(await problemOf(find(sourceOf({ manifests }, one, two)))).toBe(
      'image/no-platform: The image has no linux/amd64.',
    )
    const both = { manifests: [child(one, { ...attestation, ...platform('amd64') }), child(two, platform('amd64'))] }
    expect((await find(sourceOf(both, one, two))).digest).toBe(sha256(bytesOf(two)))
  })

  test('is refused with an entry that has no digest', async () => {
    expect(await problemOf(find(sourceOf({ manifests: [{}] })))).toBe(
      'image/unreadable: The index entry has no sha256 digest.',
    )
  })

  test('with one entry without a platform uses it without reading its config', async () => {
    expect((await find(sourceOf({ manifests: [child(one)] }, one))).digest).toBe(sha256(bytesOf(one)))
  })

  test('prefers an entry with a platform to one without', async () => {
    const manifests = [child(one), child(two, platform('amd64'))]
    expect((await find(sourceOf({ manifests }, one, two))).digest).toBe(sha256(bytesOf(two)))
  })

  const imageOf = (architecture: string) => {
    const document = { os: 'linux', architecture, rootfs: { diff_ids: [] } }
    const json = { config: { ...child(document), mediaType: configType }, layers: [] }
    return { document, json }
  }
  test('with several entries without a platform: their configs decide', async () => {
    const [arm, amd] = [imageOf('arm64'), imageOf('amd64')]
    const manifests = [child({ lost: true }), child(arm.json), child(amd.json)]
    const source = sourceOf({ manifests }, arm.json, arm.document, amd.json, amd.document)
    expect((await find(source)).digest).toBe(sha256(bytesOf(amd.json)))
    expect(
      await problemOf(
        find(
          sourceOf({ manifests: manifests.slice(1) }, arm.json, arm.document, amd.json, amd.document),
          'linux/s390x',
        ),
      ),
    ).toBe('image/no-platform: The image has no linux/s390x.')
  })

  test('fails with the error of an entry that cannot be read', async () => {
    const wrong = { config, layers: 5 }
    expect(await problemOf(find(sourceOf({ manifests: [child(wrong)] }, wrong)))).toMatch(/^image\/not-an-image/)
  })

  test.each([
    [16, undefined],
    [17, 'image/no-platform: The image has no linux/amd64.'],
  ])('is followed through %i entries without a platform', async (count, problem) => {
    const amd = imageOf('amd64')
    const manifests = Array.from({ length: count }, () => child(amd.json))
    expect(await problemOf(find(sourceOf({ manifests }, amd.json, amd.document)))).toBe(problem)
  })

  test.each([
    [5, undefined],
    [6, 'image/limit: The index leads to another index more than 4 times.'],
  ])('is followed through %i indexes', async (count, problem) => {
    const chain: unknown[] = [one]
    for (let depth = 0; depth < count; depth++) chain.unshift({ manifests: [child(chain[0])] })
    const [root, ...others] = chain
    expect(await problemOf(find(sourceOf(root, ...others)))).toBe(problem)
  })

  test.each([
    [2, undefined],
    [1, 'image/limit: The index leads to more than 1 manifests.'],
  ])('is followed to %i manifests', async (manifests, problem) => {
    const inner = { manifests: [child(one)] }
    expect(
      await problemOf(find(sourceOf({ manifests: [child(inner)] }, inner, one), 'linux/amd64', { manifests })),
    ).toBe(problem)
  })

  test('stops at the limit, even with other entries', async () => {
    const asked: (string | undefined)[] = []
    const source = sourceOf({ manifests: Array.from({ length: 10 }, (_, at) => child({ at })) })
    const watched: BlobSource = {
      ...source,
      manifest: (name) => {
        asked.push(name)
        return source.manifest(name)
      },
    }
    expect(await problemOf(find(watched, 'linux/amd64', { manifests: 3 }))).toMatch(/more than 3 manifests/)
    expect(asked).toHaveLength(1 + 3)
  })
})

describe('a config', () => {
  const manifestOf = (json: unknown, layers = 1): Manifest => ({
    digest,
    config: { digest: sha256(bytesOf(json)), size: 1, mediaType: '' },
    layers: Array(layers).fill({ digest, size: 1, mediaType: '' }),
  })
  const read = (json: unknown, limits: Partial<Limits> = {}, layers = 1): Promise<ImageConfig> =>
    readConfig(sourceOf(json), manifestOf(json, layers), { ...defaultLimits, ...limits })
  const plain = { os: 'linux', architecture: 'arm', variant: 'v7', rootfs: { diff_ids: [digest] } }

  test('is read with its history', async () => {
    const history = [
      { created_by: 'ADD', empty_layer: false },
      5,
      null,
      { empty_layer: true },
      { created_by: 7 },
      { empty_layer: 1 },
    ]
    expect(await read({ ...plain, created: '2026', history })).toEqual({
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      diffIds: [digest],
      history: [
        { createdBy: 'ADD', emptyLayer: false },
        { emptyLayer: true },
        { emptyLayer: false },
        { emptyLayer: false },
      ],
      created: '2026',
    })
  })

  test('may omit nearly all fields', async () => {
    const empty = { platform: { os: '', architecture: '' }, diffIds: [], history: [] }
    expect(await read({}, {}, 0)).toEqual(empty)
    expect(await read({ rootfs: 5, history: {}, created: 5, config: { Labels: [] } }, {}, 0)).toEqual(empty)
    expect(await read({ rootfs: { diff_ids: {} }, config: [], variant: '' }, {}, 0)).toEqual(empty)
  })

  test('has texts of any length, which are cut to what a report shows', async () => {
    const { created, history } = await read({
      ...plain,
      created: 'c'.repeat(65),
      history: [{ created_by: 'x'.repeat(4001) }, ...Array(10_000).fill({})],
    })
    expect([created?.length, history.length, history[0]?.createdBy?.length]).toEqual([64, 10_000, 4000])
  })

  test.each<[unknown, string | undefined]>([
    ['abcdef0', 'abcdef0'],
    ['a'.repeat(64), 'a'.repeat(64)],
    ['abcdef', undefined],
    ['a'.repeat(65), undefined],
    ['abcdefg', undefined],
    ['xabcdef0', undefined],
    ['abcdef0\n', undefined],
    [1_234_567, undefined],
  ])('has the label of a commit: %j', async (label, revision) => {
    const labels = { config: { Labels: { 'org.opencontainers.image.revision': label } } }
    expect((await read({ ...plain, ...labels })).revision).toBe(revision)
  })

  test.each<[string, unknown, string]>([
    ['fewer diff IDs than layers', { rootfs: { diff_ids: [] } }, 'The config names 0 layers, the manifest 1.'],
    [
      'more diff IDs than layers',
      { rootfs: { diff_ids: [digest, digest] } },
      'The config names 2 layers, the manifest 1.',
    ],
    ['a diff ID that is none', { rootfs: { diff_ids: ['sha256:1'] } }, 'The config names 1 layers, the manifest 1.'],
    ['text', 'text', 'The config is not a JSON object.'],
  ])('with %s is refused', async (_, json, problem) => {
    expect(await problemOf(read(json))).toBe(`image/unreadable: ${problem}`)
  })

  test('is read up to a limit', async () => {
    const size = bytesOf(plain).length
    expect(await problemOf(read(plain, { document: size }))).toBeUndefined()
    expect(await problemOf(read(plain, { document: size - 1 }))).toBe(
      `image/limit: The config "${sha256(bytesOf(plain))}" is longer than ${size - 1} bytes.`,
    )
  })

  test('is checked by its digest', async () => {
    const source = memorySource(new Map([[digest, bytesOf(plain)]]), digest)
    const manifest = { ...manifestOf(plain), config: { digest, size: 1, mediaType: '' } }
    expect(await problemOf(readConfig(source, manifest, defaultLimits))).toBe(
      `image/digest-mismatch: The config ${digest} has content that does not match its digest.`,
    )
  })
})

test('parseJson takes a document of the limit and no longer one', () => {
  const limits = { ...defaultLimits, document: 2 }
  expect(parseJson(Buffer.from('{}'), 'index', limits)).toEqual({})
  expect(() => parseJson(Buffer.from('{} '), 'index', limits)).toThrow('The index is longer than 2 bytes.')
  expect(() => parseJson(Buffer.from('{'), 'index', limits)).toThrow('The index is not a JSON object.')
})

test('createdBy: one for each layer, or none where the history does not fit them', () => {
  const empty = { createdBy: 'ENV', emptyLayer: true }
  const made = { createdBy: 'RUN', emptyLayer: false }
  const of = (history: ImageConfig['history'], layers: number) =>
    createdBy({ platform: amd64, history, diffIds: Array(layers).fill(digest) })
  expect(of([made, empty, { emptyLayer: false }], 2)).toEqual(['RUN', undefined])
  expect(of([made, empty], 2)).toEqual([])
  expect(of([made, made], 1)).toEqual([])
})

test.each([
  ['linux/arm/v7', 'linux/arm', true],
  ['linux/arm/v6', 'linux/arm', false],
  ['linux/arm64/v8', 'linux/arm64', true],
  ['linux/amd64/v1', 'linux/amd64', true],
  ['linux/amd64/v2', 'linux/amd64', false],
  ['linux/386', 'linux/386', true],
  ['linux/386/v1', 'linux/386', false],
  ['linux/amd64', 'windows/amd64', false],
  ['linux/amd64', 'linux/arm64', false],
  ['linux/riscv64', 'linux/riscv64', true],
  ['linux', 'linux/amd64', false],
])('samePlatform: %s and %s: %s', (a, b, expected) => {
  expect(samePlatform(parsePlatform(a), parsePlatform(b))).toBe(expected)
  expect(samePlatform(parsePlatform(b), parsePlatform(a))).toBe(expected)
})

test('parsePlatform takes a platform apart', () => {
  expect(parsePlatform('linux/arm/v7')).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' })
  expect(parsePlatform('linux/amd64')).toEqual(amd64)
  expect(parsePlatform('linux/amd64/')).toEqual(amd64)
  expect(parsePlatform('linux')).toEqual({ os: 'linux', architecture: '' })
  expect(parsePlatform('')).toEqual({ os: '', architecture: '' })
})

test.each([
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['tar+gzip+encrypted', 'none'],
  ['tar+zstd+encrypted', 'none'],
  ['tarzstd', 'none'],
  ['targzip', 'none'],
])('statedCompression: %s is %s', (mediaType, expected) => {
  expect(statedCompression(mediaType)).toBe(expected)
})
