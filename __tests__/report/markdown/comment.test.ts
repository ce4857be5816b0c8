import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { readMarker } from '../../../src/github/comment-marker.ts'
import { commentLimit, renderComment } from '../../../src/report/markdown/comment.ts'
import { sharedReasons } from '../../../src/report/markdown/reasons.ts'
import { renderSummary } from '../../../src/report/markdown/summary.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { anyText } from '../../fixtures/any-text.ts'
import { nodes, parse, tablesIn, tablesOf } from '../parse.ts'
import { addon, compared, failing, report, target } from '../reports.ts'
import { situations } from '../situations.ts'

const key = 'build'
const comment = (name: string): string => renderComment((situations[name] as () => Report)(), { key })
const firstLine = (text: string): string => text.split('\n')[0] ?? ''

/** Rewritten with UPDATE_GOLDEN=1, then read by a person. */
function expectGolden(name: string, text: string): void {
  const file = new URL(`../golden/${name}.md`, import.meta.url)
  if (process.env.UPDATE_GOLDEN === '1' || !existsSync(file)) {
    if (process.env.CI) throw new Error(`golden/${name}.md is missing`)
    writeFileSync(file, text)
  }
  expect(text).toBe(readFileSync(file, 'utf8'))
}

describe('the comment of each situation', () => {
  test.each(Object.keys(situations))('%s is as in its golden file', (name) => {
    expectGolden(name, comment(name))
  })

  test.each(Object.keys(situations))('%s has as many cells in each row as in its head', (name) => {
    for (const [head, ...rows] of tablesOf(comment(name))) {
      for (const row of rows) expect(row).toHaveLength(head?.length ?? 0)
    }
  })

  test.each([
    ['first-run', '### ✅ AICleaner v3 1.2.3: 3 architectures passed, first measurement'],
    ['shrink', '### ✅ AICleaner v3 1.2.3: 3 architectures passed, up to 56.4 MB smaller (−60.8 %)'],
    ['over-budget', '### ❌ AICleaner v3 1.2.3: over the size budget: amd64'],
    ['one-architecture-failed', '### ❌ AICleaner v3 1.2.3: build failed for armv7; smoke test failed for aarch64'],
    ['identical', '### ✅ AICleaner v3 1.2.3: 3 architectures passed, identical images'],
    ['warned-by-label', '### ⚠️ AICleaner v3 1.2.3: 1 architecture passed, with 1 warning, 54.3 MB larger (+149.2 %)'],
    ['growth', '### ✅ AICleaner v3 1.2.3: 3 architectures passed, armv7 52.8 MB larger (+146.3 %)'],
    [
      'base-refresh',
      '### ✅ AICleaner v3 1.2.3: 3 architectures passed, 684.0 kB larger each (+1.9 %), all of it in the base image',
    ],
    ['sixty-add-ons', '### ✅ 60 add-ons: 180 images passed, 6 of 180 images 4.2 MB larger each (+10.8 % to +11.8 %)'],
    ['input-refused', '### ❌ aicleaner-build: invalid input'],
    ['artifact-lost', '### ❌ AICleaner v3 1.2.3: an artifact is missing or cannot be used'],
  ])('%s has its verdict in the first line', (name, line) => {
    expect(firstLine(comment(name))).toBe(line)
  })
})

describe('the list of changes', () => {
  test('names the step and its line in the Dockerfile, once for all architectures, whose figures differ', () => {
    expect(comment('shrink')).toContain(
      '- `amd64` `aarch64` `armv7` −139.0 MB to −143.0 MB: 3 packages were removed: gcc',
    )
    expect(comment('growth')).toContain(
      '- `armv7` +139.0 MB: 3 packages stay in the image, added by `RUN apk add --no-cache gcc musl-dev libffi ffmpeg-libs` at Dockerfile line 14: gcc 14.2.0-r4 (127.0 MB)',
    )
  })

  test('does not call a change too small to see one of the base image', () => {
    const size = compared(57e6, 57e6 + 25_000, { changes: ['+130.2 kB: Python package idna went from 3.4 to 3.10'] })
    const own = { base: { before: { bytes: 1 }, after: { bytes: 1 }, bytes: 0 }, own: size.comparison?.download }
    const comparison = {
      ...size.comparison,
      onDisk: { before: { bytes: 1 }, after: { bytes: 130_000 }, bytes: 130_000 },
      ...own,
    }
    const line = firstLine(
      renderComment(report([addon([target('amd64', { size: { ...size, comparison } as typeof size })])]), { key }),
    )
    expect(line).toContain('25.0 kB larger (+0.04 %)')
    expect(line).not.toContain('base image')
  })

  test('names a base image once, with any architecture in its name', () => {
    expect(comment('base-refresh')).toContain(
      '- `amd64` `aarch64` `armv7` +684.0 kB to download: the base image `ghcr.io/home-assistant/{arch}-base-python:3.12-alpine3.21` was updated, own layers did not change',
    )
  })

  test('does not repeat the largest change', () => {
    expect(comment('over-budget').match(/Look first/g)).toHaveLength(1)
  })

  test('mentions that the label lets a failure pass', () => {
    expect(comment('warned-by-label')).toMatch(
      /^- ⚠️ `amd64` size: 10\.7 MB over max-size.*The label size-ok lets it pass\.$/m,
    )
  })

  test('names the choice of the baseline, its commit and its digest', () => {
    const footer = comment('previous-version').match(/<sub>.*<\/sub>/)?.[0] ?? ''
    expect(footer).toContain('`ghcr.io/org/{arch}-aicleaner:1.2.2` (the highest of 14 published versions below 1.2.3')
    expect(footer).toMatch(/commit \[`ccccccc`\]/)
    expect(footer).toMatch(/armv7 `sha256:[0-9a-f]{12}…`/)
  })

  test('shows the build context and what to exclude from it', () => {
    const text = comment('first-run')
    expect(text).toContain('1240 files, 85.2 MB; 61 files, 2.6 MB after .dockerignore (saves 82.6 MB)')
    expect(text).toContain('| `**/__pycache__` | 18 | 212.0 kB |')
  })
})

