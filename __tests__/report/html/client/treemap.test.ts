import fc from 'fast-check'
import { formatBytes, formatDelta } from '../../../../src/core/bytes.ts'
import { percent } from '../../../../src/report/html/client/mode.ts'
import {
  byFolder,
  byLayer,
  byPackage,
  byWaste,
  mergeTrees,
  pathOf,
  search,
} from '../../../../src/report/html/client/tree.ts'
import { inside, sizePlacement, treemap } from '../../../../src/report/html/client/treemap.ts'
import { htmlImages } from '../../../../src/report/html/data.ts'
import { pythonTree, reportWithTrees } from '../../trees.ts'

interface Item {
  readonly name: string
  readonly before: number
  readonly after: number
  readonly children: Item[] | null
}

const image = () => {
  const [first] = htmlImages(reportWithTrees(pythonTree(true), pythonTree(false)))
  return JSON.parse(JSON.stringify(first))
}
const find = (root: Item, path: string): Item | undefined =>
  path.split('/').reduce<Item | undefined>((node, name) => node?.children?.find((child) => child.name === name), root)

test.each([
  [0, '0 B', '±0'],
  [999, '999 B', '+999 B'],
  [-1, '−1 B', '−1 B'],
  [1000, '1.0 kB', '+1.0 kB'],
  [999_949, '999.9 kB', '+999.9 kB'],
  [999_950, '1.0 MB', '+1.0 MB'],
  [-2.5e9, '−2.5 GB', '−2.5 GB'],
  [1e12, '1.0 TB', '+1.0 TB'],
  [5e15, '5000.0 TB', '+5000.0 TB'],
])('%d bytes are %s, as a change %s', (bytes, text, change) => {
  expect([formatBytes(bytes), formatDelta(bytes)]).toEqual([text, change])
})

test.each([
  [1, 3, '33.3 %'],
  [0, 3, '0.0 %'],
  [3, 0, ''],
])('%d of %d is %s', (part, whole, text) => expect(percent(part, whole)).toBe(text))

describe('the tree of folders', () => {
  test('has both images in one, by name', () => {
    const root: Item = byFolder(image())
    expect(find(root, 'usr/lib/gcc/cc1')).toMatchObject({ before: 0, after: 21_000_000 })
    expect(find(root, 'app/static/bundle.js')).toMatchObject({ before: 2_100_000, after: 2_400_000 })
  })

  test('lists bytes of a folder that its children do not have', () => {
    const root: Item = byFolder(image())
    expect(find(root, 'usr/share/small files')).toMatchObject({ before: 800_000, after: 800_000 })
  })

  test('weighs at every level what is in it', () => {
    const check = (node: Item): void => {
      if (!node.children) return
      for (const side of ['before', 'after'] as const) {
        expect(node.children.reduce((sum, child) => sum + child[side], 0)).toBe(node[side])
      }
      node.children.forEach(check)
    }
    check(byFolder(image()))
    check(byLayer(image()))
    check(byPackage(image()))
  })

  test('shows wasted bytes by path, with who wrote and who hid them, each place as often as it was wasted', () => {
    const layers = [
      ['a', 'ADD rootfs /', 1, 1, 'base image'],
      ['b', 'RUN x', 1, 1, 'line 4'],
      ['c', 'RUN y', 1, 1, 'line 5'],
    ]
    const waste = [
      ['opt/model.bin', 9e6, 'deleted', 1, 2],
      ['var/db', 2e6, 'overwritten', 0, 1],
      ['var/db', 1e6, 'overwritten', 1, 2],
      ['', 5, 'deleted', 0, 1],
    ]
    const root: Item = byWaste({
      name: 'amd64',
      before: { packages: [], layers: [], waste: [['opt/model.bin', 4e6, 'deleted', 1, 2]] },
      after: { packages: [], layers, waste },
    } as never)
    expect(root).toMatchObject({ before: 4e6, after: 12e6 + 5 })
    expect(find(root, 'opt/model.bin')).toMatchObject({
      before: 4e6,
      after: 9e6,
      note: 'deleted: written by line 4, hidden by line 5',
      children: null,
    })
    expect(find(root, 'var/db')?.children?.map(({ name, after }) => [name, after])).toEqual([
      ['until layer 2', 2e6],
      ['until layer 3', 1e6],
    ])
  })

  test('a file that became a folder is shown as the folder that it is', () => {
    const merged: Item = mergeTrees(['x', 5, 0, -1], ['x', 9, [['y', 9, 0, -1]]])
    expect(merged).toMatchObject({ before: 5, after: 9 })
    expect(find(merged, 'y')).toMatchObject({ before: 0, after: 9 })
  })
})

