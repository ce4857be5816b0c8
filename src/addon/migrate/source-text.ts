import type { Files } from '../files.ts'
import { readText } from '../yaml/text.ts'

/** The text with its byte order mark and line ends, so that nothing else changes. Undefined if it cannot be read. */
export async function sourceText(file: string, files: Files): Promise<string | undefined> {
  const read = await readText(file, files)
  if (read === undefined || 'diagnostic' in read) return undefined
  const bytes = await files.read(file, read.text.length * 4 + 16)
  const marked = 'bytes' in bytes && bytes.bytes[0] === 0xef && bytes.bytes[1] === 0xbb && bytes.bytes[2] === 0xbf
  return marked ? `\uFEFF${read.text}` : read.text
}
