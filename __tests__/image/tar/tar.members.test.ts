import type { Failure } from '../../../src/core/diagnostics.ts'
import { defaultLimits, type Limits } from '../../../src/image/limits.ts'
import { safePath, TarReader } from '../../../src/image/tar/tar.ts'
import { type Found, readTar } from '../samples/read-tar.ts'
import { header, type Member, padded, pax, tar, withChecksum } from '../samples/tar.ts'

const longName = (type: string, name: string): Member => ({ path: '././@LongLink', type, content: `${name}\0` })

describe('the members of an archive', () => {
  const members = (...list: readonly (Member | Buffer)[]): readonly Found[] =>
    readTar(
      Buffer.concat([
        ...list.map((one) => (Buffer.isBuffer(one) ? one : tar([one]).subarray(0, -1024))),
        Buffer.alloc(1024),
      ]),
    )

  test.each([
    ['0', 'file'],
    ['\0', 'file'],
    ['7', 'file'],
    ['S', 'file'],
    ['1', 'hardlink'],
    ['2', 'other'],
    ['3', 'other'],
    ['4', 'other'],
    ['5', 'directory'],
    ['6', 'other'],
    ['D', 'other'],
  ])('of type "%s" are: %s', (type, kind) => {
    expect(members({ path: 'a', type, link: 'x' })).toMatchObject([{ path: 'a', kind, size: 0, content: '' }])
  })

  test('of unknown types have content, which is skipped', () => {
    expect(members({ path: 'a', type: 'D', content: 'x'.repeat(600) }, { path: 'b', content: 'y' })).toEqual([
      { path: 'a', kind: 'other', size: 0, mode: 0o644, content: '' },
      { path: 'b', kind: 'file', size: 1, mode: 0o644, content: 'y' },
    ])
  })

  test.each(['X', 'N', 'V', 'g'])('are not extended headers of type %s', (type) => {
    const extra: Member = { path: 'x', type, content: '8 path=y' }
    expect(members(extra, { path: 'a', content: 'b' })).toMatchObject([{ path: 'a', content: 'b' }])
  })

  test('have what extended headers say of the next one', () => {
    const link = { path: 'x', type: '1', link: 'y' }
    expect(members(pax({ linkpath: 'far' }), link, link)).toMatchObject([{ target: 'far' }, { target: 'y' }])
    expect(members(longName('K', 'far'), link, link)).toMatchObject([{ target: 'far' }, { target: 'y' }])
    expect(members(longName('L', 'long'), { path: 'x' }, { path: 'y' })).toMatchObject([
      { path: 'long' },
      { path: 'y' },
    ])
    expect(members(pax({ size: '1' }), { path: 'x', size: 9, content: 'a' }, { path: 'y' })).toMatchObject([
      { size: 1 },
      { size: 0 },
    ])
  })

  test('have the long name of GNU where both forms are there, and the name of a sparse file first in PAX', () => {
    expect(members(longName('L', 'gnu'), pax({ path: 'pax' }), { path: 'x' })).toMatchObject([{ path: 'gnu' }])
    expect(members(longName('K', 'gnu'), pax({ linkpath: 'pax' }), { path: 'x', type: '1' })).toMatchObject([
      { target: 'gnu' },
    ])
    expect(members(pax({ path: 'pax', 'GNU.sparse.name': 'real' }), { path: 'x' })).toMatchObject([{ path: 'real' }])
  })

  test('have a long name up to its zero byte, or all of it', () => {
    const name = (content: string): Member => ({ path: 'l', type: 'L', content })
    expect(members(name('abc\0def'), { path: 'x' })).toMatchObject([{ path: 'abc' }])
    expect(members(name('abcdef'), { path: 'x' })).toMatchObject([{ path: 'abcdef' }])
  })

  test('of other kinds than links lead nowhere', () => {
    const [file, hard, soft] = members(
      { path: 'a', link: 'x' },
      { path: 'b', type: '1', link: './x/' },
      { path: 'c', type: '2', link: '../x/' },
    )
    expect([file?.target, file?.pointsTo]).toEqual([undefined, undefined])
    expect([hard?.target, hard?.pointsTo]).toEqual(['x', undefined])
    expect([soft?.target, soft?.pointsTo]).toEqual([undefined, '../x/'])
  })

  test('that are sparse may have more headers', () => {
    const sparse = header({ path: 'a', type: 'S', content: 'abc' })
    sparse[482] = 1
    const more = Buffer.alloc(512)
    more[504] = 1
    const archive = [withChecksum(sparse), more, Buffer.alloc(512), padded(Buffer.from('abc'))]
    expect(members(...archive, { path: 'b' })).toMatchObject([{ path: 'a', content: 'abc' }, { path: 'b' }])
  })
})

