import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { type Architecture, architectures } from '../../src/core/architecture.ts'
import { readMarker } from '../../src/github/comment-marker.ts'
import { condense } from '../../src/report/condense.ts'
import { commentLimit, renderComment, tiers } from '../../src/report/markdown/comment.ts'
import type { Report } from '../../src/report/model/report.ts'
import { joinParts, mergeParts, type Part } from '../../src/report/parts.ts'
import { readParts, renderShared } from '../../src/report/shared-comment.ts'
import { partOf, scope, visible } from './parts.ts'
import { addon, compared, failing, report, run, target, unhealthy } from './reports.ts'
import { situations } from './situations.ts'

const key = 'build'
const situation = (name: string): Report => (situations[name] as () => Report)()
const golden = (name: string): URL => new URL(`golden/${name}.md`, import.meta.url)

const architecturesOf = ({ addons }: Report): readonly Architecture[] =>
  architectures.filter((one) => addons.some(({ targets }) => targets.some(({ architecture }) => architecture === one)))

const several = Object.keys(situations).filter((name) => architecturesOf(situation(name)).length > 1)

/** One part for each architecture, as the jobs of a matrix have them. */
const split = (whole: Report): readonly Part[] => architecturesOf(whole).map((one) => partOf(whole, [one]))

describe('the comment of one job for each architecture', () => {
  test.each(several.filter((name) => name !== 'sixty-add-ons'))('of %s reads as that of one job', (name) => {
    const parts = split(situation(name))
    expect(parts.length).toBeGreaterThan(1)
    expect(visible(renderShared(parts, { key }))).toBe(readFileSync(golden(name), 'utf8'))
  })

  test.each(several)('of %s is the same when it is read and written again', (name) => {
    const text = renderShared(split(situation(name)), { key })
    expect(text.length).toBeLessThanOrEqual(commentLimit)
    expect(renderShared(readParts(text), { key })).toBe(text)
    expect(renderShared(readParts(text.replaceAll('\n', '\r\n')), { key })).toBe(text)
  })

  test('with a job that failed before it built is as in its golden file', () => {
    const whole = situation('one-architecture-failed')
    const refused = report([], {
      verdict: failing({ gate: 'input', message: 'Input "max-size": "a lot" is not a size. Write as in "120MB".' }),
      publication: { status: 'not-published', reason: 'Nothing was built.' },
    })
    const parts = mergeParts([
      partOf(refused, ['i386']),
      partOf(whole, ['armv7']),
      partOf(whole, ['amd64']),
      partOf(whole, ['aarch64']),
    ])
    const text = visible(renderShared(parts, { key }))
    const file = golden('several-jobs')
    if (process.env.UPDATE_GOLDEN === '1' || !existsSync(file)) {
      if (process.env.CI) throw new Error('golden/several-jobs.md is missing')
      writeFileSync(file, text)
    }
    expect(text).toBe(readFileSync(file, 'utf8'))
  })

  test('has failed where one job has, and names it', () => {
    const refused = report([], { verdict: failing({ gate: 'environment', message: 'Docker does not answer.' }) })
    const passed = partOf(situation('identical'), ['amd64'])
    const text = renderShared(mergeParts([passed, partOf(refused, ['aarch64'])]), { key })
    expect(text.split('\n')[0]).toBe('### ❌ AICleaner v3 1.2.3: environment error')
    expect(text).toContain('- ❌ `aarch64` environment: Docker does not answer.')
    expect(text).toMatch(/\| `amd64` \|/)
  })

  test('has one row for each architecture of each add-on, in the order of architectures', () => {
    const of = (architecture: Architecture) =>
      partOf(
        report(
          ['one', 'two'].map((slug) =>
            addon([target(architecture, { addon: slug, size: compared(1e7, 2e7) })], { slug }),
          ),
        ),
        [architecture],
      )
    const joined = joinParts(mergeParts((['i386', 'aarch64', 'amd64'] as const).map(of)))
    expect(joined.addons.map(({ slug, targets }) => [slug, targets.map(({ architecture }) => architecture)])).toEqual([
      ['one', ['amd64', 'aarch64', 'i386']],
      ['two', ['amd64', 'aarch64', 'i386']],
    ])
  })
})

