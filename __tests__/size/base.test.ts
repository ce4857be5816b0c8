import { describe, expect, test } from '@jest/globals'
import type { Size } from '../../src/core/bytes.ts'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { splitByBase, withBase, withBaseOf } from '../../src/size/base.ts'
import { compare } from '../../src/size/compare.ts'
import { baseline, contents, digest, layer, measure } from './measures.ts'

const diffIds = (...names: readonly string[]) => names.map((name) => digest(`diff ${name}`))
const image = (...names: readonly string[]) => measure(names.map((name, index) => layer(name, 1000 * (index + 1))))

describe('withBase', () => {
  test.each<[string, readonly string[], readonly string[], number | undefined]>([
    ['no layers at all', ['a', 'b'], [], 0],
    ['the first one', ['a', 'b'], ['a'], 1],
    ['all of them', ['a', 'b'], ['a', 'b'], 2],
    ['more than there are', ['a'], ['a', 'b'], undefined],
    ['another first one', ['a', 'b'], ['b'], undefined],
    ['another second one', ['a', 'b', 'c'], ['a', 'c'], undefined],
  ])('notes a base of %s', (_, layers, base, expected) => {
    const found = withBase(image(...layers), 'b', diffIds(...base))
    expect(found.base).toEqual(expected === undefined ? undefined : { reference: 'b', layers: expected })
    expect(found.layers).toHaveLength(layers.length)
  })
})

describe('withBaseOf', () => {
  const step = (name: string, createdBy: string | undefined) => {
    const { createdBy: _, ...rest } = layer(name, 1000)
    return { ...rest, ...(createdBy !== undefined && { createdBy }) }
  }
  const imageOn = (...steps: ReturnType<typeof step>[]): ImageMeasure =>
    measure([...steps, step('own', 'RUN own')], { base: { reference: 'b', layers: steps.length } })
  const two = imageOn(step('x2', 'ADD x'), step('y2', 'RUN y'))

  test.each<[string, ImageMeasure, ReturnType<typeof step>[], number | undefined]>([
    ['the same steps, as its first ones', two, [step('x1', 'ADD x'), step('y1', 'RUN y'), step('z', 'RUN z')], 2],
    [
      'the same steps and nothing else: it may be the base itself',
      two,
      [step('x1', 'ADD x'), step('y1', 'RUN y')],
      undefined,
    ],
    ['only the first of them', two, [step('x1', 'ADD x'), step('q', 'RUN q'), step('z', 'RUN z')], undefined],
    ['fewer steps', two, [step('x1', 'ADD x')], undefined],
    ['steps that nobody knows', imageOn(step('x2', undefined)), [step('x1', undefined), step('z', 'RUN z')], undefined],
    ['any steps, of a base without a layer', imageOn(), [step('z', 'RUN z')], 0],
  ])('of an image with %s', (_, now, steps, expected) => {
    const found = withBaseOf(measure(steps), now)
    expect(found.base).toEqual(expected === undefined ? undefined : { reference: 'b', layers: expected })
  })

  test('compares layers before it compares commands', () => {
    const same = [step('x2', 'other'), step('y2', 'text')]
    expect(withBaseOf(measure(same), two).base).toEqual({ reference: 'b', layers: 2 })
  })

  test('keeps a known base, and stays unknown without one', () => {
    const known = measure([step('x1', 'ADD x')], { base: { reference: 'mine', layers: 0 } })
    expect(withBaseOf(known, two)).toBe(known)
    const before = image('a')
    expect(withBaseOf(before, image('a'))).toBe(before)
  })
})

describe('splitByBase', () => {
  test('counts a repeated layer once', () => {
    const own = layer('own', 500)
    const split = splitByBase(measure([layer('base', 7000), own, own], { base: { reference: 'b', layers: 1 } }))
    expect(split).toEqual({ base: 7000, own: 500 })
  })

  test('is unknown without a base', () => {
    expect(splitByBase(image('a'))).toBeUndefined()
  })
})

describe('a change', () => {
  const changeOf = (before: Size, after: Size) =>
    compare({ ...image('a'), onDisk: after }, baseline({ ...image('a'), onDisk: before })).onDisk
  const [five, nine, none, unknown] = [{ bytes: 5 }, { bytes: 9 }, { bytes: 0 }, { unknown: 'why' }]
  test('has bytes where both are known, and percent unless before is 0', () => {
    expect(changeOf(five, nine)).toStrictEqual({ before: five, after: nine, bytes: 4, percent: 80 })
    expect(changeOf(nine, none)).toStrictEqual({ before: nine, after: none, bytes: -9, percent: -100 })
    expect(changeOf(none, five)).toStrictEqual({ before: none, after: five, bytes: 5 })
    expect(changeOf(unknown, five)).toStrictEqual({ before: unknown, after: five })
    expect(changeOf(five, unknown)).toStrictEqual({ before: five, after: unknown })
  })
})

