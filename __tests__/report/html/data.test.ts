import { htmlImages } from '../../../src/report/html/data.ts'
import { anchor, escaped, jsonInHtml, sentence } from '../../../src/report/html/escape.ts'
import { renderHtml } from '../../../src/report/html/render.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { addon, compared, contents, first, measure, report, run, target } from '../reports.ts'
import { file, folder } from '../trees.ts'

test.each([
  [`&<>"'`, '&amp;&lt;&gt;&quot;&#39;'],
  ['a\u202eb\u001b[1m', 'a‹U+202E›b'],
])('%j is written as text: %s', (text, written) => expect(escaped(text)).toBe(written))

test.each([
  ['a `b <c>` d', 'a <code>b &lt;c&gt;</code> d'],
  ['`a``b`', '<code>a</code><code>b</code>'],
  ['a ` b', 'a ` b'],
  ['``', '``'],
])('the sentence %s is %s', (text, written) => expect(sentence(text)).toBe(written))

test.each([
  ['https://a.example/?a&b', '<a href="https://a.example/?a&amp;b" rel="noopener noreferrer">x</a>'],
  ['http://a.example', '<a href="http://a.example" rel="noopener noreferrer">x</a>'],
  [' https://a.example', 'x'],
  ['javascript:https://', 'x'],
])('a link to %s is %s', (address, written) => expect(anchor('x', address)).toBe(written))

test('data cannot end its element, nor a line of the script', () => {
  expect(jsonInHtml('<>&\u2028\u2029')).toBe(String.raw`"\u003c\u003e\u0026\u2028\u2029"`)
})

describe('what the explorer shows', () => {
  const images = (made: Report) => htmlImages(made)
  const bare = { ...measure(1e7), contents: undefined } as never
  const sized = (parts: object) => ({ ...first(1e7), measure: { ...measure(1e7), ...parts } })

  test('is each image that was measured, by its name', () => {
    const { smoke: _, ...rest } = target('armv7')
    const one = addon([target('amd64', { size: first(1e7) }), rest])
    expect(images(report([one])).map(({ name }) => name)).toEqual(['amd64'])
    expect(images(report([one, one])).map(({ name }) => name)).toEqual(['aicleaner_v3 amd64', 'aicleaner_v3 amd64'])
  })

  test('is what is known of both sides', () => {
    const layer = measure(1e7).layers[0] as ReturnType<typeof measure>['layers'][number]
    const size = {
      ...compared(1e7, 2e7),
      measure: {
        ...measure(2e7),
        layers: [
          { ...layer, line: 7, createdBy: `RUN a\u202eb ${'x'.repeat(400)}` },
          { ...layer, onDisk: { unknown: 'x' }, createdBy: undefined },
        ],
        contents: {
          ...contents,
          waste: [{ path: 'a\n\u202eb', bytes: 5, reason: 'deleted', writtenBy: 0, hiddenBy: 1 }],
          packages: [
            { manager: 'apk', name: 'a\u202e', version: '1\u202e', bytes: 3, layer: 1 },
            { manager: 'apk', name: 'b', version: '1', bytes: 3 },
          ],
          tree: folder('', [
            { ...file('x\ny', 9, 0), package: 1 },
            { name: 'bare', bytes: 4 },
          ]),
        },
      },
      baseline: { ...compared(1, 2).baseline, measure: { ...measure(1e7), layers: [], contents: undefined } },
    } as never
    expect(images(report([addon([target('amd64', { size })])]))).toEqual([
      {
        name: 'amd64',
        before: { packages: [], layers: [] },
        after: {
          tree: [
            '',
            13,
            [
              ['x␤y', 9, 0, 1],
              ['bare', 4, -1, -1],
            ],
          ],
          packages: [
            ['apk', 'a‹U+202E›', '1‹U+202E›', 3, 1],
            ['apk', 'b', '1', 3, -1],
          ],
          layers: [
            [layer.diffId, `RUN a‹U+202E›b ${'x'.repeat(400)}`.slice(0, 300), 12_000_000 / 2, 16_000_000, 'line 7'],
            [layer.diffId, '', 12_000_000 / 2, null, 'layer 2'],
          ],
          waste: [['a␤‹U+202E›b', 5, 'deleted', 0, 1]],
        },
      },
    ])
  })

  test('has no side before where nothing is compared, and no waste where contents were not read', () => {
    const [only] = images(report([addon([target('amd64', { size: { ...first(1e7), measure: bare } })])]))
    expect(Object.keys(only ?? {})).toEqual(['name', 'after'])
    expect(Object.keys(only?.after ?? {}).sort()).toEqual(['layers', 'packages'])
  })

  test('is as many of the heaviest files as all trees have room for', () => {
    const files = Array.from({ length: 1000 }, (_, index) => file(`f${index}`, index + 1))
    const tree = folder('', files)
    const targets = (number: number) =>
      Array.from({ length: number }, () => target('amd64', { size: sized({ contents: { ...contents, tree } }) }))
    const shown = (number: number): number => {
      const [only] = images(report([addon(targets(number))]))
      const children = only?.after.tree?.[2]
      return Array.isArray(children) ? children.length : 0
    }
    expect(shown(219)).toBe(1000)
    // Each has 500 of its 1001 nodes at least, the folder among them.
    expect(shown(500)).toBe(498)
  })
})

describe('the head of the page', () => {
  const about = (parts: Partial<Report>) => /<p class="about">(.*)<\/p>/.exec(renderHtml(report([], parts)))?.[1]

  test.each<[string, Partial<Report>]>([
    [
      '<time datetime="2026-11-23T10:04:12.000Z">2026-11-23 10:04:12 UTC</time> · published · aicleaner-build 1.0.0',
      {
        run: { ...run, repository: '', headSha: '', url: '', pullRequest: undefined } as never,
        publication: { status: 'published' },
      },
    ],
    [
      'org/addons · commit <code>9999999</code> · <a href="https://x.example/" rel="noopener noreferrer">run</a> · <time datetime="now">now</time> · not published: push was off · aicleaner-build &lt;1&gt;',
      {
        run: {
          ...run,
          headSha: undefined,
          url: 'https://x.example/',
          pullRequest: undefined,
          finishedAt: 'now',
        } as never,
        publication: { status: 'not-published', reason: 'Push was off.' },
        tool: { name: 'aicleaner-build', version: '<1>' },
      },
    ],
  ])('is %s', (text, parts) => expect(about(parts)).toBe(text))
})
