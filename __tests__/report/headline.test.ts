import type { Architecture } from '../../src/core/architecture.ts'
import { changeInWords, headlineOf, iconOf, sizeInWords, subject } from '../../src/report/headline.ts'
import type { Reason, Report, TargetReport } from '../../src/report/model/report.ts'
import { type Row, rowsOf } from '../../src/report/rows.ts'
import type { Change, Comparison, SizeResult } from '../../src/size/result.ts'
import { addon, change, compared, failing, first, report, target } from './reports.ts'

const MB = 1_000_000
const names: readonly Architecture[] = ['amd64', 'aarch64', 'armv7', 'armhf', 'i386']

/** Rows of one add-on, an architecture for each size; undefined: not measured. */
const rows = (...sizes: readonly (SizeResult | undefined)[]): readonly Row[] =>
  rowsOf(
    report([addon(sizes.map((size, index) => target(names[index] ?? 'amd64', size === undefined ? {} : { size })))]),
  )
const words = (...sizes: readonly (SizeResult | undefined)[]): string => sizeInWords(rows(...sizes))

const comparisonOf = ({ comparison }: SizeResult): Comparison => {
  if (!comparison) throw new Error('compared() compares')
  return comparison
}
const incomparable = (): SizeResult => {
  const size = compared(10 * MB, 20 * MB)
  const { bytes: _, percent: __, ...download } = comparisonOf(size).download
  return { ...size, comparison: { ...size.comparison, download } as never }
}
/** As large to download, and other on disk. */
const otherOnDisk = (): SizeResult => {
  const size = compared(10 * MB, 10 * MB, { changes: ['x'] })
  return { ...size, comparison: { ...size.comparison, onDisk: change(10 * MB, 12 * MB) } as never }
}
const withParts = (base: number | undefined, own: number | undefined): SizeResult => {
  const size = compared(10 * MB, 11 * MB)
  const part = (bytes: number | undefined): Change => ({
    before: { bytes: 1 },
    after: { bytes: 1 },
    ...(bytes !== undefined && { bytes }),
  })
  return { ...size, comparison: { ...size.comparison, base: part(base), own: part(own) } as never }
}
const withoutPercent = (before: number, after: number): SizeResult => {
  const size = compared(before, after)
  const { percent: _, ...download } = comparisonOf(size).download
  return { ...size, comparison: { ...size.comparison, download } as never }
}

