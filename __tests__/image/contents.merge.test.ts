import fc from 'fast-check'
import type { FileTree, ImageContents } from '../../src/image/measure.ts'
import { summarizeWaste } from '../../src/image/waste.ts'
import { mergeLayers, readMembers } from './samples/image.ts'
import type { Member } from './samples/tar.ts'

const merge = async (...layers: (readonly Member[])[]): Promise<ImageContents & { payload: number }> => {
  const read = await Promise.all(layers.map(readMembers))
  const payload = read.reduce((sum, layer) => sum + layer.payload, 0)
  return { ...mergeLayers(read, { treeFrom: 0 }), payload }
}

const file = (path: string, bytes: number, letter = 'x'): Member => ({ path, content: letter.repeat(bytes) })
const paths = (tree: FileTree | undefined, at = ''): string[] =>
  (tree?.children ?? []).flatMap((child) => {
    const path = at ? `${at}/${child.name}` : child.name
    return child.files === undefined ? [path] : paths(child, path)
  })

test('waste in very many folders is summed near the root, and no bytes are lost', () => {
  const deep = (index: number) => `var/cache/d${index}${'/d'.repeat(200)}/f`
  const of = { writtenBy: 0, hiddenBy: 1, reason: 'deleted' } as const
  const hidden = Array.from({ length: 1000 }, (_, index) => ({ path: deep(index), bytes: 7, ...of }))
  const waste = summarizeWaste(hidden)
  const sum = (what: 'bytes' | 'files') => waste.reduce((total, one) => total + (one[what] ?? 0), 0)
  expect([sum('bytes'), sum('files')]).toEqual([7000, 1000])
  expect(waste.map(({ path }) => path)).toContain('var/cache')
})

