import fc from 'fast-check'
import { programOf } from '../../src/image/elf.ts'
import { inspectImage } from '../../src/image/image.ts'
import { leftoverOf } from '../../src/image/leftovers.ts'
import { defaultLimits, type Limits } from '../../src/image/limits.ts'
import { makeImage } from './samples/image.ts'
import { header, type Member, pax, tar, withChecksum } from './samples/tar.ts'

/** Limits that a handful of members is beyond. */
const tight: Limits = {
  ...defaultLimits,
  ...{
    entries: 12,
    nodes: 20,
    pathText: 800,
    notes: 3,
    packages: 3,
    listedFiles: 6,
    databases: 500,
    treeNodes: 4,
    small: 4,
  },
}

/** What came of an image: its measure adds up, or one of the codes says why there is none. Anything else is thrown. */
async function outcomeOf(layers: readonly (readonly Member[] | Buffer)[], limits: Limits): Promise<string> {
  const { source } = makeImage({ layers, compression: 'gzip' })
  try {
    const { measure, notes } = await inspectImage(source, 'linux/amd64', { treeFrom: 0, limits })
    const { contents } = measure
    const payload = 'bytes' in measure.onDisk ? measure.onDisk.bytes : -1
    expect((contents?.merged ?? 0) + (contents?.hidden ?? 0)).toBeLessThanOrEqual(payload)
    expect(contents?.packages.length).toBeLessThanOrEqual(limits.packages)
    expect(notes.files.length).toBeLessThanOrEqual(limits.notes)
    return 'measured'
  } catch (thrown) {
    const [first] = (thrown as { diagnostics?: readonly { code: string; message: string }[] }).diagnostics ?? []
    if (!first) throw thrown
    // That is what becomes of an error that no reader meant to throw.
    if (first.code === 'image/unreadable') throw new Error(first.message, { cause: thrown })
    return first.code
  }
}

const names = [
  'a',
  'b',
  '.',
  '..',
  '',
  '.wh.a',
  '.wh.',
  '.wh..wh..opq',
  '.wh..wh.x',
  'node_modules',
  'app',
  'tests',
  '__proto__',
  'constructor',
  'é',
  '\u2028',
  'x'.repeat(200),
]
const paths = [
  'lib/apk/db/installed',
  'var/lib/dpkg/status',
  'var/lib/dpkg/info/a.list',
  'var/lib/dpkg/status.d/a.md5sums',
  'usr/lib/python3/a.dist-info/METADATA',
  'usr/lib/python3/a.dist-info/RECORD',
  'node_modules/a/package.json',
  'etc/shadow',
  'etc/services.d/a/run',
  'app/.env',
  'bin/sh',
]
const path = fc.oneof(
  fc.constantFrom(...paths),
  fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/')),
  fc.integer({ min: 1, max: 300 }).map((depth) => `${'d/'.repeat(depth)}f`),
  fc.string({ maxLength: 30 }),
)
const elf = fc
  .tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2), fc.uint8Array({ minLength: 46, maxLength: 200 }))
  .map(([wide, order, rest]) => Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide, order, ...rest]))
const content = fc.oneof(
  fc.constantFrom(
    'P:a\nV:1\nI:-1\nF:bin\nR:x\n\nP:.b\nD:c d\n',
    'Package: a\nStatus: install ok installed\nInstalled-Size: 9e99\nVersion: 1\n\nPackage:\n',
    `Name: ${'n'.repeat(5000)}\nVersion: 1\n\n`,
    `"${'"'.repeat(9000)}\n,,,\n../../../../etc/passwd,x,1\n`,
    '{"name":"a","version":{}}',
    '['.repeat(3000),
    'root::1:2:3\n::::\n',
    `#!${'/a'.repeat(2000)} ${'b '.repeat(100)}\r\n`,
    '#!/usr/bin/env -S x=y\n',
    '\n'.repeat(600),
  ),
  fc.string({ maxLength: 600 }),
  elf,
)
const plain: fc.Arbitrary<Member> = fc.record(
  {
    path,
    content,
    link: path,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    type: fc.constantFrom('0', '0', '0', '1', '2', '3', '4', '5', '6', '7', 'g', 'S', 'Z', '\0'),
  },
  { requiredKeys: ['path'] },
)
const extended: fc.Arbitrary<Member> = fc
  .dictionary(
    fc.constantFrom('path', 'linkpath', 'size', 'GNU.sparse.name', 'GNU.sparse.major', 'mtime'),
    fc.oneof(path, fc.constantFrom('-1', '0', '1e3', '99999999999999999999', '9007199254740991', '0x10')),
  )
  .map(pax)
