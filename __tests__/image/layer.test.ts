import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { sha256 } from '../../src/core/sha256.ts'
import { isMarker, type LayerContents, type LayerJob, readLayer } from '../../src/image/layer.ts'
import { defaultLimits, type Limits } from '../../src/image/limits.ts'
import type { PackageReader } from '../../src/image/readers/reader.ts'
import { problemOf } from './samples/image.ts'
import { type Member, tar } from './samples/tar.ts'

interface Setting extends Partial<Omit<LayerJob, 'limits'>> {
  readonly limits?: Partial<Limits>
  /** What the source gives, where that is not the layer. */
  readonly stream?: Readable
}
const members: readonly Member[] = [{ path: 'a', content: 'hello' }]

function read(blob: Buffer, { limits, stream, ...more }: Setting = {}): Promise<LayerContents> {
  const digest = sha256(blob)
  return readLayer({
    source: {
      method: 'registry',
      manifest: () => Promise.reject(new Error('not asked for')),
      blob: async () => stream ?? Readable.from([blob]),
    },
    layer: { digest, size: blob.length, mediaType: '' },
    diffId: digest,
    readers: { packages: [], notes: [] },
    limits: { ...defaultLimits, ...limits },
    ...more,
  })
}
const inBytes = (blob: Buffer): Readable => Readable.from(Array.from(blob, (_, at) => blob.subarray(at, at + 1)))

test('lists the members of a layer, with a digest for what has content', async () => {
  const contents = await read(
    tar([
      { path: 'a', content: 'hello' },
      { path: 'b', content: 'hello' },
      { path: 'c', content: 'other' },
      { path: 'd' },
      { path: 'e/' },
      { path: 'f', type: '1', link: 'a' },
      { path: 'g', type: '2', link: '../a' },
      { path: '.wh.h', content: 'xx' },
      { path: 'x.wh.', content: 'x' },
    ]),
  )
  const [a, b, c, ...others] = contents.entries
  expect(a).toStrictEqual({ path: 'a', kind: 'file', bytes: 5, contentHash: expect.stringMatching(/^.{16}$/s) })
  expect([b?.contentHash === a?.contentHash, c?.contentHash === a?.contentHash]).toEqual([true, false])
  expect(others.slice(0, 4)).toStrictEqual([
    { path: 'd', kind: 'file', bytes: 0 },
    { path: 'e', kind: 'directory', bytes: 0 },
    { path: 'f', kind: 'hardlink', bytes: 0, target: 'a' },
    { path: 'g', kind: 'other', bytes: 0, pointsTo: '../a' },
  ])
  expect(contents).toMatchObject({ compression: 'none', payload: 16, packageFiles: [], notes: [] })
})

test.each([
  ['.wh.a', true],
  ['a/.wh.b', true],
  ['a/.wh.', true],
  ['.wh.a/b', false],
  ['a.wh.b', false],
  ['a/wh.b', false],
  ['', false],
])('isMarker: "%s": %s', (path, expected) => {
  expect(isMarker(path)).toBe(expected)
})

describe('readers', () => {
  const reader = (name: string, limit: number): PackageReader => ({
    wants: ({ path }) => (path.startsWith(name) ? limit : undefined),
    read: (_, content) => [{ manager: 'apk', name: content.toString(), version: name }],
  })
  test('get the complete files that they select, one reader for each file', async () => {
    const packages = [reader('a', 5), reader('ab', 99), reader('c', 5)]
    const blob = tar([
      { path: 'a1', content: 'hello' },
      { path: 'ab', content: 'hello!' },
      { path: 'b', content: 'other' },
      { path: 'c' },
      { path: 'c/' },
      { path: 'a2', content: 'again' },
      { path: 'a3', type: '2', link: 'a1' },
    ])
    const { packageFiles } = await read(blob, { readers: { packages, notes: [] }, stream: inBytes(blob) })
    const fact = (name: string, version: string) => [{ manager: 'apk', name, version }]
    expect(packageFiles).toEqual([
      { path: 'a1', packages: fact('hello', 'a') },
      { path: 'c', packages: fact('', 'c') },
      { path: 'a2', packages: fact('again', 'a') },
    ])
  })
})

