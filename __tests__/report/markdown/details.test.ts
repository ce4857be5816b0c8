import type { Finding } from '../../../src/audit/finding.ts'
import { auditOf, findingsOf } from '../../../src/report/markdown/audit.ts'
import { contextInWords, contextsOf, excludableBytes } from '../../../src/report/markdown/context.ts'
import { commandOf, detailsOf, layerOrigin } from '../../../src/report/markdown/details.ts'
import type { TargetReport } from '../../../src/report/model/report.ts'
import { type Row, rowsOf } from '../../../src/report/rows.ts'
import type { SizeResult } from '../../../src/size/result.ts'
import { addon, change, compared, contents, first, report, target } from '../reports.ts'

const many = <T>(number: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: number }, (_, index) => make(index))
const rowOf = (parts: Partial<TargetReport>): Row => rowsOf(report([addon([target('amd64', parts)])]))[0] as Row
const lines = (text: string | undefined): readonly string[] => (text ?? '').split('\n')
/** Rows of the first table whose head has this title. */
const tableRows = (text: string | undefined, title: string): readonly string[] => {
  const all = lines(text)
  const start = all.findIndex((line) => line.startsWith('| ') && line.includes(title)) + 2
  const end = all.findIndex((line, index) => index >= start && !line.startsWith('|'))
  return start < 2 ? [] : all.slice(start, end)
}

describe('findings of an audit', () => {
  const finding = (parts: Partial<Finding>): Finding => ({
    rule: 'r',
    severity: 'warning',
    message: 'm',
    fix: 'f',
    ...parts,
  })
  const of = (...audits: readonly (readonly Finding[])[]) =>
    findingsOf(report([addon(audits.map((audit, index) => target(index === 0 ? 'amd64' : 'armv7', { audit })))]))

  test('are listed once for all images, with the most that a fix saves', () => {
    expect(of([finding({ bytes: 5 })], [finding({ bytes: 7 })])).toEqual([
      { ...finding({ bytes: 7 }), images: ['aicleaner_v3/amd64', 'aicleaner_v3/armv7'] },
    ])
    expect(of([finding({ bytes: 7 })], [finding({ bytes: 5 })])[0]?.bytes).toBe(7)
    expect(of([finding({ bytes: 0 })], [finding({})])[0]?.bytes).toBe(0)
    expect(of([finding({})], [finding({})])[0]).not.toHaveProperty('bytes')
  })

  test('of another rule, message, place or add-on are others', () => {
    const where = { file: 'Dockerfile', line: 1, column: 1 }
    expect(of([finding({}), finding({ rule: 's' }), finding({ message: 'n' }), finding({ where })])).toHaveLength(4)
    const two = ['a', 'b'].map((slug) => addon([target('amd64', { addon: slug, audit: [finding({})] })], { slug }))
    expect(findingsOf(report(two)).map(({ images }) => images)).toEqual([['a/amd64'], ['b/amd64']])
  })

  test('begin with the gravest, then with the largest', () => {
    const all = [
      finding({ rule: 'notice', severity: 'notice', bytes: 99 }),
      finding({ rule: 'small', bytes: 1 }),
      finding({ rule: 'none' }),
      finding({ rule: 'large', bytes: 9 }),
      finding({ rule: 'error', severity: 'error' }),
    ]
    expect(of(all).map(({ rule }) => rule)).toEqual(['error', 'large', 'small', 'none', 'notice'])
  })

  test('are a table of twenty at most', () => {
    const text = (number: number) =>
      auditOf(report([addon([target('amd64', { audit: many(number, (index) => finding({ rule: `r${index}` })) })])]))
    expect(text(0)).toBeUndefined()
    expect(tableRows(text(25), 'Rule')).toHaveLength(20)
    expect(text(25)).toContain('<summary>Audit: 25 warnings</summary>')
    expect(text(1)).toContain('| Rule | Finding | Fix |\n')
  })
})

