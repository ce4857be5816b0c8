interface TarFile {
  readonly path: string
  readonly content: string
  /** Octal permissions. */
  readonly mode: number
}

const block = 512

/**
 * A tar archive (ustar, owner root) as text, for `docker cp - CONTAINER:PATH` on standard input.
 * Files go this way and not through a bind mount because the daemon may be on another machine, or see other folders.
 */
export const tar = (files: readonly TarFile[]): string => `${files.map(entry).join('')}${'\0'.repeat(block * 2)}`

function entry({ path, content, mode }: TarFile): string {
  const size = Buffer.byteLength(content)
  const header = (checksum: string): string =>
    [
      path.padEnd(100, '\0'),
      octal(mode, 8),
      octal(0, 8),
      octal(0, 8),
      octal(size, 12),
      octal(0, 12),
      checksum,
      '0',
      '\0'.repeat(100),
      'ustar\x0000',
      'root'.padEnd(32, '\0'),
      'root'.padEnd(32, '\0'),
    ]
      .join('')
      .padEnd(block, '\0')
  const sum = [...Buffer.from(header(' '.repeat(8)))].reduce((total, byte) => total + byte, 0)
  return header(`${sum.toString(8).padStart(6, '0')}\0 `) + content + '\0'.repeat((block - (size % block)) % block)
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`
