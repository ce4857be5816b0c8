import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { Failure } from '../../../src/core/diagnostics.ts'
import { defaultLimits } from '../../../src/image/limits.ts'
import { type TarEntry, TarReader } from '../../../src/image/tar/tar.ts'
import { readTar as read } from '../samples/read-tar.ts'
import { header, type Member, padded, pax, tar, withChecksum } from '../samples/tar.ts'

const codeOf = (bytes: Buffer): string | undefined => {
  try {
    read(bytes)
    return undefined
  } catch (thrown) {
    return (thrown as Failure).diagnostics[0]?.code
  }
}

const long = `${'deep/'.repeat(30)}name`
const longName = (type: string, name: string): Member => ({ path: '././@LongLink', type, content: `${name}\0` })

describe('TarReader', () => {
  test.each<[string, readonly Member[], Partial<TarEntry>]>([
    ['a plain file', [{ path: 'a', content: 'xyz' }], { path: 'a', kind: 'file', size: 3 }],
    ['a leading ./', [{ path: './a/b' }], { path: 'a/b' }],
    ['a leading /', [{ path: '/etc/x' }], { path: 'etc/x' }],
    ['a folder', [{ path: 'a/b/' }], { path: 'a/b', kind: 'directory' }],
    ['a folder of an old writer', [{ path: 'a/', type: '\0' }], { path: 'a', kind: 'directory' }],
    ['a name in two fields', [{ path: 'name', prefix: 'some/where' }], { path: 'some/where/name' }],
    ['a PAX name', [pax({ path: long }), { path: 'x' }], { path: long }],
    ['a GNU long name', [longName('L', long), { path: 'x' }], { path: long }],
    ['a GNU long link', [longName('K', long), { path: 'x', type: '1', link: 'y' }], { kind: 'hardlink', target: long }],
    ['a hardlink', [{ path: 'b', type: '1', link: './a' }], { kind: 'hardlink', target: 'a', size: 0 }],
    ['a symbolic link', [{ path: 'b', type: '2', link: '../../up' }], { kind: 'other', size: 0 }],
    ['a name in UTF-8', [{ path: 'größe' }], { path: 'größe' }],
    ['a PAX size', [pax({ size: '3' }), { path: 'x', size: 0, content: 'abc' }], { path: 'x', size: 3 }],
    ['a global header', [{ ...pax({ path: 'never' }), type: 'g' }, { path: 'x' }], { path: 'x' }],
    ['a GNU sparse name', [pax({ 'GNU.sparse.name': 'real' }), { path: 'GNUSparseFile.1/real' }], { path: 'real' }],
  ])('reads %s', (_, members, expected) => {
    expect(read(tar(members)).at(-1)).toMatchObject(expected)
  })

  test('shows bytes that are no UTF-8 so that two names never become one', () => {
    const names = [Buffer.from([0x61, 0xff]), Buffer.from([0x61, 0xfe])].map((bytes) => {
      const block = header({ path: 'x' })
      block.fill(0, 0, 100)
      bytes.copy(block)
      return withChecksum(block)
    })
    expect(read(Buffer.concat(names)).map(({ path }) => path)).toEqual(['a\\xff', 'a\\xfe'])
  })

  test('applies a long name to the next file only', () => {
    expect(read(tar([pax({ path: 'long' }), { path: 'x' }, { path: 'y' }])).map(({ path }) => path)).toEqual([
      'long',
      'y',
    ])
  })

  test.each(['1', '2', '3', '5', '6'])('reads no content after a member of type %s, even if it has a size', (type) => {
    const archive = tar([
      { path: 'odd', type, link: 'x', size: 700 },
      { path: 'next', content: 'abc' },
    ])
    expect(read(archive).map(({ path, size }) => [path, size])).toEqual([
      ['odd', 0],
      ['next', 3],
    ])
  })

  test('stops at two empty blocks, even if more follows', () => {
    expect(read(Buffer.concat([tar([{ path: 'a' }]), Buffer.alloc(3000, 'x')]))).toHaveLength(1)
  })

  test('accepts an archive without its empty blocks', () => {
    expect(read(header({ path: 'a' }))).toHaveLength(1)
  })

  const broken = header({ path: 'a' })
  broken[0] = 0x62
  test.each<[string, Buffer, string]>([
    ['a wrong checksum', broken, 'image/broken-layer'],
    ...[0, 255, 511].map((at): [string, Buffer, string] => [
      `an empty block whose byte ${at} is not zero`,
      Buffer.concat([Buffer.alloc(512).fill(1, at, at + 1), Buffer.alloc(512)]),
      'image/broken-layer',
    ]),
    ['text', Buffer.from('<html>'.repeat(200)), 'image/broken-layer'],
    ['a file that ends early', tar([{ path: 'a', content: 'x'.repeat(2000) }]).subarray(0, 1500), 'image/truncated'],
    ['a header that ends early', header({ path: 'a' }).subarray(0, 100), 'image/truncated'],
    [
      'a long name without a file',
      Buffer.concat([header(pax({ path: 'x' })), padded(Buffer.from('8 path=x'))]),
      'image/broken-layer',
    ],
    ['a path that leaves the image', tar([{ path: 'a/../../etc/passwd' }]), 'image/unsafe-path'],
    ['a hardlink that leaves the image', tar([{ path: 'a', type: '1', link: '../x' }]), 'image/unsafe-path'],
    ['a PAX path that leaves the image', tar([pax({ path: '../x' }), { path: 'x' }]), 'image/unsafe-path'],
    ['a zero byte in a path', tar([pax({ path: 'a\0b' }), { path: 'x' }]), 'image/unsafe-path'],
    ['a path that is too long', tar([{ path: 'x'.repeat(5000) }]), 'image/limit'],
    ['a path that is too deep', tar([{ path: 'a/'.repeat(300) }]), 'image/limit'],
    ['a file of 8 exabytes', header({ path: 'a', size: 2 ** 53 - 1 }), 'image/limit'],
    ['a size beyond counting', tar([pax({ size: '99999999999999999999' }), { path: 'a' }]), 'image/broken-layer'],
    ['a negative size', tar([pax({ size: '-5' }), { path: 'a' }]), 'image/broken-layer'],
    ['a long name of 1 GiB', header({ path: 'x', type: 'L', size: 2 ** 30 }), 'image/limit'],
    [
      'a malformed PAX record',
      tar([{ path: 'x', type: 'x', content: '999 path=a\n' }, { path: 'a' }]),
      'image/broken-layer',
    ],
    [
      'a PAX record of length 0',
      tar([{ path: 'x', type: 'x', content: '0 path=a\n' }, { path: 'a' }]),
      'image/broken-layer',
    ],
    ['a header after one empty block', Buffer.concat([Buffer.alloc(512), header({ path: 'a' })]), 'image/broken-layer'],
  ])('refuses %s', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code)
  })

  test('refuses more entries than the limit, without having kept them', () => {
    const one = header({ path: 'a' })
    const reader = new TarReader({ entry() {}, data() {}, end() {} }, { ...defaultLimits, entries: 1000 })
    expect(() => {
      for (let index = 0; index < 1001; index++) reader.write(one)
    }).toThrow('more than 1000 entries')
  })

  test.each<[string, () => Buffer, string]>([
    [
      'PAX headers that never come to a file',
      () => tar([{ path: 'x', type: 'x', content: '12 path=abc\n' }]).subarray(0, 1024),
      'more than 1000 entries',
    ],
    [
      'large PAX headers that never come to a file',
      () => tar([{ path: 'x', type: 'x', content: `100012 comment=${'c'.repeat(99_996)}\n` }]).subarray(0, 100_864),
      'bytes of headers',
    ],
    ['a map of a sparse file that never ends', () => Buffer.alloc(512, 1), 'more than 1000 entries'],
  ])('ends with an error at %s', (name, piece, said) => {
    const limits = { ...defaultLimits, entries: 1000, extendedBytes: 10e6 }
    const reader = new TarReader({ entry() {}, data() {}, end() {} }, limits)
    if (name.includes('sparse')) {
      const sparse = header({ path: 'a', type: 'S' })
      sparse[482] = 1
      reader.write(withChecksum(sparse))
    }
    const bytes = piece()
    expect(() => {
      for (let index = 0; index < 5000; index++) reader.write(bytes)
    }).toThrow(said)
  })

  test('returns the same for any chunks of the archive', () => {
    const members = fc.array(
      fc.record({
        path: fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,60}){0,4}$/),
        content: fc.string({ maxLength: 1500 }),
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 1200 }), (list, step) => {
        expect(read(tar(list), step)).toEqual(read(tar(list)))
      }),
    )
  })

  test('throws nothing but Failures for any bytes', () => {
    const valid = tar([pax({ path: long }), { path: 'x', content: 'abc' }, { path: 'y', type: '1', link: 'x' }])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: valid.length - 1 }), fc.uint8Array({ maxLength: 40 }), (at, noise) => {
        const bytes = Buffer.from(valid)
        bytes.set(noise.subarray(0, valid.length - at), at)
        try {
          read(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('agrees with tar-stream', async () => {
    const writer = pack()
    writer.entry({ name: `${long}-é`, size: 3 }, 'abc')
    writer.entry({ name: 'link', type: 'link', linkname: long })
    writer.entry({ name: 'folder', type: 'directory' })
    writer.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of writer) chunks.push(chunk as Buffer)
    expect(read(Buffer.concat(chunks)).map(({ path, kind, content }) => [path, kind, content])).toEqual([
      [`${long}-é`, 'file', 'abc'],
      ['link', 'hardlink', ''],
      ['folder', 'directory', ''],
    ])
  })
})

