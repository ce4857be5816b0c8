import { describe, expect, test } from '@jest/globals'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { describeChanges, isOfBase, wasteText } from '../../src/size/describe-changes.ts'
import type { FolderChange, PackageChange } from '../../src/size/result.ts'
import { contents, digest, layer, measure, waste } from './measures.ts'

const from = 1000
const layers = [layer('base', 9e6), layer('apk add gcc', 5e6, { line: 14 }), layer('make', 1e6)]
const plainImage = measure(layers)
const onBase = measure(layers, { base: { reference: 'b:1', layers: 1 } })
const known = (bytes: number) => ({ bytes })
const nothing = {
  identical: false,
  download: { before: known(1), after: known(1) },
  onDisk: { before: known(1), after: known(1) },
  update: known(0),
  caveats: [],
}
const lines = (
  found: Partial<Parameters<typeof describeChanges>[2]>,
  after: ImageMeasure = plainImage,
  before: ImageMeasure = plainImage,
) => describeChanges(after, before, { ...nothing, ...found }, from)

const change = (name: string, bytes: number, more: Partial<PackageChange> = {}): PackageChange => ({
  manager: 'apk',
  name,
  bytes,
  ...more,
})
const came = (name: string, bytes: number, more: Partial<PackageChange> = {}) =>
  change(name, bytes, { after: '1', ...more })
const went = (name: string, bytes: number) => change(name, -bytes, { before: '1' })

describe('a package', () => {
  test.each<[string, PackageChange, string]>([
    ['came from an unknown step', came('curl', 2000), '+2.0 kB: package curl 1 was added'],
    ['came with a step', came('curl', 2000, { layer: 2 }), '+2.0 kB: package curl 1 was added by `RUN make`'],
    [
      'came with the base image',
      came('curl', 2000, { layer: 0 }),
      '+2.0 kB: package curl 1 was added in the base image',
    ],
    ['for building came', came('gcc', 2000), '+2.0 kB: package gcc 1 stays in the image, added'],
    [
      'for development came',
      came('zlib-dev', 2000, { layer: 1 }),
      '+2.0 kB: package zlib-dev 1 stays in the image, added by `RUN apk add gcc` at Dockerfile line 14',
    ],
    [
      'for building came with the base image',
      came('gcc', 2000, { layer: 0 }),
      '+2.0 kB: package gcc 1 was added in the base image',
    ],
    ['came of a layer that is not there', came('curl', 2000, { layer: 9 }), '+2.0 kB: package curl 1 was added'],
    ['went', went('curl', 2000), '−2.0 kB: package curl 1 was removed'],
    ['changed', change('curl', 2000, { before: '1', after: '2', layer: 2 }), '+2.0 kB: package curl went from 1 to 2'],
    [
      'changed in the base image',
      change('curl', 2000, { before: '1', after: '2', layer: 0 }),
      '+2.0 kB: package curl went from 1 to 2 in the base image',
    ],
    ['grew', change('curl', 2000, { before: '1', after: '1', layer: 2 }), '+2.0 kB: package curl 1 grew'],
    [
      'shrank in the base image',
      change('curl', -2000, { before: '1', after: '1', layer: 0 }),
      '−2.0 kB: package curl 1 shrank in the base image',
    ],
    ['of Debian came', came('curl', 2000, { manager: 'dpkg' }), '+2.0 kB: package curl 1 was added'],
    ['of Python came', came('six', 2000, { manager: 'python' }), '+2.0 kB: Python package six 1 was added'],
    ['of Node went', { ...went('ms', 2000), manager: 'node' }, '−2.0 kB: Node package ms 1 was removed'],
    [
      'of a long version came',
      came('a', 2000, { after: 'x'.repeat(41) }),
      `+2.0 kB: package a ${'x'.repeat(39)}… was added`,
    ],
    [
      'of a long version went',
      change('a', -2000, { before: 'x'.repeat(41) }),
      `−2.0 kB: package a ${'x'.repeat(39)}… was removed`,
    ],
    [
      'of long versions changed',
      change('a', 2000, { before: 'x'.repeat(41), after: 'y'.repeat(41) }),
      `+2.0 kB: package a went from ${'x'.repeat(39)}… to ${'y'.repeat(39)}…`,
    ],
    [
      'of a long version grew',
      change('a', 2000, { before: 'x'.repeat(41), after: 'x'.repeat(41) }),
      `+2.0 kB: package a ${'x'.repeat(39)}… grew`,
    ],
  ])('that %s has its line', (_, one, expected) => {
    expect(lines({ packages: [one] }, onBase)).toEqual([expected])
  })

  test('that is not worth a line has none', () => {
    expect(lines({ packages: [came('a', from - 1), change('b', 1 - from, { before: '1', after: '2' })] })).toEqual([])
    expect(lines({ packages: [came('a', from)] })).toHaveLength(1)
    expect(lines({ packages: [went('a', from)] })).toHaveLength(1)
  })

  test('is not of a base image where none is known', () => {
    expect(lines({ packages: [came('curl', 2000, { layer: 0 })] }, plainImage)).toEqual([
      '+2.0 kB: package curl 1 was added by `RUN base`',
    ])
  })
})

