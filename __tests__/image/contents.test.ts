import { mergedTree, summarize } from '../../src/image/contents.ts'
import { defaultLimits } from '../../src/image/limits.ts'
import type { FileTree, ImageContents } from '../../src/image/measure.ts'
import type { Hidden } from '../../src/image/tree.ts'
import { summarizeWaste } from '../../src/image/waste.ts'
import { mergeLayers, readMembers } from './samples/image.ts'
import type { Member } from './samples/tar.ts'

const contentsOf = async (members: readonly Member[], treeFrom?: number): Promise<ImageContents> =>
  mergeLayers([await readMembers(members)], treeFrom === undefined ? {} : { treeFrom })
const file = (path: string, bytes: number, letter = 'x'): Member => ({ path, content: letter.repeat(bytes) })
const many = (count: number, make: (at: number) => Member): readonly Member[] =>
  Array.from({ length: count }, (_, at) => make(at))

describe('lists', () => {
  test('have the 100 largest files, sorted by name if they are equally large', async () => {
    const { largestFiles, files } = await contentsOf(
      many(2500, (at) => file(`f${String(at).padStart(4, '0')}`, 1 + (at % 2))),
    )
    expect(files).toBe(2500)
    expect(largestFiles).toEqual(
      many(100, (at) => ({ path: `f${String(at * 2 + 1).padStart(4, '0')}` })).map(({ path }) => ({ path, bytes: 2 })),
    )
  })

  test('have the 200 largest folders, down to the sixth level, and no empty ones', async () => {
    const { folders } = await contentsOf([
      file('a/b/c/d/e/f/g/h', 1),
      { path: 'empty/' },
      file('zero/x', 0),
      ...many(250, (at) => file(`z${at}/x`, 2)),
    ])
    expect(folders).toHaveLength(200)
    expect(folders.every(({ bytes }) => bytes === 2)).toBe(true)
    const few = await contentsOf([file('a/b/c/d/e/f/g/h', 1), { path: 'empty/' }, file('zero/x', 0)])
    expect(few.folders.map(({ path }) => path)).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/d', 'a/b/c/d/e', 'a/b/c/d/e/f'])
  })

  test('count links and devices as nothing, and empty files as files', async () => {
    const { files, merged, largestFiles } = await contentsOf([
      file('a', 3),
      { path: 'b', type: '1', link: 'a' },
      { path: 'c', type: '2', link: 'a' },
      { path: 'd', type: '3' },
      file('e', 0),
    ])
    expect([files, merged, largestFiles]).toEqual([2, 3, [{ path: 'a', bytes: 3 }]])
  })
})

describe('duplicates', () => {
  const copy = (path: string, bytes: number, letter: string): Member => file(path, bytes, letter)
  test('are files of 16 KiB and more', async () => {
    const { duplicates } = await contentsOf([
      ...['a', 'b'].map((name) => copy(name, 16_384, 'x')),
      ...['c', 'd'].map((name) => copy(name, 16_383, 'x')),
      copy('e', 16_384, 'y'),
    ])
    expect(duplicates).toEqual([{ bytes: 16_384, paths: ['a', 'b'], copies: 2 }])
  })

  test('are sorted by wasted bytes, then by name, with five names each', async () => {
    const { duplicates } = await contentsOf([
      ...['p', 'q'].map((name) => copy(name, 20_000, 'a')),
      ...['n', 'm'].map((name) => copy(name, 20_000, 'b')),
      ...['7', '6', '5', '4', '3', '2', '1'].map((name) => copy(name, 17_000, 'c')),
    ])
    expect(duplicates).toEqual([
      { bytes: 17_000, paths: ['3', '4', '5', '6', '7'], copies: 7 },
      { bytes: 20_000, paths: ['m', 'n'], copies: 2 },
      { bytes: 20_000, paths: ['p', 'q'], copies: 2 },
    ])
  })

  test('are at most 50', async () => {
    const members = many(102, (at) => copy(`f${at}`, 16_384 + Math.floor(at / 2), 'x'))
    const { duplicates } = await contentsOf(members)
    expect(duplicates).toHaveLength(50)
    expect(duplicates?.at(-1)?.bytes).toBe(16_385)
  })
})

