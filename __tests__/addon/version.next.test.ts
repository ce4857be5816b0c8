import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compareVersions, nextVersion, parseVersion } from '../../src/addon/version.ts'
import { isTag } from '../../src/core/image-reference.ts'

describe('the version after', () => {
  test.each<[string, string | undefined]>([
    ['1.2.3', '1.2.4'],
    ['1.2', '1.3'],
    ['7', '8'],
    ['0.9', '0.10'],
    ['1.09', '1.10'],
    ['1.2.009', '1.2.010'],
    ['v1.2.3', 'v1.2.4'],
    ['2025.12.0', '2025.12.1'],
    ['2025.12.0b3', '2025.12.0b4'],
    ['2025.12.0.dev20251101', '2025.12.0.dev20251102'],
    ['1.2.3-r9', '1.2.3-r10'],
    ['1.2.3-ls416', '1.2.3-ls417'],
    ['1.2.3-r0-ls12', '1.2.3-r0-ls13'],
    ['1.2.3-rc.1', '1.2.3-rc.2'],
    ['1.2.3-beta', '1.2.3-beta1'],
    ['1.2.3+5', '1.2.4'],
    ['1.99999999999999999999', '1.100000000000000000000'],
    ['dev', undefined],
    ['latest', undefined],
    ['1a2b3c4', undefined],
    ['', undefined],
    ['1'.repeat(200), undefined],
    ['9'.repeat(128), undefined],
  ])('%s is %s', (version, expected) => {
    expect(nextVersion(version)).toBe(expected)
  })

  test.each<[string, readonly string[], string]>([
    ['1.2.3', ['1.2.4'], '1.2.5'],
    ['1.2.3', ['v1.2.4', '1.2.5', '1.2.7'], '1.2.6'],
    ['v1.2.3', ['1.2.4'], 'v1.2.5'],
    ['2.0.0B3', ['2.0.0b4'], '2.0.0B5'],
    ['1.2.3', ['latest', 'edge'], '1.2.4'],
  ])('%s is not one of %j, but %s', (version, taken, expected) => {
    expect(nextVersion(version, taken)).toBe(expected)
  })

  const numbers = fc.array(fc.nat(3000), { minLength: 1, maxLength: 6 }).map((all) => all.join('.'))
  const suffix = fc.constantFrom('', '-rc1', '-beta', '-r3', '-ls41', '-r0-ls12', '.dev5', '-alpha.9', '+5', '-3')
  test('any version is a higher one that is a tag and not taken', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'v'), numbers, suffix, fc.nat(5), (v, start, end, depth) => {
        const version = `${v}${start}${end}`
        fc.pre(parseVersion(version) !== undefined)
        const taken = new Set<string>()
        for (let made = 0; made <= depth; made += 1) {
          const next = nextVersion(version, taken) ?? ''
          const [before, after] = [parseVersion(version), parseVersion(next)]
          if (!before || !after) throw new Error(`${version} → ${next}`)
          expect(compareVersions(after, before)).toBeGreaterThan(0)
          expect(isTag(next)).toBe(true)
          expect(taken.has(next)).toBe(false)
          taken.add(next)
        }
      }),
    )
  })

  test('any text is higher, or there is none', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 140 }), (text) => {
        const next = nextVersion(text)
        const [before, after] = [parseVersion(text), parseVersion(next ?? '')]
        expect(next === undefined || (before && after && compareVersions(after, before) > 0)).toBe(true)
      }),
    )
  })
})