test('skipContent passes over the rest of a member, for readers that can seek', () => {
  const calls: string[] = []
  const reader = new TarReader(
    {
      entry: ({ path }) => calls.push(path),
      data: (chunk) => calls.push(`${chunk.length}`),
      end: () => calls.push('end'),
    },
    defaultLimits,
  )
  expect(reader.skipContent()).toBe(0)
  reader.write(header({ path: 'a', size: 700 }))
  expect(reader.skipContent()).toBe(1024)
  expect(reader.skipContent()).toBe(0)
  reader.write(header({ path: 'b', size: 700 }))
  reader.write(Buffer.alloc(100))
  expect(reader.skipContent()).toBe(924)
  reader.write(header({ path: 'c', size: 3 }))
  reader.write(Buffer.alloc(13))
  expect(reader.skipContent()).toBe(499)
  reader.write(header({ path: 'd', size: 512 }))
  expect(reader.skipContent()).toBe(512)
  reader.write(header({ path: 'e' }))
  expect(reader.skipContent()).toBe(0)
  reader.write(header(longName('L', 'x')))
  expect(reader.skipContent()).toBe(0)
  expect(calls).toEqual(['a', 'end', 'b', '100', 'end', 'c', '3', 'end', 'd', 'end', 'e', 'end'])
})

