import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseFrame } from '../../../src/smoke/supervisor/websocket.ts'

/** A masked frame, as a client sends it. */
function frame(opcode: number, payload: Buffer, isLast = true): Buffer {
  const { length } = payload
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : undefined
  const long = Buffer.alloc(9, 127)
  long.writeBigUInt64BE(BigInt(length), 1)
  const header = size ? Buffer.from(size) : long
  header[0] = (header[0] ?? 0) | 0x80
  const mask = Buffer.from([1, 2, 3, 4])
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), header, mask, masked])
}

describe('a frame', () => {
  test('is read back as it was sent, once it is complete', () => {
    const payloads = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(70_000).fill(7)))
    fc.assert(
      fc.property(payloads, fc.boolean(), fc.nat(), (bytes, isLast, cut) => {
        const sent = frame(1, Buffer.from(bytes), isLast)
        expect(parseFrame(sent.subarray(0, cut % sent.length))).toBeUndefined()
        const payload = Buffer.from(bytes)
        expect(parseFrame(Buffer.concat([sent, Buffer.from('x')]))).toEqual({
          opcode: 1,
          isLast,
          payload,
          size: sent.length,
        })
      }),
    )
  })

  test.each([
    ['that is not masked', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['with a reserved bit', Buffer.from([0xc1, 0x80]), 1002],
    ['of control that is too long', frame(9, Buffer.alloc(126)), 1002],
    ['of control in parts', frame(9, Buffer.alloc(1), false), 1002],
    ['that is too long', frame(1, Buffer.alloc(1024 * 1024 + 1)).subarray(0, 14), 1009],
    ['of the greatest length', Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(12, 0xff)]), 1009],
  ])('%s closes the connection with %i', (_, bytes, code) => {
    expect(parseFrame(bytes)).toBe(code)
  })

  test('may have any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => void parseFrame(Buffer.from(bytes))))
  })
})