describe('several packages', () => {
  test.each<[string, readonly PackageChange[], string]>([
    [
      'that one step brought',
      [came('b', 2000, { layer: 2 }), came('a', 3000, { layer: 2 })],
      '+5.0 kB: 2 packages were added by `RUN make`: a 1 (3.0 kB), b 1 (2.0 kB)',
    ],
    [
      'that one step brought for building',
      [came('a', 3000, { layer: 2 }), came('gcc', 2000, { layer: 2 })],
      '+5.0 kB: 2 packages stay in the image, added by `RUN make`: a 1 (3.0 kB), gcc 1 (2.0 kB)',
    ],
    [
      'that are new in the base image',
      [came('gcc', 3000, { layer: 0 }), came('b', 2000, { layer: 0 })],
      '+5.0 kB: 2 packages are new in the base image: gcc 1 (3.0 kB), b 1 (2.0 kB)',
    ],
    ['that went', [went('a', 2000), went('b', 3000)], '−5.0 kB: 2 packages were removed: b 1 (3.0 kB), a 1 (2.0 kB)'],
    [
      'that changed in the base image',
      [
        change('a', -500, { before: '1', after: '2', layer: 0 }),
        change('b', 3000, { before: '1', after: '2', layer: 0 }),
      ],
      '+2.5 kB: 2 packages changed in the base image: b 2 (3.0 kB), a 2 (500 B)',
    ],
    [
      'of which three are named',
      [
        came('a', 1, { layer: 2 }),
        came('b', 4000, { layer: 2 }),
        came('c', 3000, { layer: 2 }),
        came('d', 2000, { layer: 2 }),
      ],
      '+9.0 kB: 4 packages were added by `RUN make`: b 1 (4.0 kB), c 1 (3.0 kB), d 1 (2.0 kB) and 1 more',
    ],
    [
      'of which three are all',
      [
        came('b', 4000, { layer: 2 }),
        came('c', 3000, { layer: 2 }),
        came('d', 2000, { layer: 2, after: 'x'.repeat(41) }),
      ],
      `+9.0 kB: 3 packages were added by \`RUN make\`: b 1 (4.0 kB), c 1 (3.0 kB), d ${'x'.repeat(39)}… (2.0 kB)`,
    ],
  ])('%s have one line', (_, packages, expected) => {
    expect(lines({ packages }, onBase)).toEqual([expected])
  })

  test('of two steps, and of steps that are not known, have their own', () => {
    const packages = [came('a', 5000, { layer: 1 }), came('b', 4000, { layer: 2 }), came('c', 3000), came('d', 2000)]
    expect(lines({ packages }, onBase)).toEqual([
      '+5.0 kB: package a 1 was added by `RUN apk add gcc` at Dockerfile line 14',
      '+4.0 kB: package b 1 was added by `RUN make`',
      '+3.0 kB: package c 1 was added',
      '+2.0 kB: package d 1 was added',
    ])
  })

  test('that are not worth a line together have none, nor do many small ones', () => {
    expect(lines({ packages: [came('a', 500, { layer: 2 }), came('b', 499, { layer: 2 })] })).toEqual([])
    const upgraded = (bytes: number, count: number) =>
      Array.from({ length: count }, (_, index) => change(`p${bytes}-${index}`, bytes, { before: '1', after: '2' }))
    expect(lines({ packages: [...upgraded(2000, 12), ...upgraded(400, 3)] })).toHaveLength(12)
  })

  test('that the author upgraded are named one by one, twelve of them, the heaviest first', () => {
    const upgraded = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        change(`p${index}`, (index % 2 ? -1 : 1) * (2000 + index * 100), { before: '1', after: '2', layer: 2 }),
      )
    expect(lines({ packages: upgraded(12) })).toHaveLength(12)
    const thirteen = lines({ packages: upgraded(13) })
    expect(thirteen).toHaveLength(13)
    expect(thirteen[0]).toBe('+3.2 kB: package p12 went from 1 to 2')
    expect(thirteen[12]).toBe('+2.0 kB: 1 further package')
    expect(lines({ packages: upgraded(15) }).slice(11)).toEqual([
      '−2.3 kB: package p3 went from 1 to 2',
      '+2.1 kB: 3 further packages',
    ])
  })
})