const long: fc.Arbitrary<Member> = fc.record({
  path,
  type: fc.constantFrom('L', 'K', 'x', 'X', 'N'),
  content: fc.string({ maxLength: 5000 }),
})
const sized: fc.Arbitrary<Member> = fc.record({
  path,
  size: fc.constantFrom(1, 511, 513, 8 ** 11, 64e9, Number.MAX_SAFE_INTEGER),
  type: fc.constantFrom('0', '1', '5', 'S', 'x'),
})
const members = fc.array(fc.oneof({ weight: 6, arbitrary: plain }, extended, long, sized), { maxLength: 20 })

/** Something else than a tar. */
const spoilt = fc.oneof(
  fc.tuple(members, fc.nat({ max: 4000 })).map(([list, length]) => tar(list).subarray(0, length)),
  fc.tuple(members, fc.nat({ max: 3000 }), fc.nat({ max: 255 })).map(([list, at, byte]) => {
    const bytes = tar(list)
    bytes[at % bytes.length] = byte
    return bytes
  }),
  // A size in base 256 with every sign and length.
  fc.tuple(path, fc.uint8Array({ minLength: 12, maxLength: 12 })).map(([name, size]) => {
    const block = header({ path: name })
    block.set(size, 124)
    return Buffer.concat([withChecksum(block), Buffer.alloc(1024)])
  }),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
)
const layer = fc.oneof({ weight: 3, arbitrary: members }, spoilt)

test.each([
  ['the limits of real images', defaultLimits],
  ['limits that are reached at once', tight],
])('250 hostile images under %s: each is measured or refused with a code', async (_, limits) => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 3 }), async (layers) => {
      const outcome = await outcomeOf(layers, limits)
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    }),
    { seed: 11, numRuns: 250 },
  )
  // A generator whose images are all refused for one reason would show nothing.
  expect(seen.size).toBeGreaterThanOrEqual(4)
  expect(seen.get('measured')).toBeGreaterThan(10)
})

test.each<readonly [string, readonly (readonly Member[] | Buffer)[], string]>([
  ['a path of 257 parts', [[{ path: `${'d/'.repeat(256)}f` }]], 'image/limit'],
  ['a path of 5000 characters', [[{ path: 'p'.repeat(5000) }]], 'image/limit'],
  ['a link target of 5000 characters', [[{ path: 'l', type: '2', link: 't'.repeat(5000) }]], 'image/limit'],
  ['a path out of the image', [[{ path: 'a/../../etc/shadow' }]], 'image/unsafe-path'],
  ['a hard link out of the image', [[{ path: 'a', type: '1', link: '../b' }]], 'image/unsafe-path'],
  ['a header of 2 MB', [[{ path: 'x', type: 'x', content: Buffer.alloc(2_000_000) }]], 'image/limit'],
  ['a negative size in a PAX record', [[pax({ size: '-5' }), { path: 'a' }]], 'image/broken-layer'],
  ['a file of a petabyte', [[{ path: 'a', size: 1e15 }]], 'image/limit'],
  [
    'hard links in a ring',
    [
      [
        { path: 'a', type: '1', link: 'b' },
        { path: 'b', type: '1', link: 'a' },
      ],
    ],
    'measured',
  ],
  ['a hard link to itself', [[{ path: 'a', type: '1', link: 'a' }]], 'measured'],
  [
    'a link below a file',
    [
      [
        { path: 'a', content: 'x' },
        { path: 'a/b', type: '1', link: 'a' },
      ],
    ],
    'measured',
  ],
  ['a whiteout of the root', [[{ path: '.wh..wh..opq' }, { path: '.wh.' }, { path: '.wh..' }]], 'measured'],
  ['a folder that is a whiteout', [[{ path: '.wh.a/' }, { path: '.wh.a/b', content: 'x' }]], 'measured'],
  ['a whiteout with content', [[{ path: 'a', content: 'x' }], [{ path: '.wh.a', content: 'yyyy' }]], 'measured'],
])('%s', async (_, layers, expected) => {
  expect(await outcomeOf(layers, defaultLimits)).toBe(expected)
})

