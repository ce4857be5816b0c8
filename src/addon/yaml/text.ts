import { type Diagnostic, error, type SourceLocation } from '../../core/diagnostics.ts'
import type { Files, FileText } from '../files.ts'

/** Bytes. The largest of 346 public build and config files has 34 kB. */
export const largestFile = 128 * 1024

export type ReadText = { readonly text: string } | { readonly diagnostic: Diagnostic } | undefined

/** The text of a file without a byte order mark; undefined if there is no such file. */
export async function readText(file: string, files: Files, limit = largestFile): Promise<ReadText> {
  const where: SourceLocation = { file, line: 1, column: 1 }
  const found = await files.read(file, limit)
  if ('missing' in found) return undefined
  return 'bytes' in found ? decode(found.bytes, where) : { diagnostic: unread(found, limit, where) }
}

function unread(found: FileText, limit: number, where: SourceLocation): Diagnostic {
  if ('tooLarge' in found) {
    const problem = `The file is larger than ${limit / 1024} kB.`
    return error('file/too-large', problem, 'Remove content that does not belong there.', where)
  }
  if ('unreadable' in found) {
    const problem = `The file cannot be read (${found.unreadable}).`
    return error('file/unreadable', problem, 'Give the current user permission to read it.', where)
  }
  const problem = 'The file is a link that leads out of the workspace.'
  return error('file/outside', problem, 'Put the file itself there.', where)
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
  const lines = Buffer.from(bytes).toString('latin1').split('\n')
  return lines.findIndex((line) => asText(Buffer.from(line, 'latin1')) === undefined) + 1
}
