import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { bumpVersion } from '../../src/addon/bump-version.ts'
import { readConfigFile } from '../../src/addon/config/config-file.ts'
import { nextVersion } from '../../src/addon/version.ts'

const bump = (text: string, next: string, file = 'a/config.yaml') => {
  const { version } = readConfigFile(text, file).config
  if (version === undefined) throw new Error('there is no version')
  return bumpVersion(text, version, next)
}

describe('the version of config.yaml', () => {
  test.each<[string, string, string, string]>([
    ['without quotes', 'version: 1.2.3 # now\nname: A\n', '1.2.4', 'version: 1.2.4 # now\nname: A\n'],
    ['in double quotes', 'name: A\nversion:   "1.2.3"\n', '1.2.4', 'name: A\nversion:   "1.2.4"\n'],
    ['in single quotes', "version: '3.9'\r\nname: A\r\n", '3.10', "version: '3.10'\r\nname: A\r\n"],
    ['that is a number', 'version: 3.9\nname: A\n', '3.10', 'version: "3.10"\nname: A\n'],
    ['that becomes a number', 'version: 1.0-2\n', '7', 'version: "7"\n'],
    ['that becomes a date', 'version: 2025-12-01\n', '2025-12-02', 'version: "2025-12-02"\n'],
    ['without a line end', 'version: 1.2.3', '1.2.4', 'version: 1.2.4'],
    ['in a map in braces', '{version: 1.2.3, name: A}', '1.2.4', '{version: 1.2.4, name: A}'],
    [
      'that another key has, too',
      'a: 1.2.3\nversion: 1.2.3\nb: 1.2.3\n',
      '1.2.4',
      'a: 1.2.3\nversion: 1.2.4\nb: 1.2.3\n',
    ],
    ['that is there twice', 'version: 1.0.0\nversion: 1.2.3\n', '1.2.4', 'version: 1.0.0\nversion: 1.2.4\n'],
    ['on the next line', 'version:\n  1.2.3\nname: A\n', '1.2.4', 'version:\n  1.2.4\nname: A\n'],
    ['with an anchor that nothing uses', 'version: &v 1.2.3\n', '1.2.4', 'version: &v 1.2.4\n'],
  ])('%s is replaced in its place', (_, text, next, expected) => {
    expect(bump(text, next)).toBe(expected)
  })

  test.each<[string, string]>([
    ['is an alias', 'a: &v 1.2.3\nversion: *v\n'],
    ['has an anchor that another value uses', 'version: &v 1.2.3\nb: *v\n'],
    ['comes from a merged map', 'a: &m {version: 1.2.3}\n<<: *m\n'],
    ['is a block', 'version: |-\n  1.2.3\n'],
    ['is written with escapes', 'version: "1\\u002e2.3"\n'],
    ['has spaces in its quotes', 'version: " 1.2.3"\n'],
  ])('is left alone if it %s', (_, text) => {
    expect(bump(text, '1.2.4')).toBeUndefined()
  })
})

test('the version of config.json stays a string', () => {
  const text = '{\n\t"name": "A", "version":"3.9",\r\n\t"slug": "a"\n}'
  expect(bump(text, '3.10', 'a/config.json')).toBe(text.replace('3.9', '3.10'))
  expect(bump('{"version": 3.9}', '3.10', 'a/config.json')).toBe('{"version": "3.10"}')
})

const number = fc.nat(30).map(String)
const version = fc
  .tuple(
    fc.constantFrom('', 'v'),
    fc.array(number, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '-r4', '-2', 'b3', '-beta', '-rc.1'),
  )
  .map(([v, numbers, rest]) => v + numbers.join('.') + rest)
const forms: readonly (readonly [string, (written: string) => string])[] = [
  ['a/config.yaml', (written) => `name: A\nversion: ${written}\nslug: a\n`],
  ['a/config.yaml', (written) => `name: A\nversion: "${written}"   # the version\nslug: a\n`],
  ['a/config.yaml', (written) => `version: '${written}'\nname: A\nslug: a`],
  ['a/config.yml', (written) => `{name: A, version: ${written}, slug: a}\n`],
  ['a/config.json', (written) => `{"name": "A", "version": "${written}", "slug": "a"}`],
]

test('a file with the next version is read with that version, as a string, and with everything else as before', () => {
  fc.assert(
    fc.property(version, fc.constantFrom(...forms), fc.boolean(), (old, [file, form], crlf) => {
      const next = nextVersion(old)
      // `1a` is no version.
      if (next === undefined) return
      const text = crlf ? form(old).replaceAll('\n', '\r\n') : form(old)
      const after = bump(text, next, file) ?? ''
      const { config, diagnostics } = readConfigFile(after, file)
      expect(config.version?.value).toBe(next)
      expect(diagnostics.filter(({ code }) => code === 'config/version-number')).toEqual([])
      expect([config.name?.value, config.slug?.value]).toEqual(['A', 'a'])
      // Byte for byte the same on both sides of the version.
      expect(after.replaceAll('"', '').replace(next, old)).toBe(text.replaceAll('"', ''))
    }),
  )
})