describe('the tree of layers', () => {
  test('has the files of a layer under the layer', () => {
    const root: Item = byLayer(image())
    const layer = root.children?.find(({ name }) => name.includes('apk add'))
    expect(layer && find(layer, 'usr/lib/gcc/cc1')).toMatchObject({ after: 21_000_000 })
  })

  test('knows a layer again by its content', () => {
    const [base, ...own] = byLayer(image()).children ?? []
    expect(base?.note).toMatch(/^layer 1; unchanged, 53\.6 MB to download/)
    expect(own.map(({ note }) => note.split(',')[0])).toEqual(['layer 2; new', 'layer 3; new', 'removed', 'removed'])
  })
})

describe('packages', () => {
  test('that came have no size before', () => {
    const root: Item = byPackage(image())
    expect(find(root, 'apk/gcc')).toMatchObject({ before: 0, after: 31_000_000, note: '13.2.1' })
  })
})

describe('search', () => {
  test('finds by any part of the path, and a folder once', () => {
    const found = search(byFolder(image()), 'LIB/GCC')
    expect(found.map(pathOf)).toEqual(['usr/lib/gcc'])
    expect(found.map(({ after }) => after)).toEqual([31_000_000])
  })
})

describe('boxes', () => {
  const of = (sizes: readonly number[], width: number, height: number, x = 0, y = 0) =>
    inside(sizes, { x, y, width, height }, (size) => size)
  const box = (node: number, x: number, y: number, width: number, height: number) => ({ node, x, y, width, height })

  test.each([
    ['one fills the area', [5], 40, 20, [box(5, 10, 20, 40, 20)]],
    ['two stand beside each other where it is wide', [1, 1], 40, 20, [box(1, 10, 20, 20, 20), box(1, 30, 20, 20, 20)]],
    ['two stand above each other where it is high', [1, 1], 20, 40, [box(1, 10, 20, 20, 20), box(1, 10, 40, 20, 20)]],
    ['the largest comes first', [1, 3], 40, 10, [box(3, 10, 20, 30, 10), box(1, 40, 20, 10, 10)]],
    [
      'four make a square',
      [1, 1, 1, 1],
      40,
      40,
      [box(1, 10, 20, 20, 20), box(1, 10, 40, 20, 20), box(1, 30, 20, 20, 20), box(1, 30, 40, 20, 20)],
    ],
    ['what weighs nothing is left out', [0, 4, -1], 40, 20, [box(4, 10, 20, 40, 20)]],
    ['nothing is in nothing', [], 40, 20, []],
    ['nothing is where nothing weighs', [0], 40, 20, []],
    ['nothing is in an area that cannot be seen', [1], 0.9, 40, []],
    ['nothing is in an area without a height', [1], 40, 0.9, []],
    ['what is too thin is left out', [9999, 1], 40, 20, [box(9999, 10, 20, 39.996, 20)]],
  ] as const)('%s', (_, sizes, width, height, boxes) => {
    const made = of(sizes, width, height, 10, 20)
    expect(made.map(({ node }) => node)).toEqual(boxes.map(({ node }) => node))
    for (const [index, one] of made.entries()) {
      const { x, y, width: wide, height: high } = boxes[index] as ReturnType<typeof box>
      expect([one.x, one.y, one.width, one.height].map((value) => value.toFixed(6))).toEqual(
        [x, y, wide, high].map((value) => value.toFixed(6)),
      )
    }
  })

  test.each([
    ['beside the name', 60, 40, 110, 20, false, 'beside'],
    ['below the name where one line is too short', 60, 40, 109, 35, false, 'below'],
    ['below a name that is cut', 500, 40, 50, 35, false, 'below'],
    ['nowhere in a low box', 60, 40, 109, 34, false, undefined],
    ['nowhere in a box that would cut it', 60, 40, 49, 200, false, undefined],
    ['nowhere below the title of an opened box', 60, 40, 109, 200, true, undefined],
    ['beside the title of an opened box', 60, 40, 110, 200, true, 'beside'],
  ] as const)('show their size %s', (_, name, size, width, height, opened, placement) => {
    expect(sizePlacement(name, size, { width, height, opened })).toBe(placement)
  })

  interface Part {
    readonly size: number
    readonly parts?: readonly Part[]
  }
  const map = (root: Part, width: number, height: number, most?: number) =>
    treemap(root, {
      ...{ width, height, weight: ({ size }) => size, children: ({ parts }) => parts ?? null },
      ...(most !== undefined && { most }),
    })
  const leaves = (number: number, size = 1): readonly Part[] => Array.from({ length: number }, () => ({ size }))

  test('show what is in them below a title and within a margin', () => {
    const inner = { size: 4, parts: [{ size: 4 }] }
    expect(map({ size: 4, parts: [inner] }, 100, 80)).toEqual([
      { node: inner, x: 0, y: 0, width: 100, height: 80, depth: 1, opened: true },
      { node: { size: 4 }, x: 2, y: 18, width: 96, height: 60, depth: 2, opened: false },
    ])
  })

  test.each([
    [44, 34, true],
    [43, 34, false],
    [44, 33, false],
  ])('of %d by %d pixels have room for what is in them: %s', (width, height, opened) => {
    const [only] = map({ size: 1, parts: [{ size: 1, parts: leaves(1) }] }, width, height)
    expect(only?.opened).toBe(opened)
  })

  test('with nothing in them stay closed', () => {
    expect(map({ size: 1, parts: [{ size: 1, parts: [] }] }, 100, 100).map(({ opened }) => opened)).toEqual([false])
    expect(map({ size: 1, parts: [{ size: 1, parts: leaves(1, 0) }] }, 100, 100).map(({ opened }) => opened)).toEqual([
      false,
    ])
    expect(map({ size: 1 }, 100, 100)).toEqual([])
  })

  test('are opened the largest first, until there are enough', () => {
    const [small, large] = [
      { size: 1, parts: leaves(3) },
      { size: 3, parts: leaves(3) },
    ]
    const root = { size: 4, parts: [small, large] }
    expect(map(root, 400, 200).map(({ opened }) => opened)).toEqual([true, true, ...Array(6).fill(false)])
    const few = map(root, 400, 200, 3)
    expect(few.map(({ node, opened }) => [node.size, opened])).toEqual([
      [3, true],
      [1, false],
      ...Array(3).fill([1, false]),
    ])
    expect(map(root, 400, 200, 2)).toHaveLength(2)
  })
})

