import { FrameScanner } from '../../../src/image/tar/zstd-frames.ts'

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
/** RFC 8878, 3.1.1.2: the last bit says whether more blocks follow, two more the type, the rest the size. */
function block(type: number, size: number, last: boolean, bytes = size): Buffer {
  const header = Buffer.alloc(3)
  header.writeUIntLE((size << 3) | (type << 1) | (last ? 1 : 0), 0, 3)
  return Buffer.concat([header, Buffer.alloc(bytes, 0xab)])
}
const raw = block(0, 3, true)
/** A frame of a single segment whose content has a size of one byte. */
const frameOf = (...blocks: readonly Buffer[]): Buffer => Buffer.concat([magic, Buffer.from([0x20, 3]), ...blocks])
function skippable(size: number, kind = 0): Buffer {
  const head = Buffer.from([0x50 + kind, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])
  head.writeUInt32LE(size, 4)
  return Buffer.concat([head, Buffer.alloc(size, 0x28)])
}
const plain = frameOf(raw)

/** The frames of a file that comes in pieces of so many bytes. */
function framesIn(file: Buffer, step = file.length): readonly Buffer[] {
  const scanner = new FrameScanner()
  const frames: Buffer[] = []
  let open: Buffer[] = []
  for (let at = 0; at < file.length; at += step)
    for (const { bytes, last } of scanner.write(file.subarray(at, at + step))) {
      open.push(bytes)
      if (!last) continue
      frames.push(Buffer.concat(open))
      open = []
    }
  scanner.end()
  return frames
}
const expectFrames = (...parts: readonly Buffer[]): void => {
  const frames = parts.filter((part) => part.subarray(0, 4).equals(magic))
  for (const step of [1, 3, 5, 1000]) expect(framesIn(Buffer.concat(parts), step)).toEqual(frames)
}

// RFC 8878, 3.1.1.1: the descriptor says which fields follow it.
test.each([0, 1, 2, 3])('finds the end of frames with content sizes of kind %i', (kind) => {
  for (const dictionary of [0, 1, 2, 3])
    for (const single of [0, 1])
      for (const checksum of [0, 1]) {
        const descriptor = (kind << 6) | (single << 5) | (checksum << 2) | dictionary
        const size = [single, 2, 4, 8][kind] as number
        const fields = Buffer.alloc((single ? 0 : 1) + ([0, 1, 2, 4][dictionary] as number) + size, 0xff)
        const end = Buffer.alloc(checksum * 4, 0xcd)
        expectFrames(Buffer.concat([magic, Buffer.from([descriptor]), fields, raw, end]), plain)
      }
})

test.each<[string, Buffer]>([
  ['an empty block', frameOf(block(0, 0, true))],
  ['a block of one byte that is repeated', frameOf(block(1, 5000, true, 1))],
  ['a compressed block', frameOf(block(2, 70_000, true))],
  ['several blocks', frameOf(block(0, 2, false), block(1, 9, false, 1), block(2, 300, false), block(0, 0, false), raw)],
])('finds the end of a frame with %s', (_, frame) => {
  expectFrames(frame, plain, frame)
})

test.each([0, 1, 300, 70_000])('leaves frames of %i bytes out that are to be skipped', (size) => {
  expectFrames(skippable(size), plain, skippable(size, 15), skippable(0, 7), plain, skippable(size))
})

test('skips a frame of nearly 4 GiB without having it', () => {
  const scanner = new FrameScanner()
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff])
  expect(scanner.write(Buffer.concat([head, plain, Buffer.alloc(9)]))).toEqual([])
  expect(() => scanner.end()).toThrow('The zstd data of a layer end too early.')
})

test('passes on each chunk immediately', () => {
  const scanner = new FrameScanner()
  const parts = (from: number, to?: number) =>
    scanner.write(plain.subarray(from, to)).map(({ bytes, last }) => [bytes.toString('hex'), last])
  expect(parts(0, 2)).toEqual([])
  expect(parts(2, 4)).toEqual([[magic.toString('hex'), false]])
  expect(parts(4, 7)).toEqual([[plain.subarray(4, 7).toString('hex'), false]])
  expect(parts(7)).toEqual([[plain.subarray(7).toString('hex'), true]])
  scanner.end()
})

test.each<[string, Buffer]>([
  ['a magic number', plain.subarray(0, 3)],
  ['the head of a frame', plain.subarray(0, 5)],
  ['a block', plain.subarray(0, -1)],
  ['a checksum', Buffer.concat([magic, Buffer.from([0x24, 3]), raw, Buffer.alloc(3)])],
  ['the size of a frame to be skipped', skippable(3).subarray(0, 7)],
  ['a frame to be skipped', skippable(3).subarray(0, -1)],
])('reports that data end in %s', (_, bytes) => {
  for (const step of [1, 1000]) {
    expect(() => framesIn(bytes, step)).toThrow('The zstd data of a layer end too early.')
    expect(() => framesIn(Buffer.concat([plain, bytes]), step)).toThrow('The zstd data of a layer end too early.')
  }
})

test.each([
  ['text', Buffer.from('text'), 'A layer has invalid data between its zstd frames.'],
  ['nearly a frame', Buffer.from([0x28, 0xb5, 0x2f, 0xfc]), 'A layer has invalid data between its zstd frames.'],
  [
    'nearly one to be skipped',
    Buffer.from([0x4f, 0x2a, 0x4d, 0x18]),
    'A layer has invalid data between its zstd frames.',
  ],
  ['a block of a reserved type', frameOf(block(3, 1, true)), 'A layer has a zstd block of a reserved type.'],
])('refuses %s', (_, bytes, problem) => {
  for (const step of [1, 1000]) expect(() => framesIn(Buffer.concat([plain, bytes]), step)).toThrow(problem)
})

test('nothing at all has no frames', () => {
  expect(framesIn(Buffer.alloc(0), 1)).toEqual([])
})
