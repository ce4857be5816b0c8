import fc from 'fast-check'
import { budgetsFor, judgeSize } from '../../src/size/budget.ts'
import { compare } from '../../src/size/compare.ts'
import { baseline, contents, installed, layer, measure, waste } from './measures.ts'

/** An image of exactly this many bytes to download. */
const image = (download: number) => measure([layer(`of ${download}`, download - 1000)])
const grown = (from: number, to: number) => {
  const after = image(to)
  return [after, compare(after, baseline(image(from)))] as const
}

describe('judgeSize', () => {
  test.each([
    [100e6, 100e6, false],
    [100e6 + 1, 100e6, true],
    [99e6, 100e6, false],
  ])('an image of %d bytes against max-size %d: over is %s', (bytes, maxSize, over) => {
    expect(judgeSize(image(bytes), undefined, { maxSize })).toMatchObject([
      { budget: 'max-size', limit: '100.0 MB', limitBytes: maxSize, actualBytes: bytes, over },
    ])
  })

  test.each<[string, object, number, number, boolean[]]>([
    ['bytes, at the limit', { bytes: 10e6 }, 100e6, 110e6, [false]],
    ['bytes, one over', { bytes: 10e6 }, 100e6, 110e6 + 1, [true]],
    ['percent, at the limit', { percent: 5 }, 100e6, 105e6, [false]],
    ['percent, one over', { percent: 5 }, 100e6, 105e6 + 1, [true]],
    ['both, over the bytes only', { bytes: 10e6, percent: 5 }, 1e9, 1e9 + 11e6, [true, false]],
    ['both, over the percent only', { bytes: 10e6, percent: 5 }, 10e6, 11e6, [false, true]],
    ['a tiny image below the floor', { percent: 5, floorBytes: 500e3 }, 1e6, 1.4e6, [false]],
    ['a tiny image above the floor', { percent: 5, floorBytes: 500e3 }, 1e6, 1.6e6, [true]],
    ['an image that shrank, with nothing allowed', { percent: 0 }, 100e6, 90e6, [false]],
    ['an image that stayed, with nothing allowed', { bytes: 0 }, 100e6, 100e6, [false]],
    ['one byte more, with nothing allowed', { bytes: 0 }, 100e6, 100e6 + 1, [true]],
  ])('max-increase in %s', (_, maxIncrease, from, to, over) => {
    const verdicts = judgeSize(...grown(from, to), { maxIncrease })
    expect(verdicts.map((verdict) => verdict.over)).toEqual(over)
    expect(verdicts.every(({ budget }) => budget === 'max-increase')).toBe(true)
  })

  test('does not check growth without a baseline', () => {
    expect(judgeSize(image(1e9), undefined, { maxIncrease: { bytes: 0 } })).toEqual([])
  })

  test('does not check growth between sizes that are not comparable, and reports why', () => {
    const after = measure([layer('a', 90e6, { compression: 'zstd' })])
    const comparison = compare(after, baseline(measure([layer('a', 10e6)])))
    expect(judgeSize(after, comparison, { maxIncrease: { percent: 1 } })).toMatchObject([
      { over: false, message: expect.stringContaining('zstd now and were gzip') },
    ])
  })

  test('reports the excess, and what to look at first', () => {
    const before = measure([layer('a', 100e6)], { contents: contents() })
    const after = measure([layer('a', 100e6), layer('b', 35e6)], {
      contents: contents({ packages: [installed('gcc', '13.2', 31e6, { layer: 1 })] }),
    })
    const [size, increase] = judgeSize(after, compare(after, baseline(before)), {
      maxSize: 120e6,
      maxIncrease: { percent: 5 },
    })
    expect(size?.message).toBe(
      '15.0 MB over max-size: 135.0 MB to download, 120.0 MB allowed. Look first at +31.0 MB: package gcc 13.2 stays in the image, added by `RUN b`.',
    )
    expect(increase?.message).toBe(
      // What to look at was said already.
      '30.0 MB over max-increase: +35.0 MB to download, 5 % (5.0 MB) allowed.',
    )
  })

  test.each([
    [contents({ waste: [waste('usr/doc', 9e6)] }), 'Look first at 9.0 MB stored but hidden: usr/doc'],
    [contents({ packages: [installed('gcc', '1', 9e6)] }), 'Look first at the heaviest package: gcc with 9.0 MB.'],
  ])('also suggests what to look at for a first measurement', (found, expected) => {
    const [verdict] = judgeSize(measure([layer('a', 50e6), layer('b', 1)], { contents: found }), undefined, {
      maxSize: 1e6,
    })
    expect(verdict?.message).toContain(expected)
  })

  test.each<[number, number, object, string]>([
    [99e6, 99e6, { maxSize: 100e6 }, '1.0 MB below max-size: 99.0 MB to download, 100.0 MB allowed.'],
    [100e6, 100e6, { maxSize: 100e6 }, '0 B below max-size: 100.0 MB to download, 100.0 MB allowed.'],
    [100e6, 100e6, { maxSize: 99e6 }, '1.0 MB over max-size: 100.0 MB to download, 99.0 MB allowed.'],
    [100e6, 103e6, { maxIncrease: { bytes: 5e6 } }, 'Within max-increase: +3.0 MB to download, 5.0 MB allowed.'],
    [100e6, 103e6, { maxIncrease: { percent: 5 } }, 'Within max-increase: +3.0 MB to download, 5 % (5.0 MB) allowed.'],
    [100e6, 97e6, { maxIncrease: { bytes: 0 } }, 'Within max-increase: −3.0 MB to download, 0 B allowed.'],
    [
      1e6,
      1.4e6,
      { maxIncrease: { percent: 5, floorBytes: 500e3 } },
      'Within max-increase: +400.0 kB to download, 5 % (50.0 kB) allowed; growth below 500.0 kB does not count.',
    ],
    [
      1e6,
      1.5e6,
      { maxIncrease: { bytes: 0, floorBytes: 500e3 } },
      'Within max-increase: +500.0 kB to download, 0 B allowed; growth below 500.0 kB does not count.',
    ],
  ])('reports for an image that changed from %d to %d bytes, with %j: %s', (from, to, budgets, expected) => {
    expect(judgeSize(...grown(from, to), budgets).map(({ message }) => message.replace(/ Look first .*/, ''))).toEqual([
      expected,
    ])
  })

  test('rounds a percentage of the bytes before down', () => {
    expect(judgeSize(...grown(1_000_099, 1_010_100), { maxIncrease: { percent: 1 } })).toMatchObject([
      { limit: '1 %', limitBytes: 10_000, actualBytes: 10_001, over: true },
    ])
  })

  test('has no bytes for a percentage of an unknown size', () => {
    const after = measure([layer('a', 90e6, { compression: 'zstd' })])
    const comparison = compare(after, baseline(measure([layer('a', 10e6)])))
    const [bytes, percent] = judgeSize(after, comparison, { maxIncrease: { bytes: 1e6, percent: 1 } })
    const why = 'Download sizes are not compared: the layers are zstd now and were gzip in the baseline.'
    expect(bytes).toEqual({
      budget: 'max-increase',
      limit: '1.0 MB',
      actualBytes: 0,
      over: false,
      unjudged: why,
      message: `max-increase (1.0 MB) was not judged. ${why}`,
    })
    expect(percent).toMatchObject({ limit: '1 %', over: false, unjudged: why })
  })

  test('is monotonic: a higher limit is never exceeded if a lower one is not', () => {
    const amount = fc.integer({ min: 2000, max: 1e9 })
    fc.assert(
      fc.property(amount, amount, amount, fc.nat(1e9), (from, to, bytes, more) => {
        const judged = grown(from, to)
        const [less] = judgeSize(...judged, { maxIncrease: { bytes } })
        const [wide] = judgeSize(...judged, { maxIncrease: { bytes: bytes + more } })
        expect(less?.over || !wide?.over).toBe(true)
        expect(less?.over).toBe(to - from > bytes)
      }),
    )
  })
})