describe('the base image', () => {
  const moved = { before: known(9e6), after: known(9.5e6), bytes: 500e3 }
  const still = { before: known(1e6), after: known(1e6), bytes: 0 }
  const line = (base: typeof moved, own: typeof moved, was?: string, is?: string) => {
    const named = (reference?: string) =>
      measure(layers, reference === undefined ? {} : { base: { reference, layers: 1 } })
    return lines({ base, own, packages: [] }, named(is), named(was))
  }

  test.each<[string, typeof moved, typeof moved, string | undefined, string | undefined, readonly string[]]>([
    [
      'moved',
      moved,
      still,
      'b',
      'b',
      ['+500.0 kB to download: the base image `b` was updated, own layers did not change'],
    ],
    [
      'is another one',
      moved,
      still,
      'b:1',
      'b:2',
      ['+500.0 kB to download: the base image went from `b:1` to `b:2`, own layers did not change'],
    ],
    [
      'has no name in the baseline',
      moved,
      still,
      undefined,
      'b',
      ['+500.0 kB to download: the base image `b` was updated, own layers did not change'],
    ],
    [
      'moved as own layers did',
      moved,
      { ...still, bytes: -3000 },
      'b',
      'b',
      ['+500.0 kB to download: the base image `b` was updated, own layers −3.0 kB'],
    ],
    [
      'moved, and own layers hardly',
      moved,
      { ...still, bytes: 1 - from },
      'b',
      'b',
      ['+500.0 kB to download: the base image `b` was updated, own layers did not change'],
    ],
    [
      'shrank by as little as is worth a line',
      { ...moved, bytes: -from },
      still,
      'b',
      'b',
      ['−1.0 kB to download: the base image `b` was updated, own layers did not change'],
    ],
    ['moved by less', { ...moved, bytes: from - 1 }, still, 'b', 'b', []],
  ])('that %s', (_, base, own, was, is, expected) => {
    expect(line(base, own, was, is)).toEqual(expected)
  })

  test('comes first, though it moved by less', () => {
    const found = { base: moved, own: still, packages: [came('a', 9e6)] }
    expect(lines(found, onBase, onBase).map((text) => text.slice(0, 9))).toEqual(['+500.0 kB', '+9.0 MB: '])
  })

  test('has no line where its change is not known', () => {
    expect(lines({ base: { before: { unknown: 'x' }, after: known(1) }, packages: [] }, onBase, onBase)).toEqual([])
    expect(lines({ packages: [] }, onBase, onBase)).toEqual([])
  })

  test.each([
    ['+1.0 kB to download: the base image `b` was updated, own layers did not change', true],
    ['+2.0 kB: package curl 1 was added in the base image', true],
    ['+5.0 kB: 2 packages changed in the base image: a 1 (3.0 kB), b 1 (2.0 kB)', true],
    ['+2.0 kB: package curl 1 was added by `RUN make`', false],
    ['+2.0 kB: package the base image 1 was added', false],
  ])('is what "%s" is about: %s', (text, expected) => {
    expect(isOfBase(text)).toBe(expected)
  })
})