describe('reports the error', () => {
  const problemOf = (bytes: Buffer, limits: Partial<Limits> = {}): string | undefined => {
    const reader = new TarReader({ entry() {}, data() {}, end() {} }, { ...defaultLimits, ...limits })
    try {
      reader.write(bytes)
      reader.end()
      return undefined
    } catch (thrown) {
      const [first] = (thrown as Failure).diagnostics
      return `${first?.code}: ${first?.message}`
    }
  }
  const extended = { path: 'x', type: 'x', content: '6 a=b\n' }
  const cut = (bytes: Buffer, length: number) => bytes.subarray(0, length)

  test.each<[string, Buffer, Partial<Limits>, string | undefined]>([
    [
      'an archive that ends in a header',
      cut(header({ path: 'a' }), 511),
      {},
      'image/truncated: The layer ends in the middle of a file.',
    ],
    [
      'one that ends in a file',
      header({ path: 'a', size: 1 }),
      {},
      'image/truncated: The layer ends in the middle of a file.',
    ],
    [
      'one that ends in the padding of a file',
      cut(tar([{ path: 'a', content: 'b' }]), 1023),
      {},
      'image/truncated: The layer ends in the middle of a file.',
    ],
    ['one that ends behind it', cut(tar([{ path: 'a', content: 'b' }]), 1024), {}, undefined],
    ['one that ends after an empty block', cut(tar([{ path: 'a' }]), 1024), {}, undefined],
    ['nothing', Buffer.alloc(0), {}, undefined],
    ...[extended, longName('L', 'a'), longName('K', 'a')].flatMap(
      (one): [string, Buffer, Partial<Limits>, string][] => [
        [
          `one that ends after a header of type ${one.type}`,
          cut(tar([one]), 1024),
          {},
          'image/truncated: The layer ends in the middle of a file.',
        ],
        [
          `an end after a header of type ${one.type}`,
          tar([one]),
          {},
          'image/broken-layer: A long name of the layer belongs to no file.',
        ],
      ],
    ),
    [
      'a header after an empty block',
      Buffer.concat([Buffer.alloc(512), header({ path: 'a' })]),
      {},
      'image/broken-layer: The layer has data after its end.',
    ],
    ['an extended header of the limit', tar([extended, { path: 'a' }]), { extendedHeader: 6 }, undefined],
    [
      'a longer one',
      tar([extended, { path: 'a' }]),
      { extendedHeader: 5 },
      'image/limit: A header of the layer is 6 bytes long.',
    ],
    ['two extended headers of the limit', tar([extended, extended, { path: 'a' }]), { extendedBytes: 12 }, undefined],
    [
      'longer ones',
      tar([extended, extended, { path: 'a' }]),
      { extendedBytes: 11 },
      'image/limit: The layer has more than 11 bytes of headers.',
    ],
    ['as many headers as the limit', tar([extended, { path: 'a' }]), { entries: 2 }, undefined],
    [
      'more headers',
      tar([extended, { path: 'a' }, { path: 'b' }]),
      { entries: 2 },
      'image/limit: The layer has more than 2 entries.',
    ],
    ['a file of the limit', tar([{ path: 'a', content: 'bc' }]), { layerBytes: 2 }, undefined],
    [
      'a longer file',
      tar([{ path: 'a', content: 'bcd' }]),
      { layerBytes: 2 },
      'image/limit: The layer states a size of 3 bytes for "a".',
    ],
    ['a link of the limit', tar([{ path: 'a', type: '2', link: 'bc' }]), { pathLength: 2 }, undefined],
    [
      'a longer link',
      tar([{ path: 'a', type: '2', link: 'bcd' }]),
      { pathLength: 2 },
      'image/limit: The layer has a link target of 3 characters: "bcd".',
    ],
    ['a path of the limit', tar([{ path: 'ab', link: 'abc' }]), { pathLength: 2 }, undefined],
    [
      'a longer path',
      tar([{ path: 'abc' }]),
      { pathLength: 2 },
      'image/limit: The layer has a path of 3 characters: "abc".',
    ],
    ['a path as deep as the limit', tar([{ path: 'a/b' }]), { pathDepth: 2 }, undefined],
    [
      'a deeper path',
      tar([{ path: 'a/b/c' }]),
      { pathDepth: 2 },
      'image/limit: The layer has a path of 3 parts: "a/b/c".',
    ],
    [
      'a deeper path with dots',
      tar([{ path: './a/b/.c' }]),
      { pathDepth: 2 },
      'image/limit: The layer has a path of 3 parts: "a/b/.c".',
    ],
    [
      'a path that leaves',
      tar([{ path: 'a/..' }]),
      {},
      'image/unsafe-path: The layer has a path that leaves the image: "a/..".',
    ],
    [
      'a zero byte',
      tar([pax({ path: 'a\0' }), { path: 'b' }]),
      {},
      'image/unsafe-path: The layer has a path with a zero byte: "a\\u0000".',
    ],
  ])('in %s', (_, bytes, limits, problem) => {
    expect(problemOf(bytes, limits)).toBe(problem)
  })
})

test.each([
  ['a/b', 'a/b'],
  ['./a//b/', 'a/b'],
  ['a/./b/.', 'a/b'],
  ['/a', 'a'],
  ['', ''],
  ['.', ''],
  ['./', ''],
  ['.hidden/a', '.hidden/a'],
  ['a/.hidden', 'a/.hidden'],
  ['...', '...'],
  ['a/..b', 'a/..b'],
  ['a b/\n', 'a b/\n'],
])('safePath makes of "%s": "%s"', (name, path) => {
  expect(safePath(name, defaultLimits)).toBe(path)
})

test.each(['..', '../a', 'a/..', 'a/../b', '/..', './..'])('safePath refuses "%s"', (name) => {
  expect(() => safePath(name, defaultLimits)).toThrow('leaves the image')
})
