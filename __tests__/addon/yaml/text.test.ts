import type { Files, FileText } from '../../../src/addon/files.ts'
import { largestFile, readText } from '../../../src/addon/yaml/text.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'
import { saidOf } from '../messages.ts'

const read = async (found: FileText | string | readonly number[], limit?: number): Promise<string | undefined> => {
  const files: Files =
    typeof found === 'string' || Array.isArray(found)
      ? memoryFiles(new Map([['a/x', typeof found === 'string' ? found : Uint8Array.from(found as readonly number[])]]))
      : { read: async () => found as FileText, list: async () => undefined }
  const text = await readText('a/x', files, limit)
  if (text === undefined) return undefined
  if ('text' in text) return text.text
  expect(text.diagnostic.where?.file).toBe('a/x')
  return saidOf([text.diagnostic])
}

test.each<[string, FileText, string | undefined]>([
  ['a file that is missing', { missing: true }, undefined],
  [
    'a link that leads out',
    { outside: true },
    'error file/outside 1:1 The file is a link that leads out of the workspace. Put the file itself there.',
  ],
  [
    'a file that may not be read',
    { unreadable: 'EACCES' },
    'error file/unreadable 1:1 The file cannot be read (EACCES). Give the current user permission to read it.',
  ],
  [
    'a file that is too large',
    { tooLarge: 5 },
    'error file/too-large 1:1 The file is larger than 128 kB. Remove content that does not belong there.',
  ],
])('%s', async (_, found, expected) => {
  expect(await read(found)).toBe(expected)
})

test('a file may have 128 kB, or the given limit', async () => {
  expect(largestFile).toBe(131_072)
  expect(await read('x'.repeat(131_072))).toHaveLength(131_072)
  expect(await read('x'.repeat(131_073))).toMatch(/^error file\/too-large/)
  expect(await read('x'.repeat(1025), 1024)).toContain('larger than 1 kB')
})

const notUtf8 = (line: number) => `error file/not-utf8 ${line}:1 The file is not UTF-8 text. Save it as UTF-8.`
const utf16 = 'error file/not-utf8 1:1 The file is encoded as UTF-16. Save it as UTF-8.'

test.each<[string, readonly number[], string]>([
  ['text', [0x61, 0xc3, 0xa9], 'aé'],
  ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61], 'a'],
  ['nothing', [], ''],
  ['UTF-16, little end first', [0xff, 0xfe, 0x61, 0], utf16],
  ['UTF-16, big end first', [0xfe, 0xff, 0, 0x61], utf16],
  ['another byte first', [0xff, 0x61], notUtf8(1)],
  ['another byte second', [0x61, 0xfe], notUtf8(1)],
  ['half of one mark and half of the other', [0xff, 0xff], notUtf8(1)],
  ['the second half of a mark', [0xfe, 0xfe], notUtf8(1)],
  ['a bad first line', [0xe9, 0x0a, 0x61], notUtf8(1)],
  ['a bad second line', [0x61, 0x0a, 0xe9, 0x0a, 0x61], notUtf8(2)],
  ['a bad last line', [0x61, 0x0a, 0x0a, 0x61, 0xe9], notUtf8(3)],
  ['a character that a line end cuts', [0x0a, 0xc3, 0x0a, 0xa9], notUtf8(2)],
  ['a NUL', [0x61, 0x0a, 0], notUtf8(2)],
])('%s', async (_, bytes, expected) => {
  expect(await read(bytes)).toBe(expected)
})