describe('refuses', () => {
  const plain = tar(members)
  const packed = gzipSync(plain)
  const digest = sha256(plain)
  const bytes = plain.length
  const layer = { digest, size: bytes, mediaType: '' }
  const bomb = gzipSync(tar([{ path: 'a', content: Buffer.alloc(20_000) }]))
  const unpacked = tar([{ path: 'a', content: Buffer.alloc(20_000) }])
  const bombs = { layer: { digest: sha256(bomb), size: bomb.length, mediaType: '' }, diffId: sha256(unpacked) }

  test.each<[string, Buffer, Setting, string | undefined]>([
    [
      'an encrypted layer',
      plain,
      { layer: { ...layer, mediaType: 'tar+gzip+encrypted' } },
      `unsupported-layer: The layer ${digest} is encrypted.`,
    ],
    ['a layer of the limit', plain, { limits: { layerBytes: bytes } }, undefined],
    [
      'a longer one',
      plain,
      { limits: { layerBytes: bytes - 1 } },
      `limit: The layer ${digest} unpacks to more than ${bytes - 1} bytes.`,
    ],
    [
      'one of a good ratio',
      bomb,
      { ...bombs, limits: { ratioFrom: 0, ratio: unpacked.length / bomb.length } },
      undefined,
    ],
    ['a short one of a bad ratio', bomb, { ...bombs, limits: { ratioFrom: unpacked.length, ratio: 1 } }, undefined],
    [
      'a longer one of a bad ratio',
      bomb,
      { ...bombs, limits: { ratioFrom: unpacked.length - 1, ratio: 2 } },
      `limit: The layer ${sha256(bomb)} unpacks to more than 2 times its ${bomb.length} bytes.`,
    ],
    [
      'a blob that is longer than stated',
      plain,
      { layer: { ...layer, size: bytes - 1 } },
      `digest-mismatch: The layer ${digest} is longer than the ${bytes - 1} bytes that its manifest states.`,
    ],
    [
      'a blob that is shorter than stated',
      plain,
      { layer: { ...layer, size: bytes + 1 } },
      `truncated: The layer ${digest} has ${bytes} of the ${bytes + 1} bytes that its manifest states.`,
    ],
    [
      'a blob of another digest',
      plain,
      { layer: { ...layer, digest: sha256(packed) } },
      `digest-mismatch: The layer ${sha256(packed)} has content that does not match its digest.`,
    ],
    [
      'a tar of another diff ID',
      plain,
      { diffId: sha256(packed) },
      `digest-mismatch: The content of layer ${digest} does not match its diff ID ${sha256(packed)}.`,
    ],
    [
      'a compressed layer by its own digest',
      packed,
      {},
      `digest-mismatch: The content of layer ${sha256(packed)} does not match its diff ID ${sha256(packed)}.`,
    ],
    ['a tar that ends early', plain.subarray(0, 600), {}, 'truncated: The layer ends in the middle of a file.'],
    ['nothing', Buffer.alloc(0), {}, undefined],
    [
      'less than what tells the compression',
      Buffer.from('ab'),
      {},
      'truncated: The layer ends in the middle of a file.',
    ],
  ])('%s', async (_, blob, setting, problem) => {
    expect(await problemOf(read(blob, setting))).toBe(problem && `image/${problem}`)
  })

  test('detects the compression in any chunks', async () => {
    expect((await read(packed, { diffId: digest, stream: inBytes(packed) })).compression).toBe('gzip')
  })
})

describe('ends', () => {
  test('with the reason when it is cancelled before it begins, without asking for the layer', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'))
    const source = { method: 'registry', manifest: fail, blob: fail } as const
    await expect(read(tar(members), { signal, source })).rejects.toThrow('cancelled')
  })
  const fail = () => Promise.reject(new Error('asked for'))

  test.each([
    ['an error', new Error('cancelled'), 'cancelled'],
    ['something else', 'why', 'aborted'],
  ])('with the reason when it is cancelled in the middle: %s', async (_, reason, message) => {
    const controller = new AbortController()
    const stream = new Readable({ read: () => queueMicrotask(() => controller.abort(reason)) })
    await expect(read(tar(members), { signal: controller.signal, stream })).rejects.toThrow(message)
    expect(stream.destroyed).toBe(true)
  })

  test.each([
    ['a layer that was read', tar(members)],
    ['a layer that is refused', tar([{ path: '../a' }])],
  ])('without leaving anything open: %s', async (_, blob) => {
    const { signal } = new AbortController()
    const stream = new Readable({ read: () => {} })
    stream.push(blob)
    if (blob.includes('hello')) stream.push(null)
    await read(blob, { signal, stream }).catch(() => {})
    expect(stream.destroyed).toBe(true)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