describe('downloads of different compressions', () => {
  const packed = (...kinds: readonly (readonly ['gzip' | 'zstd' | 'none', number])[]) =>
    measure(kinds.map(([compression, download], index) => layer(`${index}`, download, { compression })))
  const said = (now: string, then: string) => [
    `Download sizes are not compared: the layers are ${now} now and were ${then} in the baseline.`,
  ]
  test.each<[ImageMeasure, ImageMeasure, readonly string[]]>([
    [packed(['gzip', 9000]), packed(['gzip', 9000], ['gzip', 5000]), []],
    [packed(['zstd', 9000]), packed(['gzip', 9000]), said('zstd', 'gzip')],
    [packed(['none', 9000]), packed(['gzip', 9000]), said('uncompressed', 'gzip')],
    [packed(['zstd', 9000], ['gzip', 9000]), packed(['gzip', 9000]), said('gzip and zstd', 'gzip')],
    [packed(['zstd', 9000], ['gzip', 9000]), packed(['gzip', 9000], ['zstd', 5000]), []],
    // What is light does not count, unless all is.
    [packed(['zstd', 9000], ['gzip', 4096]), packed(['zstd', 9000]), []],
    [packed(['zstd', 9000], ['gzip', 4097]), packed(['zstd', 9000]), said('gzip and zstd', 'zstd')],
    [packed(['gzip', 100]), packed(['zstd', 100]), said('gzip', 'zstd')],
    [packed(), packed(['zstd', 100]), said('none', 'zstd')],
    [packed(), packed(), []],
  ])('%#', (after, before, expected) => {
    expect(compare(after, baseline(before)).caveats).toEqual(expected)
  })
})

describe('a comparison', () => {
  const known = { contents: contents() }
  const onlyManifest =
    'Packages and folders are not compared: only the manifest of the baseline (registry) was read. Set "baseline: registry-detail" to read its layers.'

  test('says that packages and folders are not compared where the baseline has none', () => {
    const after = measure([layer('a', 9000)], known)
    const before = measure([layer('b', 9000)])
    const { caveats, packages, folders, download } = compare(after, baseline(before, { source: 'registry' }))
    expect([caveats, packages, folders]).toEqual([[onlyManifest], undefined, undefined])
    // That is no reason not to compare downloads.
    expect(download.bytes).toBe(0)
  })

  test('has no such caveat where this image has none, where both have them, and where they are the same image', () => {
    const [one, other] = [[layer('a', 9000)], [layer('b', 9000)]]
    const caveatsOf = (after: ImageMeasure, before: ImageMeasure) => compare(after, baseline(before)).caveats
    expect(caveatsOf(measure(one), measure(other))).toEqual([])
    expect(caveatsOf(measure(one), measure(other, known))).toEqual([])
    expect(caveatsOf(measure(one, known), measure(other, known))).toEqual([])
    expect(caveatsOf(measure(one, known), measure(one))).toEqual([])
    expect(compare(measure(one, known), baseline(measure(other, known)))).toMatchObject({ packages: [], folders: [] })
  })

  test('is of the same image if config and compression are the same, with any manifest', () => {
    const one = measure([layer('a', 9000), layer('b', 9000)])
    const isIdentical = (more: Partial<ImageMeasure>) => compare({ ...one, ...more }, baseline(one)).identical
    expect(isIdentical({ configDigest: digest('x') })).toBe(true)
    expect(isIdentical({ manifestDigest: digest('x') })).toBe(true)
    expect(isIdentical({ manifestDigest: digest('x'), configDigest: digest('y') })).toBe(false)
    const mixed = [layer('a', 9000), layer('b', 9000, { compression: 'zstd' as const })]
    expect(isIdentical({ manifestDigest: digest('x'), layers: mixed })).toBe(false)
  })

  test('of bases and own layers is of download bytes', () => {
    const based = (name: string, size: number) =>
      measure([layer(name, size), layer('own', 500)], { base: { reference: 'b', layers: 1 } })
    const { base, own } = compare(based('x', 9000), baseline(based('y', 8000)))
    expect(base).toEqual({ before: { bytes: 8000 }, after: { bytes: 9000 }, bytes: 1000, percent: 12.5 })
    expect(own).toEqual({ before: { bytes: 500 }, after: { bytes: 500 }, bytes: 0, percent: 0 })
    expect(compare(based('x', 9000), baseline(image('y')))).not.toHaveProperty('base')
    expect(compare(image('y'), baseline(based('x', 9000)))).not.toHaveProperty('base')
  })

  describe('knows the update of', () => {
    const one = measure([layer('a', 9000), layer('b', 500)])
    const updateOf = (after: ImageMeasure, before = one) => compare(after, baseline(before)).update
    test.each<[string, ImageMeasure, number]>([
      ['the same image', one, 0],
      ['another config alone', { ...one, configDigest: digest('x'), manifestDigest: digest('y') }, 1000],
      ['the same config under another manifest', { ...one, manifestDigest: digest('y') }, 0],
      ['another config under the same manifest', { ...one, configDigest: digest('y') }, 1000],
      ['a new layer', measure([layer('a', 9000), layer('c', 700)]), 1700],
      ['a layer that is there twice', measure([layer('c', 700), layer('c', 700)]), 1700],
      [
        'a layer that was compressed again',
        measure([layer('a', 9000), layer('b', 400, { digest: digest('z') })]),
        1400,
      ],
      ['an archive that is compressed', { ...measure([layer('c', 700)]), method: 'archive' }, 1700],
      ['a layout that is not', measure([layer('c', 700, { compression: 'none' })]), 1700],
    ])('%s', (_, after, bytes) => {
      expect(updateOf(after)).toEqual({ bytes })
    })

    test('no archive that is not compressed', () => {
      const archive = measure([layer('a', 9000), layer('c', 700, { compression: 'none' })], { method: 'archive' })
      expect(updateOf(archive)).toEqual({
        unknown: 'the layers of this archive are not compressed as a registry would send them',
      })
    })
  })
})
