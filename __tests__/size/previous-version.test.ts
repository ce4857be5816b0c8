import fc from 'fast-check'
import { previousVersion } from '../../src/size/previous-version.ts'

test.each<[string, readonly string[], string | undefined]>([
  ['1.3.0', ['1.2.0', '1.2.10', '1.2.9', 'latest', '1.3.0', '2.0.0'], '1.2.10'],
  ['1.3.0', ['1.3.0-rc.1', '1.2.0'], '1.2.0'],
  ['1.3.0-rc.2', ['1.3.0-rc.1', '1.3.0-rc.10', '1.3.0-beta.9', '1.2.0'], '1.3.0-rc.1'],
  ['1.3.0-rc.1', ['1.2.0', '1.3.0'], '1.2.0'],
  ['2025.12.1', ['2025.12.0', '2025.12.0b3', '2025.9.4', '2026.1.0'], '2025.12.0'],
  ['2025.12.0', ['2025.11.3', '2025.12.0b1', '2025.12.0b0'], '2025.11.3'],
  ['2025.12.0b1', ['2025.12.0b0', '2025.12.0.dev20251101', '2025.12.0b2', '2025.11.3'], '2025.12.0b0'],
  ['2025.12.0b0', ['2025.12.0.dev20251101', '2025.11.3'], '2025.12.0.dev20251101'],
  ['1.0.0', ['1.0.0-beta.1', '1.0.0-alpha'], '1.0.0-beta.1'],
  ['1.2.0', ['1', '1.1', '1.1.0', '1.0'], '1.1.0'],
  ['v2.0.0', ['v1.9.0', '1.8.0'], 'v1.9.0'],
  ['1.2.3+build.5', ['1.2.2'], '1.2.2'],
  ['10', ['9', '8.1', '11'], '9'],
  ['dev', ['1.0.0', '1.1.0', '1.2.0b1', 'dev'], '1.1.0'],
  ['1.0.0', ['latest', 'aarch64', 'sha-1a2b3c4', '1a2b3c4', 'pr-12', 'main', ''], undefined],
  ['1.0.0', [], undefined],
  ['1.0.0', ['1.0.0', '1.0', '1.0.1'], undefined],
  ['1.0.0', ['999999999999999999999999.1.2'], undefined],
  // What add-ons count their own changes to somebody else's release with comes after that release, as for {major} and `latest`.
  ['1.2.4', ['1.2.3', '1.2.3-2', '1.2.3-1'], '1.2.3-2'],
  ['1.2.3-r10', ['1.2.3-r2', '1.2.3-r9', '1.2.3'], '1.2.3-r9'],
  ['1.2.3-ls416', ['1.2.3-ls99', '1.2.3-ls415', '1.2.3-ls417'], '1.2.3-ls415'],
  ['1.2.3-1', ['1.2.3', '1.2.3-rc.1', '1.2.2'], '1.2.3'],
  ['1.2.3-1', ['1.2.2', '1.2.3-rc.1'], '1.2.2'],
  ['2.0.0.1-12', ['2.0.0.1-9', '2.0.0.1-11', '2.0.0.0'], '2.0.0.1-11'],
  ['1.3.0-beta11', ['1.3.0-beta2', '1.3.0-beta10'], '1.3.0-beta10'],
  ['1.2.3+5', ['1.2.3-3', '1.2.3-4', '1.2.3-5'], '1.2.3-4'],
  ['0.0.1o', ['0.0.1n', '0.0.1m'], '0.0.1n'],
])('before %s, of %j, comes %s', (version, tags, expected) => {
  expect(previousVersion(tags, version)?.tag).toBe(expected)
  expect(previousVersion([...tags].reverse(), version)?.tag).toBe(expected)
})

test.each([
  [['1.1.0', '1.0.0', '2.0.0'], '1.2.0', 'the highest of 2 published versions below 1.2.0'],
  [['1.1.0'], '1.2.0', 'the only published version below 1.2.0'],
  [['1.1.0', '1.0.0'], 'dev', 'the highest of 2 published versions'],
])('of %j for %s the choice is explained', (tags, version, chosen) => {
  expect(previousVersion(tags, version)?.chosen).toBe(chosen)
})

test('the previous version is one of the tags and not the version itself, for any tags', () => {
  const number = fc.nat(30)
  const tag = fc.oneof(
    fc.tuple(number, number, number).map((parts) => parts.join('.')),
    fc.tuple(number, number, number).map(([a, b, c]) => `${a}.${b}.0b${c}`),
    fc.tuple(number, number).map(([a, b]) => `${a}.${b}.0-rc.${b}`),
    fc.string({ maxLength: 20 }),
  )
  fc.assert(
    fc.property(fc.array(tag), tag, (tags, version) => {
      const found = previousVersion(tags, version)
      if (!found) return
      expect(tags).toContain(found.tag)
      // Of a version that is one, the same is never below itself.
      if (/^\d+\.\d+\.\d+$/.test(version)) expect(found.tag).not.toBe(version)
    }),
  )
})