describe('the layers of an image', () => {
  test('attributes a deleted file to the layers that wrote and deleted it', async () => {
    const { waste, merged, hidden } = await merge([file('a', 10), file('b', 5)], [], [{ path: '.wh.a' }])
    expect(waste).toEqual([{ path: 'a', bytes: 10, files: 1, reason: 'deleted', writtenBy: 0, hiddenBy: 2 }])
    expect({ merged, hidden }).toEqual({ merged: 5, hidden: 10 })
  })

  test('counts all of a folder that rm -rf deleted', async () => {
    const docs = Array.from({ length: 20 }, (_, index) => file(`usr/share/doc/p${index}/copyright`, 10))
    const { waste } = await merge(docs, [{ path: 'usr/share/.wh.doc' }])
    expect(waste).toEqual([
      { path: 'usr/share/doc', bytes: 200, files: 20, reason: 'deleted', writtenBy: 0, hiddenBy: 1 },
    ])
  })

  test('counts files that an opaque folder hides, and keeps files of the same layer', async () => {
    const { waste, tree } = await merge(
      [file('d/old', 10), file('d/sub/old', 20)],
      [file('d/new', 1), { path: 'd/.wh..wh..opq' }],
    )
    expect(waste.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(30)
    expect(waste.every(({ reason, hiddenBy }) => reason === 'deleted' && hiddenBy === 1)).toBe(true)
    expect(paths(tree)).toEqual(['d/new'])
  })

  test('classifies a copy by chown or chmod as metadata only, and counts the hidden copy once', async () => {
    const { waste, merged } = await merge([file('app', 100)], [{ ...file('app', 100), mode: 0o755 }])
    expect(waste).toEqual([{ path: 'app', bytes: 100, files: 1, reason: 'metadata-only', writtenBy: 0, hiddenBy: 1 }])
    expect(merged).toBe(100)
  })

  test('calls other content of the same length overwritten', async () => {
    const { waste } = await merge([file('app', 100)], [file('app', 100, 'y')])
    expect(waste).toMatchObject([{ bytes: 100, reason: 'overwritten' }])
  })

  test('classifies an identical file in an opaque folder as metadata only', async () => {
    const { waste } = await merge([file('d/a', 100)], [{ path: 'd/.wh..wh..opq' }, file('d/a', 100)])
    expect(waste).toMatchObject([{ bytes: 100, reason: 'metadata-only' }])
  })

  test('hides the bytes of a hardlink only when its last name is deleted', async () => {
    const base = [file('a', 10), { path: 'b', type: '1', link: 'a' }]
    expect(await merge(base, [{ path: '.wh.a' }])).toMatchObject({ merged: 10, hidden: 0, files: 1 })
    expect(await merge(base, [{ path: '.wh.a' }], [{ path: '.wh.b' }])).toMatchObject({
      merged: 0,
      hidden: 10,
      waste: [{ path: 'b', hiddenBy: 2 }],
    })
  })

  test('finds the target of a hardlink that is earlier in the archive', async () => {
    const { merged, hidden, tree } = await merge([{ path: 'b', type: '1', link: 'a' }, file('a', 10)])
    expect({ merged, hidden }).toEqual({ merged: 10, hidden: 0 })
    expect(paths(tree)).toHaveLength(1)
  })

  test.each<[string, readonly Member[]]>([
    ['a whiteout of nothing', [{ path: '.wh.nothing' }, { path: 'no/such/.wh.folder' }, { path: 'no/.wh..wh..opq' }]],
    ['a whiteout below a file', [{ path: 'a/.wh.b' }, { path: 'a/.wh..wh..opq' }]],
    ['a hardlink to nothing', [{ path: 'l', type: '1', link: 'nothing' }]],
    [
      'marks of AUFS',
      [
        { path: '.wh..wh.aufs', content: 'xx' },
        { path: '.wh..wh.plnk/1', type: '5' },
      ],
    ],
  ])('lets %s change nothing', async (_, layer) => {
    expect(await merge([file('a', 10)], layer)).toMatchObject({ merged: 10, hidden: 0, payload: 10 })
  })

  test('lets a whiteout hide lower layers only, at any position in the archive', async () => {
    for (const layer of [
      [{ path: '.wh.a' }, file('a', 3)],
      [file('a', 3), { path: '.wh.a' }],
    ])
      expect(await merge([file('a', 10)], layer)).toMatchObject({ merged: 3, hidden: 10 })
  })

  test('lets a folder named like a whiteout be a folder', async () => {
    const { merged, hidden } = await merge([file('a', 10)], [{ path: '.wh.a/' }, file('.wh.a/x', 2)])
    expect({ merged, hidden }).toEqual({ merged: 12, hidden: 0 })
  })

  test('hides the folder that a file replaces', async () => {
    const { waste, merged } = await merge([file('d/a', 10), file('d/e/b', 20)], [file('d', 1)])
    expect(merged).toBe(1)
    expect(waste.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(30)
  })

  test('hides the file that a folder replaces', async () => {
    expect(await merge([file('d', 10)], [{ path: 'd/' }])).toMatchObject({ merged: 0, hidden: 10 })
    expect(await merge([file('d', 10)], [file('d/a', 1)])).toMatchObject({ merged: 1, hidden: 10 })
  })

  test('keeps the files of a folder if its entry is repeated', async () => {
    expect(await merge([file('d/a', 10)], [{ path: 'd/', mode: 0o700 }])).toMatchObject({ merged: 10, hidden: 0 })
  })

  test('names the file where a group of waste is mostly one file', async () => {
    const { waste } = await merge(
      [file('opt/app/model.bin', 1000), file('opt/app/a', 4), file('opt/app/b', 4)],
      [{ path: 'opt/.wh.app' }],
    )
    expect(waste).toMatchObject([
      { path: 'opt/app/model.bin', bytes: 1000, files: 1 },
      { path: 'opt/app', bytes: 8, files: 2 },
    ])
  })

  test('finds copies of the same content, but does not take links for copies', async () => {
    const big = 'x'.repeat(20_000)
    const { duplicates } = await merge([
      { path: 'a', content: big },
      { path: 'b', content: big },
      { path: 'c', type: '1', link: 'a' },
    ])
    expect(duplicates).toEqual([{ bytes: 20_000, paths: ['a', 'b'], copies: 2 }])
  })

  test('counts all files below a folder', async () => {
    const { folders, largestFiles } = await merge([file('a/b/c', 10), file('a/d', 5), file('e', 7)])
    expect(folders).toEqual([
      { path: 'a', bytes: 15 },
      { path: 'a/b', bytes: 10 },
    ])
    expect(largestFiles.map(({ path }) => path)).toEqual(['a/b/c', 'e', 'a/d'])
  })
})

const name = fc.constantFrom('a', 'b', 'c', '.wh.a', '.wh.b', '.wh..wh..opq', '.wh..wh.aufs', 'd')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const member: fc.Arbitrary<Member> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ path, content: fc.string({ minLength: 0, maxLength: 6 }) }) },
  { weight: 2, arbitrary: path.map((at): Member => ({ path: `${at}/` })) },
  { weight: 2, arbitrary: fc.record({ path, type: fc.constant('1'), link: path }) },
  { weight: 1, arbitrary: fc.record({ path, type: fc.constantFrom('2', '3', '6'), link: path }) },
)
const image = fc.array(fc.array(member, { maxLength: 10 }), { minLength: 1, maxLength: 5 })

