/** A regular file in an archive. Folders that are missing are made where it is unpacked. */
export interface TarFile {
  /** Relative, with `/` between parts. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Octal permissions. */
  readonly mode: number
}

const block = 512
const maxNameBytes = 100

/**
 * A tar archive (ustar, owner root; pax for long paths) for `docker cp - CONTAINER:PATH` on standard input.
 * Files go this way and not through a bind mount because the daemon may be on another machine, or see other folders.
 */
export const tar = (files: readonly TarFile[]): Buffer =>
  Buffer.concat([...files.flatMap(({ path, content, mode }) => entry(path, content, mode)), Buffer.alloc(2 * block)])

function entry(path: string, content: string | Uint8Array, mode: number): readonly Uint8Array[] {
  const name = Buffer.from(path)
  const bytes = Buffer.from(content)
  const ending = Buffer.alloc((block - (bytes.length % block)) % block)
  const file = [header(name.subarray(0, maxNameBytes), bytes.length, mode, '0'), bytes, ending]
  if (name.length <= maxNameBytes) return file
  const record = Buffer.from(paxRecord('path', path))
  const padding = Buffer.alloc((block - (record.length % block)) % block)
  return [header(Buffer.from('pax'), record.length, 0o644, 'x'), record, padding, ...file]
}

function header(name: Uint8Array, size: number, mode: number, type: '0' | 'x'): Buffer {
  const bytes = Buffer.alloc(block)
  bytes.set(name)
  const fields = [octal(mode, 8), octal(0, 8), octal(0, 8), octal(size, 12), octal(0, 12), ' '.repeat(8), type]
  bytes.write(fields.join(''), 100, 'latin1')
  bytes.write(['ustar\x0000', 'root'.padEnd(32, '\0'), 'root'.padEnd(32, '\0')].join(''), 257, 'latin1')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`

/** `LENGTH NAME=VALUE`, where the length counts its own digits. Source: POSIX pax, extended header. */
function paxRecord(name: string, value: string): string {
  const rest = ` ${name}=${value}\n`
  const length = Buffer.byteLength(rest)
  const digits = String(length + String(length).length).length
  return `${length + digits}${rest}`
}