describe('the tree', () => {
  const members = [
    file('a/big', 10),
    file('a/small', 9),
    file('b/x', 5),
    file('b/y', 5),
    file('c/z', 4),
    file('top', 12),
  ]
  test('has files and folders from so many bytes on, largest first', async () => {
    expect((await contentsOf(members, 10)).tree).toStrictEqual({
      name: '',
      bytes: 45,
      files: 6,
      children: [
        { name: 'a', bytes: 19, files: 2, children: [{ name: 'big', bytes: 10, layer: 0 }] },
        { name: 'top', bytes: 12, layer: 0 },
        { name: 'b', bytes: 10, files: 2 },
      ],
    })
  })

  test('orders what is as large by name, and has its root even when that is small', async () => {
    const { tree } = await contentsOf([file('b', 2), file('a', 2), file('c', 2)], 0)
    expect(tree?.children?.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect((await contentsOf([file('a', 1)], 100)).tree).toStrictEqual({ name: '', bytes: 1, files: 1 })
  })

  test('is included on request', async () => {
    expect(await contentsOf(members)).not.toHaveProperty('tree')
  })

  test('marks files of packages', async () => {
    const list = { path: 'var/lib/dpkg/info/a.list', content: '/a/big\n' }
    const status = { path: 'var/lib/dpkg/status', content: 'Package: a\nStatus: install ok installed\nVersion: 1\n' }
    const { tree } = await contentsOf([...members, list, status], 0)
    const find = (at: FileTree | undefined, name: string) => at?.children?.find((child) => child.name === name)
    expect(tree?.packaged).toBe(10)
    expect(find(tree, 'a')).toMatchObject({ bytes: 19, packaged: 10 })
    expect(find(find(tree, 'a'), 'big')).toMatchObject({ package: 0 })
    expect(find(tree, 'b')).not.toHaveProperty('packaged')
    expect(find(find(tree, 'a'), 'small')).not.toHaveProperty('package')
  })

  test.each([
    [3, true],
    [2, false],
  ])('with room for %i files and folders is drawn: %s', async (treeNodes, drawn) => {
    const layers = [await readMembers([file('a/b', 1)])]
    const limits = { ...defaultLimits, treeNodes }
    expect(summarize(layers, mergedTree(layers), { treeFrom: 0 }, limits).tree !== undefined).toBe(drawn)
  })

  test('is followed through so many files and folders', async () => {
    const layers = [await readMembers([file('a/b/c', 1)])]
    expect(() => mergedTree(layers, { ...defaultLimits, nodes: 3 })).not.toThrow()
    expect(() => mergedTree(layers, { ...defaultLimits, nodes: 2 })).toThrow(
      'The image has more than 2 files and folders in all of its layers, so it was not measured.',
    )
  })
})

describe('waste', () => {
  const hide = (path: string, bytes: number, more: Partial<Hidden> = {}): Hidden => ({
    path,
    bytes,
    writtenBy: 0,
    hiddenBy: 1,
    reason: 'deleted',
    ...more,
  })
  const linesOf = (...hidden: readonly Hidden[]) =>
    summarizeWaste(hidden).map(({ path, bytes, files }) => `${path} ${bytes} ${files}`)

  test.each<[string, readonly Hidden[], readonly string[]]>([
    ['nothing', [], []],
    ['a file by its path', [hide('a/b/c', 5)], ['a/b/c 5 1']],
    ['files of the root one by one', [hide('a', 5), hide('b', 1)], ['a 5 1', 'b 1 1']],
    ['a folder whose files are all small beside it', [hide('d/a', 1), hide('d/b', 1), hide('d/c', 1)], ['d 3 3']],
    [
      'the file that is half of a folder',
      [hide('d/a', 3), hide('d/b', 2), hide('d/c', 1)],
      ['d/a 3 1', 'd/b 2 1', 'd/c 1 1'],
    ],
    ['what is under a twentieth with its folder', [hide('d/a', 96), hide('d/b', 4)], ['d/a 96 1', 'd 4 1']],
    ['what is a twentieth by itself', [hide('d/a', 95), hide('d/b', 5)], ['d/a 95 1', 'd/b 5 1']],
    ['small files of the root one by one', [hide('a', 1000), hide('b', 1)], ['a 1000 1', 'b 1 1']],
    ['a folder that a file took the place of', [hide('d/a', 5), hide('d', 3)], ['d 8 2']],
    ['as large ones by name', [hide('b', 1), hide('a', 1)], ['a 1 1', 'b 1 1']],
  ])('names %s', (_, hidden, lines) => {
    expect(linesOf(...hidden)).toEqual(lines)
  })

  test('is separated by writing layer, hiding layer and reason', () => {
    const hidden = [
      hide('d/a', 4),
      hide('d/b', 3, { writtenBy: 1 }),
      hide('d/c', 2, { hiddenBy: 2 }),
      hide('d/d', 1, { reason: 'overwritten' }),
    ]
    expect(summarizeWaste(hidden)).toEqual(hidden.map((one) => ({ ...one, files: 1 })))
  })

  test('with very many parts of paths is summed near the root', () => {
    const folder = 'd/'.repeat(1000)
    const hidden = Array.from({ length: 2010 }, (_, at) => hide(`${folder}${at}`, 1))
    expect(linesOf(...hidden.slice(0, 10))).toEqual([`${folder.slice(0, -1)} 10 10`])
    expect(linesOf(...hidden)).toEqual(['d/d/d 2010 2010'])
  })

  test('has at most 200 lines in a report', async () => {
    const layers = await Promise.all([
      readMembers(many(201, (at) => file(`f${at}`, 1))),
      readMembers(many(201, (at) => ({ path: `.wh.f${at}` }))),
    ])
    expect(mergeLayers(layers).waste).toHaveLength(200)
  })
})