test.each<readonly [string, Partial<Limits>, readonly Member[], RegExp]>([
  ['entries', { entries: 2 }, [{ path: 'a' }, { path: 'b' }, { path: 'c' }], /more than 2 entries/],
  ['files and folders', { nodes: 3 }, [{ path: 'a/b/c/d' }], /more than 3 files and folders.*was not measured/],
  ['characters of paths', { pathText: 5 }, [{ path: 'abc' }, { path: 'def' }], /more than 5 characters of paths/],
  ['packages', { packages: 1 }, [{ path: 'lib/apk/db/installed', content: 'P:a\n\nP:b\n' }], /more than 1 packages/],
  [
    'listed files',
    { listedFiles: 1 },
    [{ path: 'var/lib/dpkg/info/a.list', content: '/a\n/b\n' }],
    /more than 1 files in lists/,
  ],
  [
    'databases',
    { databases: 5 },
    [{ path: 'lib/apk/db/installed', content: 'P:abc\n' }],
    /more than 5 bytes of package/,
  ],
])('the limit of %s is named', async (_, limits, list, said) => {
  const { source } = makeImage({ layers: [list] })
  const reading = inspectImage(source, 'linux/amd64', { limits: { ...defaultLimits, ...limits } })
  await expect(reading).rejects.toMatchObject({
    diagnostics: [{ code: 'image/limit', message: expect.stringMatching(said) }],
  })
})

test('a tree that is too large to be drawn is left out, and the lists stay', async () => {
  const { source } = makeImage({
    layers: [
      [
        { path: 'a', content: 'x' },
        { path: 'b', content: 'y' },
      ],
    ],
  })
  const { measure } = await inspectImage(source, 'linux/amd64', {
    treeFrom: 0,
    limits: { ...defaultLimits, treeNodes: 2 },
  })
  expect(measure.contents).toMatchObject({ merged: 2, files: 2, largestFiles: [{ path: 'a' }, { path: 'b' }] })
  expect(measure.contents?.tree).toBeUndefined()
})

test.each([
  ['the header of 64 bits is cut off', 2, 53, {}],
  ['entries of no bytes at the very end', 1, 4096, { table: 4095, entry: 0 }],
  ['entries that are too short', 2, 4096, { table: 4090, entry: 4 }],
])(
  'a program whose head lies is none that is looked into: %s',
  (_, bits, length, { table = 0, entry = 0 }: { table?: number; entry?: number }) => {
    const head = Buffer.alloc(length)
    head.set([0x7f, 0x45, 0x4c, 0x46, bits, 1])
    if (length > 64) {
      head.writeUInt32LE(table, bits === 2 ? 32 : 28)
      head.writeUInt16LE(entry, bits === 2 ? 54 : 42)
      head.writeUInt16LE(3, bits === 2 ? 56 : 44)
    }
    expect(programOf(head)).not.toHaveProperty('interpreter')
  },
)

test('tests are leftovers only in folders of programs, however these are nested', () => {
  expect(leftoverOf('app/tests/a')).toEqual({ kind: 'tests', root: 'app/tests' })
  expect(leftoverOf('usr/lib/python3/site-packages/a/b/test/c')).toMatchObject({
    kind: 'tests',
    root: expect.stringMatching(/b\/test$/),
  })
  expect(leftoverOf('tests/app/a')).toBeUndefined()
  expect(leftoverOf('app/tests')).toBeUndefined()
})