describe('a build context', () => {
  const context = (parts: object = {}) => ({
    folder: 'a',
    dockerfile: 'a/Dockerfile',
    before: { files: 3, bytes: 3000 },
    after: { files: 1, bytes: 1000 },
    ignoreFile: '.dockerignore',
    exclude: [],
    largestFiles: [],
    ...parts,
  })
  const exclusion = (index: number) => ({ pattern: `p${index}`, reason: 'r', files: 2, bytes: 1500 })

  test.each([
    [{ ignoreFile: undefined }, '3 files, 3.0 kB; no .dockerignore'],
    [{}, '3 files, 3.0 kB; 1 file, 1.0 kB after .dockerignore (saves 2.0 kB)'],
    [{ after: { files: 3, bytes: 3000 } }, '3 files, 3.0 kB; .dockerignore excludes nothing'],
    [{ before: { files: 1, bytes: 0 }, after: { files: 1, bytes: 0 } }, '1 file, 0 B; .dockerignore excludes nothing'],
  ])('is described in a sentence: %j', (parts, text) => expect(contextInWords(context(parts))).toBe(text))

  test('could do without what is named, in all', () => {
    expect(excludableBytes(context())).toBeUndefined()
    expect(excludableBytes(context({ exclude: [exclusion(1), exclusion(2)] }))).toBe(3000)
  })

  test('that is well is shown where it is the only one', () => {
    const of = (...contexts: readonly ReturnType<typeof context>[]) => contextsOf(report([addon([], { contexts })]))
    expect(contextsOf(report([addon([])]))).toBeUndefined()
    expect(of(context())).toContain('Build context <code>a</code>')
    expect(of(context(), context())).toBeUndefined()
    const bad = context({ folder: 'b', exclude: [exclusion(1)] })
    expect(of(context(), bad)).toMatch(
      /^<details><summary>Build context <code>b<\/code>.*; 1\.5 kB more could be excluded<\/summary>/,
    )
    expect(of(context(), bad)).not.toContain('<code>a</code>')
    expect((of(...many(25, () => bad)) ?? '').match(/<details>/g)).toHaveLength(20)
  })

  test('names ten patterns and five files, with paths that are not too long', () => {
    const largestFiles = many(9, (index) => ({ path: `${index}${'x'.repeat(200)}`, bytes: 2000 }))
    const text = contextsOf(
      report([addon([], { contexts: [context({ exclude: many(15, exclusion), largestFiles })] })]),
    )
    expect(tableRows(text, 'Also exclude')).toEqual(many(10, (index) => `| \`p${index}\` | 2 | 1.5 kB | r |`))
    expect(tableRows(text, 'Largest files')).toEqual(many(5, (index) => `| 2.0 kB | \`${index}${'x'.repeat(159)}\` |`))
    expect(contextsOf(report([addon([], { contexts: [context()] })]))).not.toContain('|')
  })
})