describe('sizes in words', () => {
  test.each<[string, readonly (SizeResult | undefined)[]]>([
    ['', [undefined]],
    ['first measurement', [first(MB), first(2 * MB)]],
    ['first measurement', [first(MB), undefined]],
    ['identical image', [compared(MB, MB)]],
    ['identical images', [compared(MB, MB), compared(MB, MB)]],
    ['sizes not comparable', [incomparable()]],
    ['sizes not comparable', [incomparable(), first(MB)]],
    ['no change in size', [compared(10 * MB, 10 * MB + 100), compared(MB, MB)]],
    ['no change in size', [first(MB), compared(MB, MB)]],
    ['1.0 MB larger (+10.0 %)', [compared(10 * MB, 11 * MB)]],
    ['1.0 MB smaller (−10.0 %)', [compared(10 * MB, 9 * MB)]],
    ['1.0 MB larger', [withoutPercent(10 * MB, 11 * MB)]],
    ['1.0 MB larger each (+10.0 %)', [compared(10 * MB, 11 * MB), compared(10 * MB, 11 * MB)]],
    ['1.0 MB larger each (+5.0 % to +10.0 %)', [compared(10 * MB, 11 * MB), compared(20 * MB, 21 * MB)]],
    ['1.0 MB smaller each (−5.0 % to −10.0 %)', [compared(10 * MB, 9 * MB), compared(20 * MB, 19 * MB)]],
    ['up to 3.0 MB larger (+30.0 %)', [compared(10 * MB, 11 * MB), compared(10 * MB, 13 * MB)]],
    ['up to 3.0 MB smaller (−30.0 %)', [compared(10 * MB, 7 * MB), compared(10 * MB, 9 * MB)]],
    ['up to 3.0 MB larger', [compared(10 * MB, 11 * MB), withoutPercent(10 * MB, 13 * MB)]],
    ['−1.0 MB to +3.0 MB', [compared(10 * MB, 13 * MB), compared(10 * MB, 9 * MB), compared(10 * MB, 11 * MB)]],
    ['same download size, different size on disk', [otherOnDisk()]],
    ['same download size, different size on disk', [otherOnDisk(), otherOnDisk()]],
    ['up to 1.0 MB larger (+10.0 %)', [otherOnDisk(), compared(10 * MB, 11 * MB)]],
    ['up to 1.0 MB smaller (−10.0 %)', [otherOnDisk(), compared(10 * MB, 9 * MB)]],
    ['amd64 1.0 MB larger (+10.0 %)', [compared(10 * MB, 11 * MB), compared(MB, MB)]],
    ['amd64 1.0 MB larger (+10.0 %)', [compared(10 * MB, 11 * MB), first(MB)]],
    ['1.0 MB larger (+10.0 %)', [compared(10 * MB, 11 * MB), undefined]],
    [
      'aarch64 and armv7 1.0 MB larger each (+10.0 %)',
      [compared(MB, MB), compared(10 * MB, 11 * MB), compared(10 * MB, 11 * MB)],
    ],
  ])('are "%s"', (text, sizes) => expect(words(...sizes)).toBe(text))

  test.each([
    [50_000, 49_999, true],
    [-50_000, -49_999, true],
    [49_999, 0, false],
    [900_000, 50_000, false],
    [900_000, -50_000, false],
    [undefined, 0, false],
    [900_000, undefined, false],
  ])('of a base that changed by %s and own layers by %s: all is in the base image: %s', (base, own, inBase) => {
    expect(words(withParts(base, own))).toBe(`1.0 MB larger (+10.0 %)${inBase ? ', all of it in the base image' : ''}`)
  })

  test('do not blame the base image for one image of two', () => {
    expect(words(withParts(MB, 0), withParts(MB, MB))).not.toContain('base image')
    expect(words(withParts(MB, 0), withParts(MB, 0))).toContain(', all of it in the base image')
  })
})

const row = (parts: Partial<TargetReport> = {}) => target('amd64', parts)
const verdictOf = (...gates: readonly Reason['gate'][]) =>
  failing(...gates.map((gate) => ({ gate, addon: 'aicleaner_v3', architecture: 'amd64', message: 'm' }) as const))
const texts = (made: Report) => {
  const { state, icon, text } = headlineOf(made)
  return [state, icon, text]
}