describe('the treemap', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 60 })
  const area = fc.record({ width: fc.integer({ min: 60, max: 2000 }), height: fc.integer({ min: 60, max: 1000 }) })

  test('gives every part the share of the area that it has of the bytes', () => {
    fc.assert(
      fc.property(weights, area, (sizes, { width, height }) => {
        const total = sizes.reduce((sum, size) => sum + size, 0)
        for (const box of inside(
          sizes.map((size) => ({ size })),
          { x: 0, y: 0, width, height },
          ({ size }) => size,
        )) {
          expect(box.width * box.height).toBeCloseTo((box.node.size / total) * width * height, 3)
        }
      }),
    )
  })

  test('keeps parts inside, and apart', () => {
    fc.assert(
      fc.property(weights, area, (sizes, { width, height }) => {
        const boxes = inside(
          sizes.map((size) => ({ size })),
          { x: 0, y: 0, width, height },
          ({ size }) => size,
        )
        const slack = 1e-6
        for (const [index, a] of boxes.entries()) {
          expect(a.x).toBeGreaterThanOrEqual(-slack)
          expect(a.y).toBeGreaterThanOrEqual(-slack)
          expect(a.x + a.width).toBeLessThanOrEqual(width + slack)
          expect(a.y + a.height).toBeLessThanOrEqual(height + slack)
          for (const b of boxes.slice(index + 1)) {
            const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
            const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
            expect(Math.min(across, down)).toBeLessThanOrEqual(slack)
          }
        }
      }),
    )
  })

  test('opens what has room and stays within its number of boxes', () => {
    const root: Item = byFolder(image())
    const boxes = treemap(root, {
      width: 1200,
      height: 480,
      weight: (node: Item) => node.after,
      children: (node: Item) => node.children,
    })
    expect(boxes.length).toBeGreaterThan(50)
    expect(boxes.length).toBeLessThanOrEqual(1000)
    expect(boxes.filter(({ node }) => node.name === 'cc1')).toHaveLength(1)
  })
})
