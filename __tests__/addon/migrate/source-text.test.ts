import { sourceText } from '../../../src/addon/migrate/source-text.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'

describe('the source text of a file', () => {
  const source = (bytes: string | Uint8Array) => sourceText('f', memoryFiles(new Map([['f', bytes]])))

  test.each([
    ['nothing', ''],
    ['a byte order mark', '\uFEFF'],
    ['a byte order mark and the line ends of Windows', '\uFEFFü\r\n'],
    ['characters that begin as a byte order mark does', '\uFEC0'],
    ['characters that begin and end as a byte order mark does', '\uFF3F'],
    ['characters that end as a byte order mark does', '\u1EFF'],
  ])('is all of it: %s', async (_, text) => {
    expect(await source(text)).toBe(text)
  })

  test('is not known where the file cannot be read', async () => {
    expect(await source(new Uint8Array([0xff]))).toBeUndefined()
    expect(await sourceText('g', memoryFiles(new Map()))).toBeUndefined()
  })
})