describe('a folder', () => {
  const folder = (bytes: number, before: number, more: Partial<FolderChange> = {}): FolderChange => ({
    path: 'opt/app',
    bytes,
    before,
    after: before + bytes,
    ...more,
  })
  test.each<[string, FolderChange, string]>([
    ['is new', folder(2000, 0), '+2.0 kB: opt/app is new'],
    ['is new with a step', folder(2000, 0, { layer: 2 }), '+2.0 kB: opt/app is new, made by `RUN make`'],
    ['is new in the base image', folder(2000, 0, { layer: 0 }), '+2.0 kB: opt/app is new in the base image'],
    ['is gone', folder(-2000, 2000), '−2.0 kB: opt/app is gone'],
    ['grew', folder(2000, 3000), '+2.0 kB: opt/app grew to 5.0 kB'],
    ['grew with a step', folder(2000, 3000, { layer: 2 }), '+2.0 kB: opt/app grew to 5.0 kB by `RUN make`'],
    ['grew in the base image', folder(2000, 3000, { layer: 0 }), '+2.0 kB: opt/app grew to 5.0 kB in the base image'],
    ['shrank', folder(-2000, 3000), '−2.0 kB: opt/app shrank to 1.0 kB'],
  ])('that %s', (_, one, expected) => {
    expect(lines({ folders: [one], packages: [] }, onBase)).toEqual([expected])
  })

  const at = (path: string, before: number, after: number): FolderChange => ({
    path,
    before,
    after,
    bytes: after - before,
  })
  const texts = (...folders: readonly FolderChange[]) =>
    lines({ folders, packages: [] }).map((text) => text.split(': ')[1])
  test('that only lies elsewhere has no line', () => {
    expect(texts(at('opt/x', 0, 5000), at('srv/x', 5000, 0))).toEqual([])
    expect(texts(at('x', 5000, 0), at('srv/x', 0, 5000))).toEqual([])
  })
  test.each<[string, readonly FolderChange[]]>([
    ['another name', [at('opt/y', 0, 5000), at('opt/x', 5000, 0)]],
    ['another weight', [at('opt/x', 0, 5001), at('srv/x', 5000, 0)]],
    ['something there before', [at('opt/x', 100, 5100), at('srv/x', 5000, 0)]],
    ['something there still', [at('opt/x', 0, 5000), at('srv/x', 5100, 100)]],
  ])('that has %s has not moved', (_, folders) => {
    expect(texts(...folders)).toHaveLength(2)
  })
  test('that is there twice now has moved once', () => {
    expect(texts(at('opt/x', 0, 5000), at('usr/x', 0, 5000), at('srv/x', 5000, 0))).toEqual(['usr/x is new'])
  })
})

describe('waste', () => {
  const having = (...wasted: Parameters<typeof waste>[]) =>
    measure(layers, { contents: contents({ waste: wasted.map((one) => waste(...one)) }) })
  const of = (after: ImageMeasure, before: ImageMeasure) => lines({ packages: [] }, after, before)

  test.each<[string, Parameters<typeof waste>[], Parameters<typeof waste>[], number[]]>([
    ['is new', [['a', 2000]], [], [2000]],
    ['was there before', [['a', 2000]], [['a', 2000]], []],
    ['grew', [['a', 5000]], [['a', 2000]], [3000]],
    ['grew by less than is worth a line', [['a', 2999]], [['a', 2000]], []],
    ['grew by as much as is worth a line', [['a', 3000]], [['a', 2000]], [1000]],
    ['shrank', [['a', 2000]], [['a', 9000]], []],
    [
      'was there twice',
      [['a', 5000]],
      [
        ['a', 2000],
        ['a', 3000],
      ],
      [],
    ],
    ['was there for another reason', [['a', 2000]], [['a', 2000, { reason: 'overwritten' }]], [2000]],
    ['was there elsewhere', [['a', 2000]], [['b', 2000]], [2000]],
  ])('that %s', (_, after, before, expected) => {
    expect(of(having(...after), having(...before))).toEqual(
      expected.map((bytes) => expect.stringMatching(new RegExp(`^\\+${bytes / 1000}\\.0 kB: stored but hidden: a, `))),
    )
  })

  test('has no line if it is unknown for one of the images', () => {
    expect(of(having(['a', 2000]), plainImage)).toEqual([])
    expect(of(plainImage, having(['a', 2000]))).toEqual([])
  })

  test.each<[string, Parameters<typeof waste>[2], string]>([
    ['was deleted', {}, 'a, written by `RUN base`, deleted by `RUN apk add gcc` at Dockerfile line 14'],
    ['was replaced', { reason: 'overwritten', hiddenBy: 2 }, 'a, written by `RUN base`, replaced by `RUN make`'],
    [
      'has another owner',
      { reason: 'metadata-only', hiddenBy: 2 },
      'a, written by `RUN base`, stored a second time for another owner or mode by `RUN make`',
    ],
    ['is one file', { files: 1, hiddenBy: 2 }, 'a, written by `RUN base`, deleted by `RUN make`'],
    ['are two files', { files: 2, hiddenBy: 2 }, 'a (2 files), written by `RUN base`, deleted by `RUN make`'],
    ['comes from nowhere', { writtenBy: 9, hiddenBy: 9 }, 'a, written by an unknown step, deleted'],
  ])('that %s is described', (_, more, expected) => {
    expect(wasteText(waste('a', 2000, more), plainImage)).toBe(expected)
  })

  test('of the base image is marked as such', () => {
    expect(wasteText(waste('a', 2000, { hiddenBy: 2 }), onBase)).toBe(
      'a, written in the base image, deleted by `RUN make`',
    )
  })
})