describe('the table', () => {
  test('begins with the columns of the AICleaner guide', () => {
    expect(tablesOf(comment('shrink'))[0]?.[0]?.slice(0, 4)).toEqual(['Architecture', 'Before', 'After', 'Reduction'])
  })

  test('folds what did not change away', () => {
    const text = comment('growth')
    const open = text.slice(0, text.indexOf('<details>'))
    expect(open).toContain('armv7')
    expect(open).not.toContain('aarch64')
    expect(text).toContain('2 architectures unchanged')
  })
})

describe('tiers', () => {
  const hundreds = (number: number): Report =>
    report(
      Array.from({ length: number }, (_, index) =>
        addon(
          [
            target('amd64', {
              addon: `a${index}`,
              size: compared(1e7, 2e7, { changes: [`+10.0 MB: folder f${index}`] }),
            }),
          ],
          { slug: `a${index}` },
        ),
      ),
    )

  test('everything is shown while there is room', () => {
    expect(comment('shrink')).toContain('Created by')
  })

  test('layers and files go first, then what is long, and the verdict stays', () => {
    const big = hundreds(400)
    const [all, less, verdict] = [1e6, commentLimit, 900].map((limit) => renderComment(big, { key, limit }))
    expect(all).toContain('Created by')
    expect(less).not.toContain('Created by')
    expect(less).toContain('a399')
    expect(verdict).toContain('[job summary](')
    expect(new Set([all, less, verdict].map((text) => firstLine(text ?? ''))).size).toBe(1)
  })

  test('never exceed the limit and keep the marker, for reports of any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1200, max: commentLimit }), (number, limit) => {
        const text = renderComment(hundreds(number), { key, limit })
        expect(text.length).toBeLessThanOrEqual(limit)
        expect(readMarker(text)).toMatchObject({ key, run: '1001', attempt: 1 })
      }),
      { numRuns: 6 },
    )
  })

  test('a log of any length fits', () => {
    const text = renderComment(
      report(
        [
          addon([
            target('amd64', {
              build: {
                status: 'failed',
                durationMs: 1,
                emulated: false,
                reason: 'no',
                log: Array(5000).fill('x'.repeat(5000)),
              },
            }),
          ]),
        ],
        {
          verdict: failing({
            gate: 'build',
            addon: 'aicleaner_v3',
            architecture: 'amd64',
            message: 'y'.repeat(200_000),
          }),
        },
      ),
      { key },
    )
    expect(text.length).toBeLessThanOrEqual(commentLimit)
    expect(text).toContain('end of the build log')
  })
})