const withRun = (part: Part, changes: Partial<Report['run']>): Part => ({
  ...part,
  report: { ...part.report, run: { ...part.report.run, ...changes } },
})

/** A job of some attempt; `after` tells its figures apart. */
const job = (chosen: readonly Architecture[], attempt: number, after: number, passed = true): Part =>
  withRun(
    partOf(
      report([addon(chosen.map((one) => target(one, { size: compared(1e7, after) })))], {
        verdict: passed
          ? { passed, reasons: [], warnings: [] }
          : failing(
              ...chosen.map(
                (architecture) => ({ gate: 'smoke', addon: 'aicleaner_v3', architecture, message: 'no' }) as const,
              ),
            ),
      }),
      chosen,
    ),
    { runAttempt: attempt },
  )

const anyParts = fc
  .array(
    fc.record({
      chosen: fc.subarray([...architectures]),
      attempt: fc.integer({ min: 1, max: 3 }),
      after: fc.integer({ min: 1e7, max: 5e7 }),
      passed: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.map(({ chosen, attempt, after, passed }) => job(chosen, attempt, after, passed)))

describe('merging parts', () => {
  test('gives the same in any order, keeps each architecture once, and changes nothing when it is done again', () => {
    fc.assert(
      fc.property(
        anyParts.chain((parts) =>
          fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })),
        ),
        ([parts, shuffled]) => {
          const merged = mergeParts(parts)
          expect(mergeParts(shuffled)).toEqual(merged)
          expect(mergeParts([...merged, ...merged])).toEqual(merged)
          const rows = merged.flatMap((part) => part.architectures)
          expect(new Set(rows).size).toBe(rows.length)
          expect(new Set(rows)).toEqual(new Set(parts.flatMap((part) => part.architectures)))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('keeps the row of the later attempt, else of the job that failed', () => {
    const figures = (...parts: readonly Part[]) =>
      mergeParts(parts).map(({ architectures: [one], report: { addons, verdict } }) => [
        one,
        addons[0]?.targets[0]?.size?.measure.download,
        verdict.passed,
      ])
    const other = job(['aarch64'], 1, 4e7)
    expect(figures(job(['amd64'], 1, 2e7, false), other, job(['amd64'], 2, 3e7))).toEqual([
      ['amd64', 3e7, true],
      ['aarch64', 4e7, true],
    ])
    expect(figures(job(['amd64'], 1, 2e7), job(['amd64'], 1, 3e7, false))).toEqual([['amd64', 3e7, false]])
  })

  test('takes from a job what another one built later', () => {
    const merged = mergeParts([job(['amd64', 'armv7'], 1, 2e7, false), job(['amd64'], 2, 3e7)])
    expect(merged.map((part) => part.architectures)).toEqual([['amd64'], ['armv7']])
    const { addons, verdict } = joinParts(merged)
    expect(addons[0]?.targets.map(({ architecture }) => architecture)).toEqual(['amd64', 'armv7'])
    expect(verdict.reasons.map(({ architecture }) => architecture)).toEqual(['armv7'])
  })

  test('keeps invalid inputs without an architecture until the next attempt', () => {
    const refused = (message: string, attempt: number): Part =>
      withRun(partOf(report([], { verdict: failing({ gate: 'input', message }) }), []), { runAttempt: attempt })
    const all = mergeParts([refused('b', 1), job(['amd64'], 1, 2e7), refused('a', 1), refused('b', 1)])
    expect(all.map((part) => part.architectures)).toEqual([['amd64'], []])
    expect(joinParts(all).verdict.reasons.map(({ message }) => message)).toEqual(['a', 'b'])
    expect(joinParts(mergeParts([...all, job(['aarch64'], 2, 2e7)])).verdict).toMatchObject({
      passed: true,
      reasons: [],
    })
  })

  test('keeps parts of other targets apart', () => {
    const merged = mergeParts([job(['amd64'], 1, 2e7), { ...job(['amd64'], 1, 3e7), scope: 'Build other' }])
    expect(merged.map((part) => part.scope)).toEqual(['Build aicleaner', 'Build other'])
  })
})

describe('one report over all parts', () => {
  const part = (parts: Partial<Report>, chosen: readonly Architecture[] = ['amd64']): Part => ({
    ...{ scope, architectures: chosen, tier: 'all' },
    report: report([], parts),
  })
  const notPublished = { status: 'not-published', reason: 'No.' } as const

  test('is that of the newest attempt, and published where one of them is', () => {
    const newer = { run: { ...run, runAttempt: 2 } }
    const joined = joinParts([
      part({ publication: notPublished }),
      part({ ...newer, publication: { status: 'published' } }),
    ])
    expect(joined).toMatchObject({ run: { runAttempt: 2 }, publication: { status: 'published' } })
    expect(joinParts([part({ publication: notPublished }), part({})]).publication).toEqual(notPublished)
    expect(() => joinParts([])).toThrow(new RangeError('There is no part to report.'))
  })

  test('names the architecture of a reason of a whole job that had one', () => {
    const verdict = failing({ gate: 'input', message: 'm' })
    const reasonsOf = (chosen: readonly Architecture[]) => joinParts([part({ verdict }, chosen)]).verdict.reasons
    expect(reasonsOf(['armv7'])).toEqual([{ gate: 'input', message: 'm', architecture: 'armv7' }])
    expect(reasonsOf(['armv7', 'i386'])).toEqual([{ gate: 'input', message: 'm' }])
    expect(reasonsOf([])).toEqual([{ gate: 'input', message: 'm' }])
    const ofAddon = failing({ gate: 'size', addon: 'a', message: 'm' })
    expect(joinParts([part({ verdict: ofAddon })]).verdict.reasons).toEqual(ofAddon.reasons)
  })

  test('has a reason, a warning and a build context once', () => {
    const context = {
      ...{ folder: 'a', dockerfile: 'a/Dockerfile', exclude: [], largestFiles: [] },
      ...{ before: { files: 1, bytes: 1 }, after: { files: 1, bytes: 1 } },
    }
    const reason = { gate: 'size', addon: 'a', architecture: 'amd64', message: 'm' } as const
    const verdict = { passed: false, reasons: [reason], warnings: [reason] }
    const one = { ...part({ verdict }), report: report([addon([], { contexts: [context] })], { verdict }) }
    const joined = joinParts([one, one])
    expect(joined.verdict).toEqual(verdict)
    expect(joined.addons).toEqual([addon([], { contexts: [context] })])
    const { manifest: _, ...bare } = addon([])
    expect(joinParts([{ ...part({}), report: report([bare]) }]).addons).toEqual([bare])
  })

  test('has a hundred parts at most, in the order of scopes, then of architectures', () => {
    const parts = Array.from({ length: 120 }, (_, index) => ({
      ...job([index % 2 === 0 ? 'armv7' : 'amd64'], 1, 2e7),
      scope: `scope ${String(Math.floor(index / 2)).padStart(3, '0')}`,
    }))
    const merged = mergeParts(parts.toReversed())
    expect(merged).toHaveLength(100)
    expect(merged.slice(0, 3).map((one) => [one.scope, one.architectures])).toEqual([
      ['scope 000', ['amd64']],
      ['scope 000', ['armv7']],
      ['scope 001', ['amd64']],
    ])
  })

  test('keeps twenty reasons of refused inputs', () => {
    const refused = (index: number): Part =>
      part({ verdict: failing({ gate: 'input', message: `m${String(index).padStart(2, '0')}` }) }, [])
    const [only] = mergeParts(Array.from({ length: 25 }, (_, index) => refused(24 - index)))
    expect(only?.report.verdict.reasons.map(({ message }) => message)).toEqual(
      Array.from({ length: 20 }, (_, index) => `m${String(index).padStart(2, '0')}`),
    )
  })

  test('of two parts with the same architecture keeps the one with more architectures, else with more details', () => {
    const both = job(['amd64', 'armv7'], 1, 3e7)
    expect(mergeParts([job(['amd64'], 1, 2e7), both])).toEqual([both])
    const short = { ...job(['amd64'], 1, 2e7), tier: 'changed' as const }
    const long = job(['amd64'], 1, 9e7)
    expect(mergeParts([short, long])).toEqual([long])
  })
})

describe('a condensed report', () => {
  test.each(Object.keys(situations))('of %s is the same when it is condensed twice', (name) => {
    const whole = situation(name)
    for (const [index, tier] of tiers.entries()) {
      const once = condense(whole, tier)
      for (const finer of tiers.slice(0, index + 1)) expect(condense(condense(whole, finer), tier)).toEqual(once)
    }
  })
})

describe('the limit of a comment', () => {
  const many = (number: number): readonly Part[] =>
    (['amd64', 'aarch64', 'armv7'] as const).map((one, place) =>
      partOf(
        report(
          Array.from({ length: number }, (_, index) => {
            const size = compared(1e7 + index, 2e7, {
              seed: index * 3 + place,
              changes: [`+10.0 MB: folder f${index}`],
            })
            return addon([target(one, { addon: `a${index}`, size })], { slug: `a${index}` })
          }),
        ),
        [one],
      ),
    )

  test('holds for all jobs together, and no part is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), (number) => {
        const parts = many(number)
        // Jobs write one after the other: what was shortened for one is not told in full by the next.
        const first = renderShared(parts.slice(0, 2), { key })
        const text = renderShared(mergeParts([...readParts(first), ...parts.slice(2)]), { key })
        expect(text.length).toBeLessThanOrEqual(commentLimit)
        expect(text.split('\n')[0]).toMatch(number === 1 ? /3 architectures passed/ : `${number * 3} images passed`)
        expect(readParts(text).map((part) => part.architectures)).toEqual([['amd64'], ['aarch64'], ['armv7']])
        expect(readMarker(text)).toMatchObject({ key, run: run.runId })
      }),
      { numRuns: 5, examples: [[60], [150]] },
    )
  })

  test('holds for logs of any length', () => {
    const log = Array(5000).fill('x'.repeat(5000))
    const build = { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log } as const
    const smoke = { ...unhealthy(), reason: 'y'.repeat(200_000) }
    const parts = [
      partOf(report([addon([target('amd64', { build })])]), ['amd64']),
      partOf(report([addon([target('armv7', { smoke })])]), ['armv7']),
    ]
    const text = renderShared(parts, { key })
    expect(text.length).toBeLessThanOrEqual(commentLimit)
    expect(text).toContain('end of the build log')
    expect(readParts(text)).toHaveLength(2)
  })

  test('is kept to the last character: a longer comment is shortened', () => {
    const one = partOf(situation('mixed'), ['amd64'])
    const text = renderShared([one], { key })
    expect(renderShared([one], { key, limit: text.length })).toBe(text)
    const less = renderShared([one], { key, limit: text.length - 1 })
    expect([text, less].map((made) => made.includes('Created by'))).toEqual([true, false])
    expect(readParts(less).map(({ tier }) => tier)).toEqual(['no-files'])
  })

  test.each(tiers)('applies the tier of the least detailed part: %s', (tier) => {
    const [first, second] = [partOf(situation('mixed'), ['amd64']), partOf(situation('mixed'), ['armv7'], { tier })]
    expect(readParts(renderShared([first, second], { key })).map((part) => part.tier)).toEqual([tier, tier])
  })

  test('has the commit of the pull request in its marker, else the one that was built', () => {
    const one = partOf(situation('identical'), ['amd64'])
    const { headSha: _, ...push } = one.report.run
    const headOf = (part: Part) => readMarker(renderShared([part], { key }))?.head
    expect(headOf(one)).toBe(run.headSha)
    expect(headOf({ ...one, report: { ...one.report, run: push } })).toBe(run.sha)
  })

  test('is an error where not even the verdict fits', () => {
    expect(() => renderShared(many(40), { key, limit: 1200 })).toThrow(/3 jobs do not fit/)
  })
})

