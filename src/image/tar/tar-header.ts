import { quoted } from '../../core/parsed.ts'
import { imageFailure } from '../failure.ts'

/** A tar header as stored, before any extended header is applied. */
export interface RawHeader {
  readonly name: string
  readonly size: number
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number
  readonly type: string
  readonly linkName: string
  /** GNU sparse files only: further headers follow. */
  readonly extendedSparse: boolean
}

const ustar = Buffer.from('ustar\0')

/** Reads one block of 512 bytes. Throws a Failure when it is not a tar header. */
export function parseHeader(block: Buffer): RawHeader {
  if (!checksumFits(block)) throw imageFailure('image/broken-layer', 'A header of the layer has a wrong checksum.')
  const type = String.fromCharCode(block[156] as number)
  const prefix = block.compare(ustar, 0, 6, 257, 263) === 0 ? text(block, 345, 500) : ''
  const name = text(block, 0, 100)
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size: number(block, 124, 136),
    mode: number(block, 100, 108) & 0o7777,
    type,
    linkName: text(block, 157, 257),
    extendedSparse: type === 'S' && block[482] !== 0,
  }
}

/** The sum counts the checksum field itself as blanks. Some old writers summed signed bytes. */
function checksumFits(block: Buffer): boolean {
  let unsigned = 8 * 32
  let signed = unsigned
  for (let index = 0; index < 512; index++) {
    if (index === 148) index = 156
    const byte = block[index] as number
    unsigned += byte
    signed += byte < 128 ? byte : byte - 256
  }
  const stated = number(block, 148, 156)
  return stated === unsigned || stated === signed
}

const text = (block: Buffer, from: number, to: number): string => nameUntilZero(block.subarray(from, to))

/** The name in a field: all of it, or the part before the first zero byte. */
export function nameUntilZero(field: Buffer): string {
  const end = field.indexOf(0)
  return decodeName(end < 0 ? field : field.subarray(0, end))
}

/** File names are bytes. Bytes that are not UTF-8 become `\xNN`, so that two names never become one. */
export function decodeName(bytes: Buffer): string {
  const name = bytes.toString('utf8')
  if (!name.includes('\ufffd') || Buffer.from(name, 'utf8').equals(bytes)) return name
  return bytes.toString('latin1').replace(/[\x80-\xff]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16)}`)
}

/** Octal digits, or base 256 if the first bit is set (GNU, for sizes over 8 GiB). */
function number(block: Buffer, from: number, to: number): number {
  const first = block[from] as number
  if (first & 0x80) {
    let value = first & 0x7f
    for (let index = from + 1; index < to; index++) value = value * 256 + (block[index] as number)
    if (first === 0xff || !Number.isSafeInteger(value))
      throw imageFailure('image/broken-layer', 'A header of the layer has an invalid number.')
    return value
  }
  const [field = ''] = block.toString('latin1', from, to).split('\0', 1)
  const [digits = ''] = field.replace(/^ +/, '').split(' ', 1)
  if (!/^[0-7]*$/.test(digits))
    throw imageFailure('image/broken-layer', 'A header of the layer has a number that is not octal.')
  return Number.parseInt(digits || '0', 8)
}

/** Records of a PAX extended header: `LENGTH KEY=VALUE\n`. */
export function parsePax(data: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  let at = 0
  // Some writers pad with zeros.
  while (at < data.length && data[at] !== 0) {
    const space = data.indexOf(0x20, at)
    const digits = data.toString('latin1', at, Math.min(space, at + 11))
    const length = /^\d{1,10}$/.test(digits) ? Number(digits) : 0
    const end = at + length
    const equals = data.indexOf(0x3d, space)
    if (length === 0 || end > data.length || equals < 0 || equals >= end || data[end - 1] !== 0x0a)
      throw imageFailure('image/broken-layer', 'An extended header of the layer is malformed.')
    records.set(data.toString('utf8', space + 1, equals), decodeName(data.subarray(equals + 1, end - 1)))
    at = end
  }
  return records
}

/** A decimal size of a PAX record. */
export function paxSize(value: string): number {
  const size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(size))
    throw imageFailure('image/broken-layer', `An extended header of the layer has an invalid size: ${quoted(value)}.`)
  return size
}
