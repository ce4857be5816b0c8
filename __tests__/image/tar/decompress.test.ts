import { createHash } from 'node:crypto'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import type { Compression } from '../../../src/image/measure.ts'
import { compressionOf, decompress } from '../../../src/image/tar/decompress.ts'
import { FrameScanner } from '../../../src/image/tar/zstd-frames.ts'
import { problemOf } from '../samples/image.ts'

async function* inPieces(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

async function unpack(bytes: Buffer, compression: Compression, step = 1000): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of decompress(inPieces(bytes, step), compression)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
const emptySkippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])
/** Bytes that do not compress, the same in every run. */
const noise = (length: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(length / 32) }, (_, index) => createHash('sha256').update(String(index)).digest()),
  ).subarray(0, length)
const large = noise(1_500_000)
const zstd = (bytes: Buffer | string, parameters = {}) =>
  zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1, ...parameters } })

describe('decompress', () => {
  test.each<[string, Compression, Buffer, string | Buffer]>([
    ['gzip', 'gzip', zlib.gzipSync('hello'), 'hello'],
    ['several gzip members', 'gzip', Buffer.concat([zlib.gzipSync('one'), zlib.gzipSync('two')]), 'onetwo'],
    ['gzip with zeros behind it', 'gzip', Buffer.concat([zlib.gzipSync('one'), Buffer.alloc(5000)]), 'one'],
    ['one zstd frame', 'zstd', zstd('hello'), 'hello'],
    ['a large zstd frame', 'zstd', zstd(large), large],
    [
      'several zstd frames',
      'zstd',
      Buffer.concat([zstd('one'), zstd(large), zstd('two')]),
      Buffer.concat([Buffer.from('one'), large, Buffer.from('two')]),
    ],
    [
      'a leading skippable frame',
      'zstd',
      Buffer.concat([skippable, zstd('one'), emptySkippable, zstd('two'), skippable]),
      'onetwo',
    ],
    ['empty zstd frames', 'zstd', Buffer.concat([zstd(''), zstd('one'), zstd('')]), 'one'],
    ['a zstd frame without checksum', 'zstd', zstd('one', { [zlib.constants.ZSTD_c_checksumFlag]: 0 }), 'one'],
    ['nothing at all', 'none', Buffer.from('plain'), 'plain'],
  ])('reads %s completely, in any chunks', async (_, compression, bytes, expected) => {
    for (const step of [1, 7, 4096, 1e7].filter((size) => bytes.length / size < 50_000))
      expect((await unpack(bytes, compression, step)).equals(Buffer.from(expected))).toBe(true)
  })

  test('reads a small zstd frame that unpacks to much more than it is', async () => {
    const zeros = Buffer.alloc(20_000_000)
    expect((await unpack(zstd(zeros), 'zstd')).equals(zeros)).toBe(true)
  })

  test('reads thousands of zstd frames, one for each file, and looks at each byte once', async () => {
    const [count, step] = [5000, 65_536]
    const file = noise(900)
    const frames = Buffer.concat(Array(count).fill(zstd(file)))
    expect((await unpack(frames, 'zstd', step)).equals(Buffer.concat(Array(count).fill(file)))).toBe(true)
    const scanner = new FrameScanner()
    let [parts, bytes, ends] = [0, 0, 0]
    for (let at = 0; at < frames.length; at += step) {
      for (const part of scanner.write(frames.subarray(at, at + step))) {
        parts += 1
        bytes += part.bytes.length
        ends += Number(part.last)
      }
    }
    const pieces = Math.ceil(frames.length / step)
    expect([bytes, ends]).toEqual([frames.length, count])
    // A frame is cut where a piece ends, and nowhere else.
    expect(parts).toBeLessThanOrEqual(count + pieces)
  })

  test.each<[string, Compression, Buffer, string | RegExp]>([
    [
      'gzip that ends early',
      'gzip',
      zlib.gzipSync(large).subarray(0, 900_000),
      'truncated: The compressed data of a layer end too early.',
    ],
    [
      'gzip with damage',
      'gzip',
      Buffer.concat([zlib.gzipSync(large).subarray(0, 500_000), Buffer.alloc(500_000, 7)]),
      /^image\/broken-layer: A layer cannot be decompressed: (?:Error: )?invalid .*\.$/,
    ],
    [
      'a zstd frame that ends early',
      'zstd',
      zstd(large).subarray(0, 700_000),
      'truncated: The zstd data of a layer end too early.',
    ],
    [
      'a second zstd frame that ends early',
      'zstd',
      Buffer.concat([zstd('one'), zstd('two').subarray(0, 9)]),
      'truncated: The zstd data of a layer end too early.',
    ],
    [
      'a zstd magic number that ends early',
      'zstd',
      Buffer.concat([zstd('one'), Buffer.from([0x28, 0xb5])]),
      'truncated: The zstd data of a layer end too early.',
    ],
    [
      'zstd with a wrong checksum',
      'zstd',
      Buffer.concat([zstd('one').subarray(0, -1), Buffer.from([1])]),
      /^image\/broken-layer: A layer cannot be decompressed: .*checksum.*\.$/,
    ],
    [
      'something else behind a zstd frame',
      'zstd',
      Buffer.concat([zstd('one'), Buffer.from('garbage!')]),
      'broken-layer: A layer has invalid data between its zstd frames.',
    ],
  ])('refuses %s', async (_, compression, bytes, problem) => {
    const found = await problemOf(unpack(bytes, compression, 4096))
    if (typeof problem === 'string') expect(found).toBe(`image/${problem}`)
    else expect(found).toMatch(problem)
  })

  test('fails with the error of the source', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield zlib.gzipSync(large).subarray(0, 100_000)
      throw new Error('connection reset')
    }
    await expect(async () => {
      for await (const _ of decompress(failing(), 'gzip'));
    }).rejects.toThrow('connection reset')
  })

  test('closes the source when the reader stops', async () => {
    const closed = Promise.withResolvers<void>()
    async function* source(): AsyncGenerator<Buffer> {
      try {
        yield* inPieces(zlib.gzipSync(large), 65_536)
      } finally {
        closed.resolve()
      }
    }
    for await (const _ of decompress(source(), 'gzip')) break
    await expect(closed.promise).resolves.toBeUndefined()
  })
})

