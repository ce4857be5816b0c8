import { type Diagnostic, error, type SourceLocation } from '../../core/diagnostics.ts'
import type { Files } from '../files.ts'

/** The largest build or config file of 346 public ones has 34 kB. */
export const largestFile = 128 * 1024

export type ReadText = { readonly text: string } | { readonly diagnostic: Diagnostic } | undefined

/** The text of a file without a byte order mark; undefined if there is no such file. */
export async function readText(file: string, files: Files, limit = largestFile): Promise<ReadText> {
  const where: SourceLocation = { file, line: 1, column: 1 }
  const found = await files.read(file, limit)
  if ('missing' in found) return undefined
  if ('outside' in found) {
    return {
      diagnostic: error(
        'file/outside',
        'The file is a link that leads out of the workspace.',
        'Put the file itself there.',
        where,
      ),
    }
  }
  if ('unreadable' in found) {
    return {
      diagnostic: error(
        'file/unreadable',
        `The file cannot be read (${found.unreadable}).`,
        'Give the current user permission to read it.',
        where,
      ),
    }
  }
  if ('tooLarge' in found) {
    return {
      diagnostic: error(
        'file/too-large',
        `The file is larger than ${limit / 1024} kB.`,
        'Remove content that does not belong there.',
        where,
      ),
    }
  }
  return decode(found.bytes, where)
}

function decode(bytes: Uint8Array, where: SourceLocation): ReadText {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const text = utf16 ? undefined : asText(bytes)
  if (text !== undefined) return { text }
  const line = utf16 ? 1 : firstBadLine(bytes)
  const problem = utf16 ? 'The file is encoded as UTF-16.' : 'The file is not UTF-8 text.'
  return { diagnostic: error('file/not-utf8', problem, 'Save it as UTF-8.', { ...where, line }) }
}

/** Without a byte order mark; undefined if it is not text. */
function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** In UTF-8, no other character contains the byte of a line end, so each line can be checked separately. */
function firstBadLine(bytes: Uint8Array): number {
  let line = 1
  for (let start = 0; start < bytes.length; line += 1) {
    const found = bytes.indexOf(0x0a, start)
    const end = found < 0 ? bytes.length : found
    if (asText(bytes.subarray(start, end)) === undefined) return line
    start = end + 1
  }
  return 1
}