describe('hostile names', () => {
  const evil = fc.stringMatching(/^[|`\\<>@#\n\r[\]()!*_$&a-z\u202e\u200b-]{1,30}$/)

  test('leave every table well formed and add no link, image or mention', () => {
    const links = (all: readonly Nodes[]): number =>
      all.filter(({ type }) => type === 'link' || type === 'image').length
    const plain = nodes(parse(renderComment(withName('plain'), { key })))
    fc.assert(
      fc.property(evil, (name) => {
        const text = renderComment(withName(name), { key })
        const all = nodes(parse(text))
        for (const [head, ...rows] of tablesIn(all)) {
          for (const row of rows) expect(row).toHaveLength(head?.length ?? 0)
        }
        expect(tablesIn(all)).toHaveLength(tablesIn(plain).length)
        expect(links(all)).toBe(links(plain))
        expect(readMarker(text)?.key).toBe(key)
        for (const node of all) if (node.type === 'text') expect(node.value).not.toMatch(/@[a-z]|#\d/)
      }),
      { numRuns: 60 },
    )
  })

  function withName(name: string): Report {
    const size = compared(1e7, 2e7, { changes: [`+10.0 MB: package ${name} was added`] })
    const { measure } = size
    const layers = measure.layers.map((layer) => ({ ...layer, createdBy: `RUN ${name}` }))
    const contents = measure.contents && {
      ...measure.contents,
      waste: measure.contents.waste.map((waste) => ({ ...waste, path: name })),
      packages: measure.contents.packages.map((each) => ({ ...each, name, version: name })),
    }
    return report(
      [
        addon(
          [
            target('amd64', {
              addon: name,
              size: {
                ...size,
                measure: { ...measure, layers, ...(contents && { contents }) },
                ...(size.baseline && { baseline: { ...size.baseline, reference: name, chosen: name } }),
              },
              audit: [
                {
                  rule: name,
                  severity: 'warning',
                  message: name,
                  fix: name,
                  where: { file: name, line: 1, column: 1 },
                },
              ],
            }),
          ],
          {
            slug: name,
            name: `n ${name}`,
            version: name,
            contexts: [
              {
                folder: name,
                dockerfile: name,
                ignoreFile: name,
                before: { files: 2, bytes: 9e6 },
                after: { files: 1, bytes: 1e6 },
                exclude: [{ pattern: name, reason: name, files: 1, bytes: 1e6 }],
                largestFiles: [{ path: name, bytes: 1e6 }],
              },
            ],
          },
        ),
        addon([target('armv7', { addon: 'other' })], { slug: 'other' }),
      ],
      {
        verdict: {
          passed: false,
          reasons: [{ gate: 'smoke', addon: name, architecture: 'amd64', message: name }],
          warnings: [],
        },
      },
    )
  }
})

describe('a hidden marker', () => {
  test('inside a log is not mistaken for that of the comment', () => {
    const fake = '<!-- aicleaner-build key=other run=9 attempt=9 head=x news=no -->'
    const text = renderComment(
      report(
        [
          addon([
            target('amd64', { build: { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: [fake] } }),
          ]),
        ],
        {
          verdict: failing({ gate: 'build', addon: 'aicleaner_v3', architecture: 'amd64', message: fake }),
        },
      ),
      { key },
    )
    expect(readMarker(text)).toMatchObject({ key, run: '1001' })
  })

  test('marks whether anything changed', () => {
    expect(readMarker(comment('identical'))?.notable).toBe(false)
    expect(readMarker(comment('growth'))?.notable).toBe(true)
    expect(readMarker(comment('first-run'))?.notable).toBe(true)
  })

  test('carries any key', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 40 }), (any) => {
        expect(readMarker(renderComment(report([]), { key: any }))?.key).toBe(any.toWellFormed())
      }),
    )
  })
})

describe('the job summary', () => {
  test('is the comment with a chart and without a marker', () => {
    const text = renderSummary((situations.shrink as () => Report)())
    expect(text).toContain('```mermaid')
    expect(text).toContain('bar [36.4, 36.3, 36.1]')
    expect(text).toContain('line [92.8, 91.9, 91]')
    expect(readMarker(text)).toBeUndefined()
  })

  test('has no chart of a single bar', () => {
    expect(renderSummary(report([addon([target('amd64', { size: compared(1e7, 2e7) })])]))).not.toContain('mermaid')
  })

  test('fits into a megabyte of bytes', () => {
    const many = report(
      Array.from({ length: 3000 }, (_, index) =>
        addon([target('amd64', { addon: `a${index}`, size: compared(1e7, 2e7) })], { slug: `a${index}` }),
      ),
    )
    expect(Buffer.byteLength(renderSummary(many))).toBeLessThanOrEqual(1_000_000)
  })
})

describe('reasons', () => {
  const of = (...messages: readonly string[]) =>
    sharedReasons(
      messages.map((message, index) => ({
        gate: 'smoke',
        addon: 'a',
        architecture: index === 0 ? 'amd64' : 'armv7',
        message,
      })),
      false,
    )

  test('that differ in a time alone are one', () => {
    expect(of('stops: stopped in 338 ms, with exit code 143', 'stops: stopped in 1.2 s, with exit code 143')).toEqual([
      { gate: 'smoke', names: ['amd64', 'armv7'], message: 'stops: stopped in …, with exit code 143' },
    ])
  })

  test('that differ in how often was asked, in memory and in that it was emulated are one', () => {
    expect(
      of(
        'not ready within 1 min: HEALTHCHECK: 1 probe, the last exit code 1 after 40 ms: cold',
        'not ready within 5 min (emulated): HEALTHCHECK: 97 probes, the last exit code 1 after 1.4 s: cold',
      ),
    ).toEqual([
      {
        gate: 'smoke',
        names: ['amd64', 'armv7'],
        message: 'not ready within …: HEALTHCHECK: … probes, the last exit code 1 after …: cold',
      },
    ])
    expect(of('out of memory after 1 min 5 s', 'out of memory after 2 s')).toHaveLength(1)
    expect(of('killed, 7.5 MiB at its peak', 'killed, 11.0 MiB at its peak')).toHaveLength(1)
  })

  test('that differ in anything else are not', () => {
    expect(of('exit code 143', 'exit code 137')).toHaveLength(2)
  })

  test('keep their time if no other image shares them', () => {
    expect(of('not healthy within 60 s')[0]?.message).toBe('not healthy within 60 s')
  })
})