test('FrameScanner finds the frames of any concatenation, in any pieces', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ frame: true, bytes: zstd(Buffer.from(bytes)) })),
    fc.constantFrom(skippable, emptySkippable).map((bytes) => ({ frame: false, bytes })),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 1, max: 200 }), (parts, step) => {
      const all = Buffer.concat(parts.map(({ bytes }) => bytes))
      const scanner = new FrameScanner()
      const frames: Buffer[] = []
      let open: Buffer[] = []
      for (let at = 0; at < all.length; at += step)
        for (const { bytes, last } of scanner.write(all.subarray(at, at + step))) {
          open.push(Buffer.from(bytes))
          if (last) frames.push(Buffer.concat(open.splice(0)))
        }
      scanner.end()
      open = []
      expect(frames).toEqual(parts.filter(({ frame }) => frame).map(({ bytes }) => bytes))
    }),
    { numRuns: 300 },
  )
})

test.each<[string, Buffer, Compression]>([
  ['gzip', zlib.gzipSync(''), 'gzip'],
  ['zstd', zstd(''), 'zstd'],
  ['a skippable zstd frame', skippable, 'zstd'],
  ['a tar', Buffer.from('etc/passwd'), 'none'],
  ['nothing', Buffer.alloc(0), 'none'],
])('compressionOf knows %s by its first bytes', (_, bytes, expected) => {
  expect(compressionOf(bytes)).toBe(expected)
})