describe('layers, if only the manifest is known', () => {
  const { createdBy: _, ...nameless } = layer('x', 3000)
  const other = (name: string, download: number, text: string) => layer(name, download, { createdBy: text })
  const both = { base: { before: known(1), after: known(1), bytes: 0 } }
  const based = (all: ReturnType<typeof layer>[], count: number) =>
    measure(all, { base: { reference: 'b', layers: count } })

  test.each<[string, ReturnType<typeof layer>[], ReturnType<typeof layer>[], string[]]>([
    ['are the same', [layer('a', 5000)], [layer('a', 5000)], []],
    ['are the same in another compression', [layer('a', 9000, { digest: digest('z') })], [layer('a', 5000)], []],
    ['are new', [layer('a', 5000)], [], ['+5.0 kB to download: a new layer of `RUN a`']],
    [
      'are new, at a known line',
      [layer('a', 5000, { line: 3 })],
      [],
      ['+5.0 kB to download: a new layer of `RUN a` at Dockerfile line 3'],
    ],
    ['are new, of an unknown step', [nameless], [], ['+3.0 kB to download: a new layer of an unknown step']],
    ['are gone', [], [layer('a', 5000, { line: 3 })], ['−5.0 kB to download: the layer of `RUN a` is gone']],
    ['are gone, of an unknown step', [], [nameless], ['−3.0 kB to download: the layer of an unknown step is gone']],
    [
      'changed',
      [other('a2', 5000, 'RUN a')],
      [other('a1', 2000, 'RUN a')],
      ['+3.0 kB to download: the layer of `RUN a` changed'],
    ],
    [
      'changed, twice the same step',
      [other('a3', 5000, 'RUN a'), other('a4', 4000, 'RUN a')],
      [other('a1', 2000, 'RUN a')],
      ['+4.0 kB to download: a new layer of `RUN a`', '+3.0 kB to download: the layer of `RUN a` changed'],
    ],
    [
      'are of unknown steps, which are never the same',
      [nameless],
      [{ ...nameless, diffId: digest('y'), download: 8000 }],
      [
        '−8.0 kB to download: the layer of an unknown step is gone',
        '+3.0 kB to download: a new layer of an unknown step',
      ],
    ],
  ])('that %s', (_, after, before, expected) => {
    expect(lines({}, measure(after), measure(before))).toEqual(expected)
  })

  test('that are not worth a line have none', () => {
    expect(lines({}, measure([layer('a', from - 1)]), measure([layer('b', from - 1)]))).toEqual([])
    expect(lines({}, measure([layer('a', from)]), measure([layer('b', from)]))).toHaveLength(2)
  })

  test('are marked as those of the base image if it is known only for this image', () => {
    expect(lines({}, based([layer('b2', 5000), layer('a', 2000)], 1), measure([layer('a', 2000)]))).toEqual([
      '+5.0 kB to download: a new layer of `RUN b2` in the base image',
    ])
    const changed = [
      based([other('b2', 5000, 'ADD b'), layer('a', 2000)], 1),
      measure([other('b1', 1000, 'ADD b')]),
    ] as const
    expect(lines({}, ...changed)).toEqual([
      '+4.0 kB to download: the layer of `ADD b` changed in the base image',
      '+2.0 kB to download: a new layer of `RUN a`',
    ])
  })

  test('of the base images have their own line if both are known', () => {
    const after = based([layer('b2', 5000), layer('b3', 5000), layer('a', 2000)], 2)
    const before = based([layer('b1', 4000), layer('c', 7000)], 1)
    expect(lines(both, after, before)).toEqual([
      '−7.0 kB to download: the layer of `RUN c` is gone',
      '+2.0 kB to download: a new layer of `RUN a`',
    ])
  })

  test('have no line if packages are known', () => {
    expect(lines({ packages: [] }, measure([layer('a', 5000)]), measure([]))).toEqual([])
  })
})
