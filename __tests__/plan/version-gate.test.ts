import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compareVersions, parseVersion, withoutV } from '../../src/addon/version.ts'
import { describeVersion, hasEntry, versionProblem } from '../../src/plan/version-gate.ts'

const problemOf = (version: string, tags: readonly string[]) => {
  const { kind, highest, next } = versionProblem(version, tags) ?? {}
  return [kind, highest, next]
}
const isNew = [undefined, undefined, undefined]

describe('a version beside published tags', () => {
  test.each<[version: string, tags: readonly string[]]>([
    ['1.0.0', []],
    ['1.2.4', ['1.2.3', '1.2.2', 'latest']],
    ['1.10', ['1.9', '1.2']],
    ['1.10.0', ['1.9.9']],
    ['10', ['9', '8']],
    ['v1.2.4', ['v1.2.3']],
    ['1.2.4', ['v1.2.3']],
    ['v1.2.4', ['1.2.3']],
    // Tags that are no versions.
    ['1.2.4', ['latest', 'edge', 'dev', 'main', 'pr-99', 'sha-9999999', '9f9f9f9', 'aarch64', 'cache']],
    // Tags of a part of the version move with each release.
    ['1.2.0', ['1.1.9', '1.1', '1', '1.2']],
    ['2.0.0', ['1.9.9', '1.9', '2']],
    // Dates, commits that have only digits, numbers of runs.
    ['1.2.4', ['1.2.3', '20260716', '202607161530', '2026-07-16', '1234567', '4711']],
    ['1.2.4', ['1.2.3', '2026.07.16', '2026.7.1']],
    ['1.2', ['1.1', '2026.07']],
    ['8', ['7', '20260716', '1234567', '2026']],
    // Calendar versions.
    ['2025.12.1', ['2025.12.0', '2025.9.4', '2025.12.0b3']],
    ['2026.1.0', ['2025.12.11']],
    ['2026.1.0', ['1.2.3', '20251231']],
    ['20260717', ['20260716', '7']],
    // Revisions of somebody else's release.
    ['1.2.3-ls416', ['1.2.3-ls415', '1.2.3', 'v1.2.2-ls500']],
    ['1.2.3-r10', ['1.2.3-r9']],
    ['1.2.3-1', ['1.2.3', '1.2.3-rc.1']],
    ['1.2.4', ['1.2.3-ls416']],
    ['1.2.3+5', ['1.2.3-4', '1.2.3']],
    // A release is compared with releases, a pre-release with all.
    ['1.2.3', ['1.3.0-rc.1', '1.2.2', '2.0.0b1']],
    ['1.2.3', ['1.2.3-rc.1']],
    ['1.3.0-rc.2', ['1.3.0-rc.1', '1.2.9']],
    ['2025.12.0b1', ['2025.12.0b0', '2025.12.0.dev20251101', '2025.11.3']],
    ['1.2.3', ['1.2.2-amd64', '1.2.3-amd64', '1.2.3-alpine']],
    // No versions: other checks report them.
    ['dev', ['dev', '1.0.0']],
    ['latest', ['latest']],
  ])('%s is new beside %j', (version, tags) => {
    expect(problemOf(version, tags)).toEqual(isNew)
    expect(problemOf(version, tags.toReversed())).toEqual(isNew)
  })

  test.each<[version: string, tags: readonly string[], next: string, highest?: string]>([
    ['1.2.3', ['1.2.3', '1.2.2'], '1.2.4'],
    ['1.2.3', ['v1.2.3'], '1.2.4', 'v1.2.3'],
    ['v1.2.3', ['1.2.3'], 'v1.2.4', '1.2.3'],
    ['1.2.3', ['1.2.3', '2.0.0'], '2.0.1', '2.0.0'],
    ['v1.2.3', ['v1.2.3', '2.0.0'], 'v2.0.1', '2.0.0'],
    ['1.2.3', ['1.2.3', '1.3.0-rc.1'], '1.2.4'],
    ['1.9', ['1.9', '1.10'], '1.11', '1.10'],
    ['1.9', ['1.9'], '1.10'],
    ['7', ['7', '20260716'], '8'],
    ['2025.12.0', ['2025.12.0', '20260716'], '2025.12.1'],
    ['2025.12.0b3', ['2025.12.0b3', '2025.11.2'], '2025.12.0b4'],
    ['1.2.3-ls416', ['1.2.3-ls416', '1.2.3'], '1.2.3-ls417'],
    ['1.3.0-rc.1', ['1.3.0-rc.1'], '1.3.0-rc.2'],
    ['1.3.0-rc.1', ['1.3.0-rc.1', '1.3.0'], '1.3.1', '1.3.0'],
    ['1.3.0-beta', ['1.3.0-beta', '1.3.0-beta1'], '1.3.0-beta2', '1.3.0-beta1'],
    // A tag that only looks like a pre-release does not decide how the next one is written.
    ['1.2.4-beta1', ['1.2.4-beta1', '1.2.4-beta1-amd64', '1.2.4-beta1-abc1234'], '1.2.4-beta2', '1.2.4-beta1-amd64'],
    ['2.0.0B3', ['2.0.0b3'], '2.0.0B4', '2.0.0b3'],
    ['1.2.3+5', ['1.2.3-5'], '1.2.4', '1.2.3-5'],
  ])('%s is published among %j, and %s comes next', (version, tags, next, highest = version) => {
    expect(problemOf(version, tags)).toEqual(['published', highest, next])
    expect(problemOf(version, [...tags, 'latest', 'sha-1a2b3c4'].toReversed())).toEqual(['published', highest, next])
  })

  test.each<[version: string, tags: readonly string[], highest: string, next: string]>([
    ['1.2.3', ['2.0.0', '1.2.2'], '2.0.0', '2.0.1'],
    ['1.9', ['1.10'], '1.10', '1.11'],
    ['v1.2.3', ['2.0.0'], '2.0.0', 'v2.0.1'],
    ['1.2.3', ['1.2.3-1'], '1.2.3-1', '1.2.4'],
    ['1.2', ['1.2.3'], '1.2.3', '1.3'],
    ['1.3.0-rc.1', ['1.3.0'], '1.3.0', '1.3.1'],
    ['1.3.0-rc.1', ['1.3.0-rc.10'], '1.3.0-rc.10', '1.3.0-rc.11'],
    ['2025.9.4', ['2025.12.0'], '2025.12.0', '2025.12.1'],
    ['2025.12.0.dev20251101', ['2025.12.0b0'], '2025.12.0b0', '2025.12.0b1'],
    ['1.2.3-ls9', ['1.2.3-ls10'], '1.2.3-ls10', '1.2.3-ls11'],
  ])('%s among %j is lower than %s, and %s comes next', (version, tags, highest, next) => {
    expect(problemOf(version, tags)).toEqual(['lower', highest, next])
  })

  test.each<[version: string, tags: readonly string[], highest: string, next: string]>([
    ['1.2', ['1.2.0'], '1.2.0', '1.3'],
    ['1.02.0', ['1.2.0'], '1.2.0', '1.02.1'],
  ])('%s among %j is the same version as %s, and %s comes next', (version, tags, highest, next) => {
    expect(problemOf(version, tags)).toEqual(['same', highest, next])
  })

  test('without a higher one that fits into a tag is reported without a proposal', () => {
    const last = '9'.repeat(128)
    expect(versionProblem(last, [last])).toEqual({ kind: 'published', highest: last })
    const long = '9'.repeat(127)
    expect(versionProblem('v1', [`1${'0'.repeat(127)}`, 'v1'])?.kind).toBe('published')
    expect(versionProblem(`v${long}`, [long])).toEqual({ kind: 'published', highest: long })
  })
})

