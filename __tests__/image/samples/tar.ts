/** A member of an archive that a test writes, well-formed or not. */
export interface Member {
  readonly path: string
  /** Type flag; default: a file, or a folder where the path ends with `/`. */
  readonly type?: string
  readonly content?: string | Buffer
  readonly link?: string
  readonly mode?: number
  /** Written instead of the length of the content. */
  readonly size?: number
  readonly prefix?: string
}

/** One header block. Written by hand, because well-behaved writers refuse what these tests need. */
export function header({ path, type, content = '', link = '', mode = 0o644, size, prefix = '' }: Member): Buffer {
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(path, 0, 100, 'utf8')
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  const length = size ?? Buffer.byteLength(content)
  if (length < 8 ** 11) octal(length, 124, 12)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(length), 128)
  }
  octal(0, 136, 12)
  block.write(type ?? (path.endsWith('/') ? '5' : '0'), 156, 'latin1')
  block.write(link, 157, 100, 'utf8')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(prefix, 345, 155, 'utf8')
  return withChecksum(block)
}

export function withChecksum(block: Buffer): Buffer {
  block.fill(0x20, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

export const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)])

export const pax = (records: Readonly<Record<string, string>>): Member => {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`)
      let length = rest + String(rest).length
      if (String(length).length > String(rest).length) length = rest + String(length).length
      return `${length} ${key}=${value}\n`
    })
    .join('')
  return { path: 'PaxHeaders/x', type: 'x', content }
}

/** An archive. Paths that do not fit a header get a PAX record. */
export function tar(members: readonly Member[]): Buffer {
  const blocks = members.flatMap((member) => {
    const long = {
      ...(Buffer.byteLength(member.path) > 100 && { path: member.path }),
      ...(Buffer.byteLength(member.link ?? '') > 100 && { linkpath: member.link ?? '' }),
    }
    const extended = Object.keys(long).length ? [pax(long)] : []
    return [...extended, { ...member, ...(extended.length && { path: 'long', link: 'long' }) }].flatMap((one) => [
      header(one),
      padded(Buffer.from(one.content ?? '')),
    ])
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}