describe('the parts that are read from a comment', () => {
  const parts = split(situation('identical'))
  const text = renderShared(parts, { key })
  const hidden = /parts=(\S+) -->/.exec(text)?.[1] ?? ''
  const withState = (state: string): string => text.replace(hidden, state)
  const packed = (value: unknown): string => brotliCompressSync(JSON.stringify(value)).toString('base64')
  const condensed = readParts(text)

  test('are those that were written', () => {
    expect(condensed).toEqual(parts.map((part) => ({ ...part, report: condense(part.report, 'all') })))
  })

  test.each([
    ['no parts', renderComment(situation('identical'), { key })],
    ['other characters', withState('<!--')],
    ['text that is not compressed', withState('aGVsbG8=')],
    ['JSON that is none', withState(brotliCompressSync('{').toString('base64'))],
    ['more than can be meant', withState(brotliCompressSync(' '.repeat(5_000_000)).toString('base64'))],
    ['another version', withState(packed({ version: 2, parts: condensed }))],
    [
      'a field of another type',
      withState(packed({ version: 1, parts: condensed.map((part) => ({ ...part, scope: 7 })) })),
    ],
    [
      'an architecture that is none',
      withState(packed({ version: 1, parts: condensed.map((part) => ({ ...part, architectures: ['sparc'] })) })),
    ],
    ['lists in lists', withState(brotliCompressSync('['.repeat(1_000_000)).toString('base64'))],
    ['parts of a later attempt than that of the comment', text.replace(/ attempt=\d+/, ' attempt=0')],
    ['parts of another run', text.replace(/ run=\d+/, ' run=7')],
    [
      'parts that are not in the line before the marker',
      text.replace('\n<!-- aicleaner-build key', '\n\n<!-- aicleaner-build key'),
    ],
    ['no marker', `${text}\nmore`],
  ])('are none if there are %s', (_, body) => expect(readParts(body)).toEqual([]))

  test('have only the fields of a condensed report, with the architectures of the part', () => {
    const [first] = parts
    const forged = {
      ...first,
      architectures: ['armhf'],
      more: 1,
      report: { ...first?.report, diagnostics: [], extra: 'x' },
    }
    const [read] = readParts(withState(packed({ version: 1, parts: [forged] })))
    expect(read?.report.addons.flatMap(({ targets }) => targets)).toEqual([])
    expect(Object.keys(read ?? {}).sort()).toEqual(['architectures', 'report', 'scope', 'tier'])
    expect(read?.report).not.toHaveProperty('extra')
  })

  test('are never more than were written, for any content of the line', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.base64String(),
          fc.string(),
          fc.json().map((json) => packed(json)),
        ),
        (state) => {
          const read = readParts(withState(state.replaceAll('\n', '')))
          expect(read.length).toBeLessThanOrEqual(parts.length)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('are not read from a log that contains such a line', () => {
    const fake = `<!-- aicleaner-build parts=${packed({ version: 1, parts: condensed })} -->`
    const build = { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: [fake] } as const
    const body = renderComment(report([addon([target('amd64', { build })])]), { key })
    expect(body).toContain('aicleaner-build parts')
    expect(readParts(body)).toEqual([])
  })

  test('have their scope', () => expect(condensed.map((part) => part.scope)).toEqual([scope, scope, scope]))
})