describe('any version and any tags', () => {
  const number = fc.nat(30)
  const start = fc.oneof(
    fc.tuple(number, number, number).map((parts) => parts.join('.')),
    fc.tuple(number, number).map((parts) => parts.join('.')),
    fc.tuple(fc.integer({ min: 2024, max: 2027 }), fc.nat(12), fc.nat(3)).map((parts) => parts.join('.')),
    number.map(String),
  )
  const end = fc.constantFrom('', '', '', '-rc1', 'b2', '-ls9', '-r3', '-beta', '.dev5', '-3', '+5')
  const version = fc
    .tuple(fc.constantFrom('', 'v'), start, end)
    .map((parts) => parts.join(''))
    .filter((text) => parseVersion(text) !== undefined)
  const tag = fc.oneof(
    { weight: 6, arbitrary: version.map((text) => text.replace('+', '-')) },
    fc.constantFrom('latest', 'sha-1a2b3c4', '20260716', '1234567', 'edge'),
    fc.stringMatching(/^\w[\w.-]{0,127}$/),
  )

  test('a proposed version is not published, a tag, and higher than the version and the highest', () => {
    let proposals = 0
    fc.assert(
      fc.property(version, fc.array(tag, { maxLength: 12 }), (text, tags) => {
        const problem = versionProblem(text, tags)
        if (problem?.next === undefined) return
        proposals += 1
        const next = parseVersion(problem.next)
        if (!next) throw new Error(problem.next)
        const used = tags.map((one) => withoutV(one).toLowerCase())
        expect(used).not.toContain(withoutV(problem.next).toLowerCase())
        for (const other of [text, problem.highest ?? text]) {
          const parts = parseVersion(other.replace('+', '-'))
          expect(parts && compareVersions(next, parts)).toBeGreaterThan(0)
        }
        expect(problem.next.startsWith('v')).toBe(text.startsWith('v'))
        // Who follows the proposal is not asked again.
        expect(versionProblem(problem.next, tags)).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
    expect(proposals).toBeGreaterThan(100)
  })

  test('the order of tags does not matter for what is reported', () => {
    fc.assert(
      fc.property(version, fc.uniqueArray(tag, { maxLength: 8 }), (text, tags) => {
        expect(versionProblem(text, tags.toReversed())?.kind).toBe(versionProblem(text, tags)?.kind)
      }),
    )
  })

  test('a published version is always reported', () => {
    fc.assert(
      fc.property(version, fc.array(tag), (text, tags) => {
        expect(versionProblem(text, [...tags, text.replace('+', '-')])?.kind).toBe('published')
      }),
    )
  })
})

test('a problem is a sentence with the version to set', () => {
  expect(describeVersion('1.2.3', { kind: 'published', highest: '1.2.3', next: '1.2.4' })).toBe(
    '1.2.3 is already published, so devices are not offered this change. Set "version" to 1.2.4.',
  )
  expect(describeVersion('1.2.3', { kind: 'lower', highest: '2.0.0', next: '2.0.1' })).toBe(
    '1.2.3 is lower than 2.0.0, the highest published version. Set "version" to 2.0.1.',
  )
  expect(describeVersion('1.2', { kind: 'same', highest: '1.2.0' })).toBe(
    '1.2 is the same version as 1.2.0, which is already published. Raise "version".',
  )
})

describe('a CHANGELOG', () => {
  test.each([
    '## 1.2.3',
    '## [1.2.3] - 2026-07-01',
    '## v1.2.3',
    '# V1.2.3',
    '**1.2.3**',
    '- 1.2.3: fixes',
    '1.2.3',
    'Version 1.2.3.',
    '1.2.3\r\n=====\r\n',
    '## my-addon-1.2.3',
    '[1.2.3]: https://example.org/compare/v1.2.2...v1.2.3',
    'https://example.org/releases/tag/v1.2.3',
    '## 1.2.30\n## 11.2.3\n## 1.2.3',
    '## 1.2.3 (2026)',
    '## 1.2.3 – Füße',
    'Versión 1.2.3…',
  ])('has an entry for 1.2.3 in %j', (text) => {
    expect(hasEntry(text, '1.2.3')).toBe(true)
    expect(hasEntry(text, 'v1.2.3')).toBe(true)
    expect(hasEntry(`# Changes\n\n${text}\n\n## 1.2.2\n`, '1.2.3')).toBe(true)
  })

  test.each([
    '',
    '## 1.2.2',
    '## 1.2.30',
    '## 1.2.3.1',
    '## 11.2.3',
    '## 0.1.2.3',
    '## 1.2.3-rc1',
    '## 1.2.3b1',
    '## 1.2.3+5',
    '## 1.2.3_1',
    '## x1.2.3',
    '## rev1.2.3',
    '## 1x2x3',
    '## ü1.2.3',
    '## 1.2.3ü',
    '## 1.2',
  ])('has no entry for 1.2.3 in %j', (text) => {
    expect(hasEntry(text, '1.2.3')).toBe(false)
  })

  test.each<[version: string, text: string, found: boolean]>([
    ['1.2.3-ls416', '## 1.2.3-ls416', true],
    ['1.2.3-ls416', '## 1.2.3-LS416', true],
    ['1.2.3-ls41', '## 1.2.3-ls416', false],
    ['1.2.3', '## 1.2.3-ls416', false],
    ['2025.12.0b3', '## 2025.12.0b3', true],
    ['2025.12.0', '## 2025.12.0b3', false],
    ['1.2.3+5', '## 1.2.3+5', true],
    ['1.2.3+5', '## 1.2.3-5', true],
    ['1.2.3+5', '## 1.2.3', false],
    ['7', '## 7', true],
    ['7', '## 17, 7.1 and 71', false],
    // What means something in a regular expression is text here.
    ['1.2.3', '## 1a2b3', false],
  ])('and %s: %j has it: %s', (version, text, found) => {
    expect(hasEntry(text, version)).toBe(found)
  })

  test('of a megabyte of near misses is searched in one pass', () => {
    expect(hasEntry('1.2.3-x '.repeat(130_000), '1.2.3')).toBe(false)
    expect(hasEntry('1'.repeat(1_000_000), '1'.repeat(128))).toBe(false)
  })
})