describe('TarReader and GNU tar', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-tar-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const deep = `${'d/'.repeat(20)}${'n'.repeat(40)}`
  mkdirSync(join(folder, 'in', 'd/'.repeat(20)), { recursive: true })
  writeFileSync(join(folder, 'in', 'small'), 'hello')
  writeFileSync(join(folder, 'in', deep), 'x'.repeat(70_000))
  writeFileSync(join(folder, 'in', 'größe & "name"'), 'u')
  execFileSync('ln', ['small', 'hard'], { cwd: join(folder, 'in') })
  execFileSync('ln', ['-s', 'small', 'soft'], { cwd: join(folder, 'in') })
  execFileSync('truncate', ['-s', '3M', 'sparse'], { cwd: join(folder, 'in') })
  execFileSync(
    'sh',
    ['-c', 'printf x >>in/sparse; dd if=/dev/urandom of=in/sparse conv=notrunc bs=1k count=1 seek=900 2>/dev/null'],
    { cwd: folder },
  )

  test.each(['gnu', 'pax', 'posix', 'ustar', 'oldgnu'])('agree on an archive in format %s', (format) => {
    const bytes = execFileSync('tar', ['-C', join(folder, 'in'), `--format=${format}`, '-c', '.'], {
      maxBuffer: 2 ** 26,
    })
    const listed = execFileSync('tar', ['-tv', '--quoting-style=literal'], { input: bytes, encoding: 'utf8' })
    const sum = listed
      .split('\n')
      .reduce((total, line) => total + (line.startsWith('-') ? Number(line.split(/\s+/)[2]) : 0), 0)
    const found = read(bytes, 10_000)
    expect(found.reduce((total, { size }) => total + size, 0)).toBe(sum)
    expect(found.map(({ path }) => path)).toEqual(expect.arrayContaining(['', deep, 'größe & "name"', 'soft']))
    expect(found).toHaveLength(listed.trim().split('\n').length)
  })

  test.each([
    ['gnu', '0.0'],
    ['pax', '0.0'],
    ['pax', '0.1'],
    ['pax', '1.0'],
  ])('agree on names and order where files are sparse (%s %s)', (format, version) => {
    const args = ['-C', join(folder, 'in'), `--format=${format}`, '--sparse', `--sparse-version=${version}`, '-c', '.']
    const bytes = execFileSync('tar', args, { maxBuffer: 2 ** 26 })
    const listed = execFileSync('tar', ['-t', '--quoting-style=literal'], { input: bytes, encoding: 'utf8' })
    const names = listed
      .trim()
      .split('\n')
      .map((name) => name.replace(/^\.\/|\/$/g, ''))
    expect(read(bytes, 700).map(({ path }) => path)).toEqual(names)
  })
})