describe('a budget on own layers', () => {
  const known = { base: { reference: 'b', layers: 1 } }
  const before = { ...measure([layer('base 1', 50e6), layer('own', 10e6)]), ...known }
  const after = { ...measure([layer('base 2', 60e6), layer('own more', 12e6)]), ...known }

  test('leaves the base image out, in size and in growth', () => {
    const verdicts = judgeSize(after, compare(after, baseline(before)), {
      maxSize: 80e6,
      own: { maxSize: 11e6, maxIncrease: { percent: 25, bytes: 1e6 } },
    })
    expect(verdicts).toMatchObject([
      { budget: 'max-size', over: false, actualBytes: 72e6 + 1000 },
      { budget: 'max-size', layers: 'own', over: true, actualBytes: 12e6 },
      { budget: 'max-increase', layers: 'own', over: true, actualBytes: 2e6, limitBytes: 1e6 },
      { budget: 'max-increase', layers: 'own', over: false, actualBytes: 2e6, limitBytes: 2.5e6 },
    ])
    expect(verdicts[0]).not.toHaveProperty('layers')
    expect(verdicts[1]?.message).toBe(
      '1.0 MB over max-size of own layers: 12.0 MB to download, 11.0 MB allowed. Look first at +12.0 MB to download: a new layer of `RUN own more`.',
    )
  })

  test('does not point at changes of the base image', () => {
    const packages = [installed('openssl', '3.2', 9e6, { layer: 0 }), installed('curl', '8', 1e6, { layer: 1 })]
    const with2 = { ...after, contents: contents({ packages }) }
    const with1 = { ...before, contents: contents() }
    const [own] = judgeSize(with2, compare(with2, baseline(with1)), { own: { maxSize: 11e6 } })
    expect(own?.message).toContain('Look first at +1.0 MB: package curl 8 was added by `RUN own more`.')
  })

  describe('points first', () => {
    const first = (found: Parameters<typeof contents>[0], own = true) => {
      const one = { ...measure([layer('base', 1e6), layer('own', 99e6 - 1000)]), ...known, contents: contents(found) }
      const [verdict] = judgeSize(one, undefined, own ? { own: { maxSize: 1 } } : { maxSize: 1 })
      return /Look first at (.*)\.$/.exec(verdict?.message ?? '')?.[1]
    }
    const twentieth = (99e6 + 1e6) / 20
    const heavy = [installed('base', '1', 9e6, { layer: 0 }), installed('own', '1', 5e6, { layer: 1 })]

    test.each<[string, Parameters<typeof contents>[0], boolean, string | undefined]>([
      [
        'to waste of more than 5 %',
        { waste: [waste('a', twentieth + 1)], packages: heavy },
        false,
        '5.0 MB stored but hidden: a, written in the base image, deleted by `RUN own`',
      ],
      [
        'to the heaviest package where waste is less',
        { waste: [waste('a', twentieth)], packages: heavy },
        false,
        'the heaviest package: base with 9.0 MB',
      ],
      ['to the heaviest package of the author', { packages: heavy }, true, 'the heaviest package: own with 5.0 MB'],
      [
        'to waste that the author wrote',
        { waste: [waste('a', 9e6), waste('b', 8e6, { writtenBy: 1 })] },
        true,
        '8.0 MB stored but hidden: b, written by `RUN own`, deleted by `RUN own`',
      ],
      [
        'to no package whose layer is not known, which may be of the base',
        { packages: [installed('x', '1', 9e6)] },
        true,
        undefined,
      ],
      [
        'to one whose layer is not known where all count',
        { packages: [installed('x', '1', 9e6)] },
        false,
        'the heaviest package: x with 9.0 MB',
      ],
      ['to nothing if there is no candidate', {}, false, undefined],
    ])('%s', (_, found, own, expected) => {
      expect(first(found, own)).toBe(expected)
    })

    test('to what grew, not to what shrank more', () => {
      const small = { contents: contents({ packages: [installed('a', '1', 1e6), installed('b', '1', 9e6)] }) }
      const large = { contents: contents({ packages: [installed('a', '1', 3e6)] }) }
      const now = measure([layer('x', 50e6)], large)
      const [verdict] = judgeSize(now, compare(now, baseline(measure([layer('y', 40e6)], small))), { maxSize: 1 })
      expect(verdict?.message).toContain('Look first at +2.0 MB: package a 1 grew.')
    })

    test('to the base image where the whole image is judged', () => {
      const [verdict] = judgeSize(after, compare(after, baseline(before)), { maxSize: 1 })
      expect(verdict?.message).toContain(
        'Look first at +10.0 MB to download: the base image `b` was updated, own layers +2.0 MB.',
      )
    })
  })

  test('is not checked if the base image, or that of the baseline, is unknown, with the reason', () => {
    const unknown = measure([layer('x', 9e6)])
    const why = (...[now, then]: readonly (typeof unknown)[]) => {
      if (!now || !then) throw new Error('two are compared')
      const verdicts = judgeSize(now, compare(now, baseline(then)), { own: { maxIncrease: { bytes: 0, percent: 1 } } })
      return verdicts.map(({ unjudged, over }) => [unjudged, over])
    }
    const ofBaseline = 'The layers of the base image are not known for the baseline.'
    expect(why(after, unknown)).toEqual(Array(2).fill([ofBaseline, false]))
    const ofImage =
      'The layers of the base image are not known: it could not be read, or the image does not begin with its layers.'
    expect(why(unknown, before)).toEqual(Array(2).fill([ofImage, false]))
    const zstd = { ...measure(after.layers.map((one) => ({ ...one, compression: 'zstd' as const }))), ...known }
    const packed = 'Download sizes are not compared: the layers are zstd now and were gzip in the baseline.'
    expect(why(zstd, before)).toEqual(Array(2).fill([packed, false]))
  })

  test('without a baseline checks only the size', () => {
    expect(judgeSize(after, undefined, { own: { maxSize: 12e6, maxIncrease: { bytes: 0 } } })).toMatchObject([
      {
        budget: 'max-size',
        layers: 'own',
        over: false,
        message: '0 B below max-size of own layers: 12.0 MB to download, 12.0 MB allowed.',
      },
    ])
  })

  test('that cannot be checked is neither exceeded nor met', () => {
    const unknown = measure([layer('x', 9e6)])
    expect(judgeSize(unknown, undefined, { own: { maxSize: 1 } })).toEqual([
      {
        budget: 'max-size',
        layers: 'own',
        limit: '1 B',
        limitBytes: 1,
        actualBytes: 0,
        over: false,
        unjudged: expect.stringContaining('layers of the base image are not known'),
        message: expect.stringMatching(/^max-size of own layers \(1 B\) was not judged\. /),
      },
    ])
    const [growth] = judgeSize(after, compare(after, baseline(unknown)), { own: { maxIncrease: { bytes: 0 } } })
    expect(growth).toMatchObject({ over: false, unjudged: expect.stringContaining('for the baseline') })
  })
})

test('budgetsFor lets the exception of an architecture win over what holds for all', () => {
  const options = {
    maxSize: { all: 120e6, only: new Map([['armv7', 90e6] as const]), own: { all: 20e6, only: new Map() } },
    maxIncrease: {
      only: new Map([['armv7', { percent: 8 }] as const]),
      own: { only: new Map([['armv7', { bytes: 1 }] as const]) },
    },
  }
  expect(budgetsFor(options, 'armv7')).toEqual({
    maxSize: 90e6,
    maxIncrease: { percent: 8 },
    own: { maxSize: 20e6, maxIncrease: { bytes: 1 } },
  })
  expect(budgetsFor(options, 'amd64')).toStrictEqual({ maxSize: 120e6, own: { maxSize: 20e6 } })
  expect(budgetsFor({ maxSize: { only: new Map() }, maxIncrease: { only: new Map() } }, 'amd64')).toStrictEqual({})
  const none = { all: 0, only: new Map() }
  expect(budgetsFor({ maxSize: none, maxIncrease: { all: { bytes: 0 }, only: new Map() } }, 'amd64')).toStrictEqual({
    maxSize: 0,
    maxIncrease: { bytes: 0 },
  })
})