describe('details of an image', () => {
  const size = compared(1e7, 2e7)
  const layer = size.measure.layers[0] as SizeResult['measure']['layers'][number]
  const withMeasure = (parts: object): SizeResult => ({ ...size, measure: { ...size.measure, ...parts } })
  const details = (made: SizeResult): string | undefined => detailsOf(rowOf({ size: made }), false)

  test('are none of one that was not measured', () => expect(detailsOf(rowOf({}), false)).toBeUndefined())

  test('show the eight largest layers, each with its own number', () => {
    const layers = many(12, (index) => ({
      ...layer,
      download: index * 1e6,
      createdBy: `COPY ${index} ${'x'.repeat(200)}`,
    }))
    const rows = tableRows(details(withMeasure({ layers })), 'Layer |')
    expect(rows.map((row) => row.split(' | ').slice(0, 2).join(' '))).toEqual(
      many(8, (index) => `| ${12 - index} ${(11 - index).toFixed(1)} MB`),
    )
    expect(rows[0]?.split(' | ').at(-1)).toBe(`\`COPY 11 ${'x'.repeat(81)}…\` |`)
  })

  test('show the eight largest places of waste', () => {
    const waste = many(12, (index) => ({
      path: `${index}${'x'.repeat(200)}`,
      bytes: (index + 1) * 1e6,
      reason: 'overwritten',
      writtenBy: 0,
      hiddenBy: 9,
      ...(index === 11 && { files: 2 }),
      ...(index === 10 && { files: 1 }),
    }))
    const layers = [{ ...layer, line: 3, createdBy: `RUN ${'y'.repeat(99)}` }]
    const rows = tableRows(details(withMeasure({ layers, contents: { ...contents, waste } })), 'Wasted')
    expect(rows).toHaveLength(8)
    expect(rows.slice(0, 2)).toEqual([
      `| 12.0 MB | \`11${'x'.repeat(117)}…\` (2 files) | line 3 \`RUN ${'y'.repeat(45)}…\` | overwritten | layer 10 |`,
      `| 11.0 MB | \`10${'x'.repeat(117)}…\` | line 3 \`RUN ${'y'.repeat(45)}…\` | overwritten | layer 10 |`,
    ])
  })

  test('have no table of what there is not', () => {
    const text = details({
      ...first(1e7),
      measure: { ...size.measure, contents: { ...contents, hidden: 0, waste: [], packages: [] } },
    })
    expect(text).toContain('<summary><code>amd64</code>: 3 layers, 20.0 MB</summary>')
    expect(
      lines(text)
        .filter((line) => line.startsWith('| '))
        .map((line) => line.split(' | ')[0]),
    ).toEqual(['| Layer', '| --:', '| 1', '| 2', '| 3'])
  })

  test('show the eight largest packages where none changed', () => {
    const packages = many(12, (index) => ({ manager: 'apk', name: `p${index}`, version: '1', bytes: index * 1e6 }))
    const rows = tableRows(details(withMeasure({ contents: { ...contents, packages } })), 'Package')
    expect(rows).toEqual(many(8, (index) => `| ${(11 - index).toFixed(1)} MB | \`p${11 - index}\` | \`1\` | apk |`))
  })

  test('show eight packages and folders that changed, in the order in which they come', () => {
    const comparison = {
      ...size.comparison,
      packages: many(12, (index) => ({ manager: 'apk', name: `p${index}`, before: '1', after: '2', bytes: 1e6 })),
      folders: many(12, (index) => ({ path: `${index}${'x'.repeat(200)}`, bytes: 1e6, before: 0, after: 1e6 })),
    } as never
    const text = details({ ...size, comparison })
    expect(tableRows(text, 'Package')).toEqual(many(8, (index) => `| +1.0 MB | \`p${index}\` | \`1\` | \`2\` | apk |`))
    expect(tableRows(text, 'Folder or file')).toEqual(
      many(8, (index) => `| +1.0 MB | \`${index}${'x'.repeat(118)}…\` | 0 B | 1.0 MB |`),
    )
  })

  test('split a size only where both parts are known', () => {
    const parts = (more: object) => details({ ...size, comparison: { ...size.comparison, ...more } as never })
    const [base, own] = [change(1e6, 2e6), { before: { unknown: 'x' }, after: { bytes: 3e6 } }]
    expect(parts({ base, own })).toContain('- Download: base image 2.0 MB (+1.0 MB), own layers 3.0 MB\n')
    for (const one of [{ base }, { own }, {}]) expect(parts(one)).not.toContain('Download:')
  })

  test.each([
    [
      'cache',
      'the last build of main',
      'the last build of main (sizes from the cache, manifest `sha256:012e012e012e…`)',
    ],
    ['cache', undefined, '`the-key` (sizes from the cache, manifest `sha256:012e012e012e…`)'],
    ['file', 'chosen', '`the-key` (chosen, manifest `sha256:012e012e012e…`)'],
  ] as const)('name the baseline: %s, %s', (source, chosen, text) => {
    const { commit: _, ...baseline } = size.baseline as NonNullable<SizeResult['baseline']>
    const made = { ...baseline, source, reference: 'the-key', ...(chosen !== undefined && { chosen }) }
    expect(details({ ...size, baseline: made })).toContain(`- Compared with ${text}\n`)
  })

  test.each([
    [0, 'base image'],
    [1, 'line 4'],
    [2, 'layer 3'],
    [7, 'layer 8'],
  ])('layer %d is from "%s"', (index, place) => {
    const layers = [layer, { ...layer, line: 4 }, layer]
    expect(layerOrigin({ layers, base: { reference: 'x', layers: 1 } }, index)).toBe(place)
    if (index === 0) expect(layerOrigin({ layers }, index)).toBe('layer 1')
  })

  test('a command is what a person wrote', () => {
    expect(commandOf('RUN /bin/sh -c apk add x # buildkit')).toBe('RUN apk add x')
    expect(commandOf(undefined)).toBe('')
  })
})
