import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { FileTree } from '../../src/image/measure.ts'
import { folderChanges } from '../../src/size/folder-changes.ts'
import { packageChanges } from '../../src/size/package-changes.ts'
import { contents, installed, tree } from './measures.ts'

const from = 100
type Shape = Parameters<typeof tree>[0]
const changes = (after: Shape | FileTree, before: Shape | FileTree) => {
  const made = (one: Shape | FileTree) => contents({ tree: 'children' in one ? (one as FileTree) : tree(one as Shape) })
  return folderChanges(made(after), made(before), from)
}
const said = (after: Shape | FileTree, before: Shape | FileTree) =>
  changes(after, before).map(({ path, bytes }) => [path, bytes])

describe('folders that changed', () => {
  test('are none if one of the trees is unknown', () => {
    const known = contents({ tree: tree({ a: 5000 }) })
    expect(folderChanges(known, contents(), from)).toEqual([])
    expect(folderChanges(contents(), known, from)).toEqual([])
  })

  test('are none if nothing changed', () => {
    expect(said({ usr: { a: 500 } }, { usr: { a: 500 } })).toEqual([])
  })

  test.each([
    [from - 1, []],
    [from, [['a', from]]],
    [-from, [['a', -from]]],
    [1 - from, []],
  ])('by %d bytes are %j', (bytes, expected) => {
    expect(said({ a: 1000 + bytes }, { a: 1000 })).toEqual(expected)
  })

  test('have their sizes before and after', () => {
    expect(changes({ opt: { a: 700, b: 50 } }, { opt: { a: 200, b: 50 } })).toEqual([
      { path: 'opt/a', bytes: 500, before: 200, after: 700, layer: 0 },
    ])
    expect(changes({ opt: {} }, { opt: { a: 200 } })).toEqual([{ path: 'opt/a', bytes: -200, before: 200, after: 0 }])
  })

  test('are sorted by bytes, then by name', () => {
    expect(said({ b: 300, a: 300, d: 900, c: 100 }, { c: 1500 })).toEqual([
      ['c', -1400],
      ['d', 900],
      ['a', 300],
      ['b', 300],
    ])
  })

  test('are opened as long as their parts explain the change', () => {
    expect(said({ opt: { app: { lib: { model: 5000 } } } }, {})).toEqual([['opt/app/lib/model', 5000]])
  })

  test('are not opened where less than four fifths of it are in large parts', () => {
    const small = (count: number, bytes: number): Shape =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, bytes]))
    // The rest has 20 % of it, and then a byte less.
    expect(said({ opt: { big: 4000, ...small(20, 50) } }, {})).toEqual([['opt', 5000]])
    expect(said({ opt: { big: 4000, ...small(19, 50), last: 49 } }, {})).toEqual([['opt/big', 4000]])
    // A rest that is not worth a line is none, whatever its part is.
    expect(said({ opt: { big: 100, ...small(1, 99) } }, {})).toEqual([['opt/big', 100]])
    expect(said({ opt: { big: 100, ...small(2, 50) } }, {})).toEqual([['opt', 200]])
  })

  test('are not opened where they have more than eight large parts', () => {
    const parts = (count: number) => ({
      opt: Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 1000])),
    })
    expect(said(parts(8), {})).toHaveLength(8)
    expect(said(parts(9), {})).toEqual([['opt', 9000]])
  })

  test('are opened where one part grew as another one shrank', () => {
    expect(said({ opt: { a: 900, b: 100 } }, { opt: { a: 100, b: 900 } })).toEqual([
      ['opt/a', 800],
      ['opt/b', -800],
    ])
    // Beside something that grew, too, and in folders that say as little.
    expect(said({ x: { opt: { y: { a: 900, b: 100 } }, c: 500 } }, { x: { opt: { y: { a: 100, b: 900 } } } })).toEqual([
      ['x/opt/y/a', 800],
      ['x/opt/y/b', -800],
      ['x/c', 500],
    ])
    // Where the parts are small, too, there is nothing to say.
    expect(said({ opt: { a: 60, b: 100 } }, { opt: { a: 100, b: 60 } })).toEqual([])
  })

  test('are always listed as parts of the root, never as the root', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}`, 1000]))
    expect(said(many, {})).toHaveLength(12)
  })

  test('may turn from a file into a folder', () => {
    expect(said({ data: { model: 900 } }, { data: 300 })).toEqual([['data', 600]])
  })

  const file = (name: string, bytes: number, more: Partial<FileTree> = {}): FileTree => ({ name, bytes, ...more })
  const folder = (name: string, children: readonly FileTree[], more: Partial<FileTree> = {}): FileTree => ({
    name,
    bytes: children.reduce((sum, { bytes }) => sum + bytes, 0),
    files: children.length,
    children,
    ...more,
  })

  test('leave out files of packages, listed or not', () => {
    const owned = file('a.so', 5000, { package: 0 })
    const lib = folder('lib', [owned, file('mine', 700)], { bytes: 8700, packaged: 8000 })
    expect(said(folder('', [lib], { bytes: 8700, packaged: 8000 }), folder('', []))).toEqual([['lib/mine', 700]])
  })

  describe('name the layer', () => {
    const layers = (...parts: readonly (readonly [number, number])[]) =>
      folder('', [
        folder(
          'opt',
          // Each below the least that is told of, so that the folder speaks for them.
          parts.flatMap(([layer, bytes]) =>
            Array.from({ length: bytes / 10 }, (_, index) => file(`${layer}-${index}`, 10, { layer })),
          ),
        ),
      ])
    test.each<[string, readonly (readonly [number, number])[], number | undefined]>([
      ['that brought all of it', [[2, 500]], 2],
      [
        'that brought most of it',
        [
          [1, 200],
          [2, 310],
        ],
        2,
      ],
      [
        'that brought most of it, the first one',
        [
          [1, 310],
          [2, 200],
        ],
        1,
      ],
      [
        'that brought half of it: none',
        [
          [1, 250],
          [2, 250],
        ],
        undefined,
      ],
      [
        'that brought the most, but less than half: none',
        [
          [1, 200],
          [2, 240],
          [3, 100],
        ],
        undefined,
      ],
    ])('%s', (_, parts, expected) => {
      const [change] = changes(layers(...parts), folder('', []))
      expect(change?.path).toBe('opt')
      expect(change?.layer).toBe(expected)
    })

    test('of a file that grew, and of none that shrank', () => {
      const grown = changes(folder('', [file('a', 900, { layer: 3 })]), folder('', [file('a', 100, { layer: 0 })]))
      expect(grown).toEqual([{ path: 'a', bytes: 800, before: 100, after: 900, layer: 3 }])
      const shrunk = changes(folder('', [file('a', 100, { layer: 3 })]), folder('', [file('a', 900, { layer: 0 })]))
      expect(shrunk).toEqual([{ path: 'a', bytes: -800, before: 900, after: 100 }])
    })

    test('by what grew in it, not by what shrank', () => {
      const before = folder('', [
        folder(
          'opt',
          [...Array(60).keys()].map((index) => file(`x${index}`, 10)),
        ),
      ])
      const after = folder('', [
        folder('opt', [
          ...[...Array(60).keys()].map((index) => file(`x${index}`, 5, { layer: 1 })),
          ...[...Array(60).keys()].map((index) => file(`y${index}`, 10, { layer: 2 })),
        ]),
      ])
      expect(changes(after, before)).toEqual([{ path: 'opt', bytes: 300, before: 600, after: 900, layer: 2 }])
    })
  })

  test('explain the whole difference except for small changes', () => {
    const sizes = fc.array(fc.constantFrom(0, 60, 1000, 7000), { minLength: 6, maxLength: 6 })
    const shape = ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: readonly number[]): Shape => ({
      x: { a, b, in: { c, d } },
      y: { e },
      f,
    })
    fc.assert(
      fc.property(sizes, sizes, (after, before) => {
        const found = changes(shape(after), shape(before))
        const backwards = changes(shape(before), shape(after))
        const sum = found.reduce((total, { bytes }) => total + bytes, 0)
        const whole = after.reduce<number>((a, b) => a + b, 0) - before.reduce<number>((a, b) => a + b, 0)
        // Seven nodes may each keep back a little, and a folder a fifth of itself.
        expect(Math.abs(whole - sum)).toBeLessThan(7 * from + Math.abs(whole) / 2 + 3000)
        expect(backwards.map(({ path, bytes }) => [path, -bytes])).toEqual(
          found.map(({ path, bytes }) => [path, bytes]),
        )
        for (const { bytes, before: was, after: is } of found) expect(is - was).toBe(bytes)
      }),
    )
  })
})

describe('packages that changed', () => {
  const between = (after: readonly ReturnType<typeof installed>[], before: readonly ReturnType<typeof installed>[]) =>
    packageChanges(contents({ packages: after }), contents({ packages: before }))

  test('are those that came, went, have another version or another weight', () => {
    const before = [
      installed('gone', '1', 5),
      installed('new version', '1', 7),
      installed('heavier', '1', 1),
      installed('same', '1', 9),
    ]
    const after = [
      installed('came', '2', 3),
      installed('new version', '2', 7),
      installed('heavier', '1', 2),
      installed('same', '1', 9),
    ]
    expect(between(after, before)).toEqual([
      { manager: 'apk', name: 'gone', before: '1', bytes: -5 },
      { manager: 'apk', name: 'came', after: '2', bytes: 3 },
      { manager: 'apk', name: 'heavier', before: '1', after: '1', bytes: 1 },
      { manager: 'apk', name: 'new version', before: '1', after: '2', bytes: 0 },
    ])
  })

  test('are sorted by name if their bytes are equal', () => {
    expect(
      between([installed('b', '1', 5), installed('a', '1', 5), installed('c', '1', 5)], []).map(({ name }) => name),
    ).toEqual(['a', 'b', 'c'])
  })

  test('of two managers are two, though they have one name', () => {
    const both = [installed('six', '1', 5), installed('six', '1', 4, { manager: 'python' })]
    expect(between(both, [installed('six', '1', 5)])).toEqual([
      { manager: 'python', name: 'six', after: '1', bytes: 4 },
    ])
  })

  test('that are installed several times count once: all bytes, each version in order, the latest layer', () => {
    const node = (version: string, bytes: number, layer?: number) =>
      installed('ms', version, bytes, { manager: 'node', ...(layer !== undefined && { layer }) })
    expect(between([node('2.1', 5, 1), node('1.0', 3, 4), node('2.1', 2), node('0.9', 1, 0)], [])).toEqual([
      { manager: 'node', name: 'ms', after: '0.9, 1.0, 2.1', bytes: 11, layer: 4 },
    ])
    expect(between([node('1', 5, 0)], [])).toEqual([{ manager: 'node', name: 'ms', after: '1', bytes: 5, layer: 0 }])
    expect(between([node('1', 5)], [])).toEqual([{ manager: 'node', name: 'ms', after: '1', bytes: 5 }])
  })
})