describe('for any layers', () => {
  test('payload of the layers = merged + hidden, and every list adds up to it', async () => {
    await fc.assert(
      fc.asyncProperty(image, async (layers) => {
        const { payload, merged, hidden, waste, tree, largestFiles } = await merge(...layers)
        expect(merged + hidden).toBe(payload)
        expect(waste.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(hidden)
        expect(tree?.bytes).toBe(merged)
        expect(largestFiles.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(merged)
        for (const { writtenBy, hiddenBy } of waste) {
          expect(writtenBy).toBeLessThanOrEqual(hiddenBy)
          expect(hiddenBy).toBeLessThan(layers.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('the merged view is that of a plain list of paths that is filtered for each layer', async () => {
    // Without links and without a path that is file and folder in one layer, where the order of the archive decides.
    const simple = fc.array(
      fc.uniqueArray(fc.record({ path, content: fc.string({ minLength: 1, maxLength: 5 }) }), {
        maxLength: 8,
        selector: ({ path: at }) => at,
      }),
      { minLength: 1, maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(simple, async (layers) => {
        const isMark = (at: string) => /(^|\/)\.wh\.[^/]*$/.test(at)
        const sound = layers.map((layer) =>
          layer.filter(
            ({ path: at }) =>
              isMark(at) || !layer.some((other) => !isMark(other.path) && at.startsWith(`${other.path}/`)),
          ),
        )
        // A mark below something that is a file in the same layer makes no sense in an archive either.
        let visible = new Map<string, number>()
        for (const layer of sound) {
          const gone = (at: string) =>
            layer.some(({ path: mark }) => {
              const [, parent = '', base = ''] = /^(?:(.*)\/)?([^/]*)$/.exec(mark) ?? []
              if (!isMark(mark)) return at === mark || at.startsWith(`${mark}/`) || mark.startsWith(`${at}/`)
              if (base === '.wh..wh..opq') return parent === '' || at.startsWith(`${parent}/`)
              if (base.startsWith('.wh..wh.')) return false
              const target = parent ? `${parent}/${base.slice(4)}` : base.slice(4)
              return at === target || at.startsWith(`${target}/`)
            })
          visible = new Map([...visible].filter(([at]) => !gone(at)))
          for (const { path: at, content } of layer) if (!isMark(at)) visible.set(at, Buffer.byteLength(content))
        }
        const { tree, merged } = await merge(...sound)
        expect(paths(tree).sort()).toEqual([...visible.keys()].sort())
        expect(merged).toBe([...visible.values()].reduce((sum, bytes) => sum + bytes, 0))
      }),
      { numRuns: 200 },
    )
  })
})
