import { decodeName, parseHeader, parsePax, paxSize } from '../../../src/image/tar/tar-header.ts'
import { header, withChecksum } from '../samples/tar.ts'

/** A header with bytes that no writer of the tests makes. */
function changed(at: number, bytes: string | readonly number[], path = 'a'): Buffer {
  const block = header({ path })
  block.set(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, at)
  return withChecksum(block)
}
const [modeAt, sizeAt, checksumAt, magicAt] = [100, 124, 148, 257]

describe('parseHeader', () => {
  test('reads the fields of a header', () => {
    const block = header({ path: 'name', prefix: 'some/where', link: 'target', type: '1', mode: 0o4755, size: 700 })
    expect(parseHeader(block)).toEqual({
      name: 'some/where/name',
      size: 700,
      mode: 0o4755,
      type: '1',
      linkName: 'target',
      extendedSparse: false,
    })
  })

  test('reads fields that are full', () => {
    const [name, link, prefix] = ['n'.repeat(100), 'l'.repeat(100), 'p'.repeat(155)]
    expect(parseHeader(header({ path: name, link, prefix }))).toMatchObject({
      name: `${prefix}/${name}`,
      linkName: link,
    })
  })

  test('a prefix is one in ustar alone: GNU has times there', () => {
    const gnu = header({ path: 'name', prefix: '1234' })
    gnu.write('ustar  \0', magicAt, 'latin1')
    expect(parseHeader(withChecksum(gnu)).name).toBe('name')
    const old = header({ path: 'name', prefix: '1234' })
    old.fill(0, magicAt, magicAt + 8)
    expect(parseHeader(withChecksum(old)).name).toBe('name')
  })

  test('a mode has 12 bits', () => {
    expect(parseHeader(changed(modeAt, '0107755\0')).mode).toBe(0o7755)
  })

  test('a sparse file says whether more headers follow', () => {
    const sparse = (type: string, more: number): boolean => {
      const block = header({ path: 'a', type })
      block[482] = more
      return parseHeader(withChecksum(block)).extendedSparse
    }
    expect([sparse('S', 1), sparse('S', 0), sparse('0', 1)]).toEqual([true, false, false])
  })

  test('the checksum may be that of signed bytes', () => {
    const block = header({ path: 'größe', prefix: 'ÿ' })
    block.fill(0x20, checksumAt, checksumAt + 8)
    const sum = block.reduce((total, byte) => total + (byte < 128 ? byte : byte - 256), 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, checksumAt, 'latin1')
    expect(parseHeader(block).name).toBe('ÿ/größe')
    block.write(`${(sum + 1).toString(8).padStart(6, '0')}\0 `, checksumAt, 'latin1')
    expect(() => parseHeader(block)).toThrow('A header of the layer has a wrong checksum.')
  })

  test.each([0, 99, 147, 156, 511])('the checksum counts byte %i', (at) => {
    const block = header({ path: 'a' })
    block[at] = (block[at] as number) + 1
    expect(() => parseHeader(block)).toThrow('wrong checksum')
  })

  test.each<[string, string | readonly number[], number]>([
    ['octal digits', '00000001750\0', 1000],
    ['octal digits without an end', '000000001750', 1000],
    ['leading blanks', '       1750\0', 1000],
    ['a blank at the end', '1750 junk!!!', 1000],
    ['a zero byte at the end', '1750\x00888888', 1000],
    ['all octal digits', '000076543210', 0o76543210],
    ['nothing', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0],
    ['blanks', '            ', 0],
    ['base 256', [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 5], 2 * 256 ** 4 + 256 + 5],
    ['base 256 from the first byte on', [0x80, 0, 0, 0, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 2 ** 53 - 1],
  ])('reads a size of %s', (_, bytes, size) => {
    expect(parseHeader(changed(sizeAt, bytes)).size).toBe(size)
  })

  test.each<[string, string | readonly number[], string]>([
    ['8', '00000000008\0', 'a number that is not octal'],
    ['a slash', '0000000000/\0', 'a number that is not octal'],
    ['a sign', '-0000000001\0', 'a number that is not octal'],
    ['a negative number', [0xff, ...Array(11).fill(0)], 'an invalid number'],
    ['2^53', [0x80, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0], 'an invalid number'],
    ['a number of 95 bits', [0x81, ...Array(11).fill(0)], 'an invalid number'],
  ])('refuses a size of %s', (_, bytes, problem) => {
    expect(() => parseHeader(changed(sizeAt, bytes))).toThrow(`A header of the layer has ${problem}.`)
  })
})

test.each<[string, readonly number[], string]>([
  ['letters', [0x61, 0x62], 'ab'],
  ['UTF-8', [0xc3, 0xb6], 'ö'],
  ['the character that stands for others', [0xef, 0xbf, 0xbd], '\ufffd'],
  ['bytes that are no UTF-8', [0x61, 0x80, 0xff, 0x7f], 'a\\x80\\xff\x7f'],
  ['Latin 1', [0xf6, 0x62], '\\xf6b'],
])('decodeName shows %s', (_, bytes, expected) => {
  expect(decodeName(Buffer.from(bytes))).toBe(expected)
})

describe('parsePax', () => {
  test.each<[string, string, readonly (readonly [string, string])[]]>([
    ['nothing', '', []],
    ['one record', '7 a=xy\n', [['a', 'xy']]],
    [
      'several, the last of a key counts',
      '7 a=xy\n6 b=z\n6 a=q\n',
      [
        ['a', 'q'],
        ['b', 'z'],
      ],
    ],
    ['a value with signs', '11 a=b=c\nd\n', [['a', 'b=c\nd']]],
    ['an empty value', '5 a=\n', [['a', '']]],
    ['zeros behind it', '6 a=x\n\0\0\0', [['a', 'x']]],
    ['a length of 10 digits', '0000000015 a=x\n', [['a', 'x']]],
    ['a key with blanks', '8 a b=x\n', [['a b', 'x']]],
    ['UTF-8', '8 ö=ö\n', [['ö', 'ö']]],
  ])('reads %s', (_, text, records) => {
    expect([...parsePax(Buffer.from(text))]).toEqual(records)
  })

  test('shows bytes of a value that are no UTF-8', () => {
    expect(parsePax(Buffer.from('6 a=\xff\n', 'latin1')).get('a')).toBe('\\xff')
  })

  test.each<[string, string]>([
    ['no blank', '6a=x\n'],
    ['a length of 11 digits', '00000000016 a=x\n'],
    ['no length', ' a=x\n'],
    ['a length of 0', '0 a=x\n'],
    ['a negative length', '-6 a=x\n'],
    ['a length in another notation', '1e1 a=xxx\n'],
    ['a length with a sign', '+7 a=x\n'],
    ['a hexadecimal length', '0xb a=xxxx\n'],
    ['a length that is no number', 'x a=x\n'],
    ['a length beyond the end', '7 a=x\n'],
    ['a length that ends early', '5 a=x\n'],
    ['no line end', '6 a=xy'],
    ['no key', '5 abc\n'],
    ['a sign behind its end', '5 ab\n6 a=x\n'],
    ['something else behind it', '6 a=x\nxyz'],
  ])('refuses %s', (_, text) => {
    expect(() => parsePax(Buffer.from(text))).toThrow('An extended header of the layer is malformed.')
  })
})

test.each([
  ['0', 0],
  ['9007199254740991', 2 ** 53 - 1],
])('paxSize reads %s', (text, size) => {
  expect(paxSize(text)).toBe(size)
})

test.each(['', '-1', '1.5', '1e3', ' 1', '1 ', '0x10', '9007199254740992', '00000000000000001'])(
  'paxSize refuses "%s"',
  (text) => {
    expect(() => paxSize(text)).toThrow(`An extended header of the layer has an invalid size: ${JSON.stringify(text)}.`)
  },
)