describe('the headline', () => {
  test.each([
    [[], 'aicleaner-build'],
    [[addon([])], 'AICleaner v3 1.2.3'],
    [[addon([], { name: '' })], 'aicleaner_v3 1.2.3'],
    [[addon([], { version: '' })], 'AICleaner v3'],
    [[addon([]), addon([])], '2 add-ons'],
  ])('is about %#: %s', (addons, text) => expect(subject(report(addons))).toBe(text))

  test('mentions that there was nothing to build', () => {
    expect(texts(report([]))).toEqual(['passed', '✅', 'aicleaner-build: nothing to build'])
  })

  test('counts architectures of one add-on and images of several', () => {
    const { text } = headlineOf(report([addon([row()]), addon([row(), target('armv7')])]))
    expect(text).toBe('2 add-ons: 3 images passed')
    expect(headlineOf(report([addon([row()])])).text).toBe('AICleaner v3 1.2.3: 1 architecture passed')
  })

  test('counts warnings that belong to the change', () => {
    const warnings: readonly Reason[] = [
      { gate: 'size', message: 'm' },
      { gate: 'measure', message: 'm' },
      { gate: 'audit', message: 'm' },
    ]
    const made = report([addon([row()])], { verdict: { passed: true, reasons: [], warnings } })
    expect(texts(made)).toEqual(['warned', '⚠️', 'AICleaner v3 1.2.3: 1 architecture passed, with 2 warnings'])
  })

  test('remarks alone are no warning, a row that warns is', () => {
    const remark = { passed: true, reasons: [], warnings: [{ gate: 'audit', message: 'm' }] } as const
    expect(headlineOf(report([addon([row()])], { verdict: remark })).state).toBe('passed')
    expect(headlineOf(report([addon([row({ sizeError: 'no' })])])).state).toBe('warned')
  })

  test.each<[Reason['gate'], string]>([
    ['input', 'invalid input'],
    ['artifact', 'an artifact is missing or cannot be used'],
    ['environment', 'environment error'],
    ['cancelled', 'cancelled'],
    ['build', 'build failed for amd64'],
    ['smoke', 'smoke test failed for amd64'],
    ['measure', 'could not be measured: amd64'],
    ['size', 'over the size budget: amd64'],
    ['audit', 'audit failed for amd64'],
    ['publish', 'could not be published: amd64'],
  ])('of a run that "%s" ended: %s', (gate, what) => {
    const state = gate === 'cancelled' ? ['cancelled', '⏹️'] : ['failed', '❌']
    const made = report([addon([row()])], { verdict: verdictOf(gate) })
    expect(texts(made)).toEqual([...state, `AICleaner v3 1.2.3: ${what}`])
  })

  test.each<[Reason['gate'], string]>([
    ['build', 'build failed'],
    ['smoke', 'smoke test failed'],
    ['measure', 'could not be measured'],
    ['size', 'over the size budget'],
    ['audit', 'audit failed'],
    ['publish', 'could not be published'],
  ])('of a whole run that "%s" ended names no architecture: %s', (gate, what) => {
    expect(headlineOf(report([addon([])], { verdict: failing({ gate, message: 'm' }) })).text).toBe(
      `AICleaner v3 1.2.3: ${what}`,
    )
  })

  test('names each gate and each architecture once', () => {
    const made = report([addon([row()])], { verdict: verdictOf('size', 'smoke', 'size') })
    expect(headlineOf(made).text).toBe('AICleaner v3 1.2.3: over the size budget: amd64; smoke test failed for amd64')
  })

  test('of a run that failed without a reason is that it failed', () => {
    expect(headlineOf(report([addon([])], { verdict: failing() })).text).toBe('AICleaner v3 1.2.3: failed')
  })

  test('of several add-ons names four at most, and how many failed', () => {
    const slugs = ['a', 'b', 'c', 'd', 'e']
    const made = report(
      slugs.map((slug) => addon([target('amd64', { addon: slug })], { slug })),
      {
        verdict: failing(
          ...slugs.map((slug) => ({ gate: 'size', addon: slug, architecture: 'amd64', message: 'm' }) as const),
        ),
      },
    )
    expect(headlineOf(made).text).toBe('5 add-ons: 5 failed, over the size budget: a, b, c and 2 more')
  })

  test('of one add-on names all of its architectures', () => {
    const made = report([addon(names.map((name) => target(name)))], {
      verdict: failing(
        ...names.map((architecture) => ({ gate: 'size', addon: 'aicleaner_v3', architecture, message: 'm' }) as const),
      ),
    })
    expect(headlineOf(made).text).toBe(
      'AICleaner v3 1.2.3: over the size budget: amd64, aarch64, armv7, armhf and i386',
    )
  })

  test('of several add-ons names none for a reason of the whole run', () => {
    const made = report([addon([]), addon([])], { verdict: failing({ gate: 'size', message: 'm' }) })
    expect(headlineOf(made).text).toBe('2 add-ons: over the size budget')
  })

  test('of several add-ons that failed as a whole counts none', () => {
    const made = report([addon([]), addon([])], { verdict: failing({ gate: 'environment', message: 'm' }) })
    expect(headlineOf(made).text).toBe('2 add-ons: environment error')
  })
})

test.each([
  ['passed', '✅'],
  ['warned', '⚠️'],
  ['failed', '❌'],
  ['cancelled', '⏹️'],
] as const)('%s has the mark %s', (state, icon) => expect(iconOf(state)).toBe(icon))

test.each([
  ['+1.0 MB (+10.0 %)', compared(10 * MB, 11 * MB)],
  ['−1.0 MB (−10.0 %)', compared(10 * MB, 9 * MB)],
  ['+1.0 MB', withoutPercent(10 * MB, 11 * MB)],
  ['', incomparable()],
  ['', first(MB)],
])('the change of a row is "%s"', (text, size) => {
  const [only] = rows(size)
  expect(only && changeInWords(only)).toBe(text)
})
