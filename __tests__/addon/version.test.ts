import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { compareVersions, isPrerelease, nextVersion, parseVersion, tagText, withoutV } from '../../src/addon/version.ts'

function parsed(text: string) {
  const parts = parseVersion(text)
  if (!parts) throw new Error(`${text} is no version`)
  return parts
}
const order = (a: string, b: string): number => Math.sign(compareVersions(parsed(a), parsed(b)))

test.each<[string, readonly string[], boolean]>([
  ['1.2.3', ['1', '2', '3'], false],
  ['v1.2.3', ['1', '2', '3'], false],
  ['V2', ['2'], false],
  ['1.2', ['1', '2'], false],
  ['7', ['7'], false],
  ['1.02', ['1', '02'], false],
  ['1.2.3.4', ['1', '2', '3', '4'], false],
  ['1.0.0-2', ['1', '0', '0'], false],
  ['1.84.0-0', ['1', '84', '0'], false],
  ['2.0.0.1-12', ['2', '0', '0', '1'], false],
  ['9.13.0-v1', ['9', '13', '0'], false],
  ['0.0.3-p5', ['0', '0', '3'], false],
  ['1.2.3-r10', ['1', '2', '3'], false],
  ['1.2.3_rev2', ['1', '2', '3'], false],
  ['1.2.3-ls416', ['1', '2', '3'], false],
  ['1.2.3-r0-LS12', ['1', '2', '3'], false],
  ['1.2.3-post1', ['1', '2', '3'], false],
  ['1.2.3+meta', ['1', '2', '3'], false],
  ['1.2.3-rc1', ['1', '2', '3'], true],
  ['1.2.3-0.dev', ['1', '2', '3'], true],
  ['1.2.3-rc.1', ['1', '2', '3'], true],
  ['1.2.3-rc.1+meta', ['1', '2', '3'], true],
  ['1.2.3-rc1-ls4', ['1', '2', '3'], true],
  ['1.1.1-migrate', ['1', '1', '1'], true],
  ['0.10.1-hafix4', ['0', '10', '1'], true],
  ['2026.03.25-ab9deb66', ['2026', '03', '25'], true],
  ['0.0.3d', ['0', '0', '3'], true],
  ['2025.12.0', ['2025', '12', '0'], false],
  ['2025.12.0b3', ['2025', '12', '0'], true],
  ['2025.12.0.dev20251101', ['2025', '12', '0'], true],
  ['3-alpine', ['3'], true],
  ['20260716', ['20260716'], false],
  ['1'.repeat(128), ['1'.repeat(128)], false],
  ['3_x', ['3'], true],
])('%s has the numbers %j; pre-release: %s', (text, numbers, prerelease) => {
  const parts = parsed(text)
  expect(parts.numbers).toEqual(numbers)
  expect(isPrerelease(parts)).toBe(prerelease)
})

test.each([
  '',
  'v',
  'dev',
  'latest',
  'aarch64',
  'main-abc',
  'sha-1a2b3c4',
  '1a2b3c4',
  '1234b56',
  'version-1',
  'x1.2.3',
  ' 1.2.3',
  '1.2.3 ',
  '1.2.3\n',
  '1.2.3\n4',
  '1.',
  '.1',
  '1.2.3-',
  '1.2.3-é',
  '1.2.3-aé',
  '1.2.3-rc 1',
  '1a2-b3',
  '1.2.3-1é',
  '1.2.3--',
  '1a-b',
  'str?',
  '1'.repeat(129),
])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeUndefined()
})

// Each is lower than the next one.
test.each<[string, readonly string[]]>([
  [
    'as semver.org says, 11',
    [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
    ],
  ],
  ['by their numbers', ['1.9.0', '1.10.0', '2.0.0', '2.0.0.1', '2.0.0.2', '2.0.1', '2.1', '10']],
  [
    'as Home Assistant counts',
    [
      '2024.11.3',
      '2024.12.0.dev20241130',
      '2024.12.0.dev20241201',
      '2024.12.0b0',
      '2024.12.0b3',
      '2024.12.0b10',
      '2024.12.0',
      '2024.12.1',
      '2025.1.0',
    ],
  ],
  ['with the revisions of add-ons', ['1.2.3-rc.1', '1.2.3', '1.2.3-0', '1.2.3-1', '1.2.3-2', '1.2.3-10', '1.2.4-1']],
  [
    'with the revisions of Alpine packages',
    ['1.2.3', '1.2.3-r0', '1.2.3-r2', '1.2.3-r10', '1.2.3-r10-ls3', '1.2.3-r11-ls1'],
  ],
  ['with the builds of LinuxServer.io', ['1.2.3-ls99', '1.2.3-ls415', '1.2.3-ls416', '1.2.4-ls1']],
  [
    'with words and their numbers',
    ['1.2.3-dev', '1.2.3-a1', '1.2.3-alpha2', '1.2.3b3', '1.2.3-beta11', '1.2.3-rc9', '1.2.3-rc10'],
  ],
  ['with letters', ['0.0.1m', '0.0.1n', '0.0.1o', '0.0.1', '0.0.2a']],
  [
    'with more digits than a double has room for',
    ['1.9007199254740992', '1.9007199254740993', '1.90071992547409930', '1.99999999999999999999999'],
  ],
])('versions are ordered %s', (_, versions) => {
  for (const [i, a] of versions.entries()) {
    for (const [j, b] of versions.entries()) expect([a, b, order(a, b)]).toEqual([a, b, Math.sign(i - j)])
  }
})

test.each([
  ['1.2', '1.2.0'],
  ['1', '1.0.0.0'],
  ['1.2.3', 'v1.2.3'],
  ['2024.01.0', '2024.1.0'],
  ['1.2.3b3', '1.2.3-beta.3'],
  ['1.2.3a3', '1.2.3-alpha.3'],
  ['1.2.3-rc1', '1.2.3-RC.1'],
  ['1.2.3-ls4', '1.2.3-LS04'],
  ['1.2.3+5', '1.2.3+6'],
])('%s and %s are the same version', (a, b) => {
  expect(order(a, b)).toBe(0)
  expect(order(b, a)).toBe(0)
})

/** Made with the library that the Supervisor compares with: `=` the same, `~` neither is higher, `?` it refuses to compare. */
const golden: { readonly source: string; readonly versions: readonly string[]; readonly rows: readonly string[] } =
  JSON.parse(readFileSync(new URL('fixtures/awesomeversion.json', import.meta.url), 'utf8'))

/** `1.2.3-r10`: `r0`. Where they differ, the Supervisor has a revision before its release, as semver.org would; add-ons publish it after. */
const kindOf = (text: string): string => parsed(text).revision.join('').replace(/\d+/, '0')
/** A word alone comes before the word with a number on semver.org, and after it there. */
const alone = ['1.0.0-alpha', '1.0.0-beta']

test('orders versions as the Supervisor does, but for revisions and words without a number', () => {
  let compared = 0
  for (const [i, a] of golden.versions.entries()) {
    for (const [j, b] of golden.versions.entries()) {
      const theirs = golden.rows[i]?.[j] ?? '?'
      if ('?~'.includes(theirs) || !parseVersion(a) || !parseVersion(b) || kindOf(a) !== kindOf(b)) continue
      if ([a, b].some((one, at) => alone.includes(one) && [b, a][at]?.startsWith(`${one}.`))) continue
      expect([a, b, '=<>'.at(order(a, b))]).toEqual([a, b, theirs === '=' ? '=' : theirs === '>' ? '<' : '>'])
      compared += 1
    }
  }
  expect(compared).toBeGreaterThan(3000)
})

const number = fc.nat(12).map(String)
const word = fc.constantFrom('a', 'b', 'rc', 'dev', 'alpha', 'beta', 'ls', 'r', 'v', 'x')
const suffix = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('-', '', '.', '_'), word, fc.oneof(number, fc.constant(''))).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('-', '_'), number).map((parts) => parts.join('')),
  fc.tuple(word, number, word, number).map(([a, b, c, d]) => `-${a}.${b}-${c}${d}`),
  number.map((one) => `+${one}`),
)
const version = fc
  .tuple(fc.constantFrom('', 'v'), fc.array(number, { minLength: 2, maxLength: 4 }), suffix)
  .map(([v, numbers, rest]) => `${v}${numbers.join('.')}${rest}`)

test('the order of versions is total', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(order(a, a)).toBe(0)
      expect(order(a, b) + order(b, a)).toBe(0)
      if (order(a, b) <= 0 && order(b, c) <= 0) {
        expect(order(a, c)).toBe(Math.min(order(a, b), order(b, c)))
      }
    }),
  )
})

test('versions that are the same are so in every comparison', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      if (order(a, b) === 0) expect(order(a, c)).toBe(order(b, c))
      expect(order(a, c)).toBe(order(`v${withoutV(a)}`, c))
    }),
  )
})

test('a pre-release comes before its release, and a revision after it', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 2, maxLength: 4 }), word, fc.nat(), (numbers, name, count) => {
      const release = numbers.join('.')
      expect(order(`${release}-pre.${name}`, release)).toBe(-1)
      expect(order(release, `${release}-${count}`)).toBe(-1)
      expect(order(`${release}-ls${count}`, `${release}-ls${count + 1}`)).toBe(-1)
      expect(order(`${release}-ls${count}`, `${release}.1`)).toBe(-1)
    }),
  )
})

test('any text can be compared without throwing', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^v?[\d.]+[\w.+-]*$/)),
      (text) => {
        const parts = parseVersion(text)
        if (parts) expect(compareVersions(parts, parts)).toBe(0)
      },
    ),
  )
})

test.each([
  ['v1.2.3', '1.2.3'],
  ['V2', '2'],
  ['version-1', 'version-1'],
  ['dev1', 'dev1'],
  ['xv1', 'xv1'],
  ['v', 'v'],
  ['1.2', '1.2'],
])('the tag %s says the version %s', (tag, text) => {
  expect(withoutV(tag)).toBe(text)
})

test('a tag has a dash for each plus sign', () => {
  expect(tagText('1.2.3+4+5')).toBe('1.2.3-4-5')
})

test.each<[string, string]>([
  ['1.2.3', '1.2.4'],
  ['1.2.9', '1.2.10'],
  ['v1.2.3', 'v1.2.4'],
  ['V2', 'V3'],
  ['7', '8'],
  ['1.02', '1.03'],
  ['1.09', '1.10'],
  ['1.99', '1.100'],
  ['2025.12.0', '2025.12.1'],
  ['2025.03.09', '2025.03.10'],
  ['2025.3', '2025.3.1'],
  ['2025.12', '2025.12.1'],
  ['2025.13', '2025.14'],
  ['20260716', '20260717'],
  ['1.2.3-2', '1.2.3-3'],
  ['1.2.3-r10', '1.2.3-r11'],
  ['1.2.3_rev2', '1.2.3_rev3'],
  ['1.2.3-r0-LS12', '1.2.3-r0-LS13'],
  ['1.2.3-rc1', '1.2.3-rc2'],
  ['1.2.3-rc.09', '1.2.3-rc.10'],
  ['1.2.3-beta', '1.2.3-beta1'],
  ['2025.12.0b3', '2025.12.0b4'],
  ['2025.12.0.dev20251101', '2025.12.0.dev20251102'],
  ['1.2.3+meta.5', '1.2.4'],
  ['1.2.3-rc1+5', '1.2.3-rc2'],
  ['3-alpine', '3-alpine1'],
  ['1.2.3-r', '1.2.3-r1'],
  ['99999999999999999999', '100000000000000000000'],
])('the version after %s is %s', (version, next) => {
  expect(nextVersion(version)).toBe(next)
})

test.each(['dev', 'latest', '', 'sha-1a2b3c4', '1a2b3c4', `${'9'.repeat(128)}`, `1-${'x'.repeat(126)}`])(
  'no version comes after %j',
  (text) => {
    expect(nextVersion(text)).toBeUndefined()
  },
)

test.each<[string, readonly string[], string]>([
  ['1.2.3', ['1.2.3', '1.2.2', 'latest'], '1.2.4'],
  ['1.2.3', ['1.2.4', 'v1.2.5', '1.2.7'], '1.2.6'],
  ['1.2', ['1.3.0'], '1.4'],
  ['1.2.3-r4', ['1.2.3-R5'], '1.2.3-r6'],
  ['1.2.3+5', ['1.2.4+6'], '1.2.4'],
  ['2025.12', ['2025.12.1'], '2025.12.2'],
  ['0.9', ['1', '0.10'], '0.11'],
])('the version after %s, when %j are published, is %s', (version, taken, next) => {
  expect(nextVersion(version, taken)).toBe(next)
})

test('the next version is higher, a valid tag, not published, and written in the same form', () => {
  fc.assert(
    fc.property(version, fc.nat(4), fc.boolean(), (current, published, v) => {
      const from = `${v ? 'v' : ''}${withoutV(current)}`
      const taken: string[] = []
      for (let count = 0; count < published; count += 1) taken.push(nextVersion(from, taken) ?? '')
      const next = nextVersion(from, taken) ?? ''
      expect(next).toMatch(/^\w[\w.-]{0,127}$/)
      for (const lower of [from, ...taken]) expect(order(lower, next)).toBe(-1)
      const form = (text: string) => (text.split('+')[0] ?? '').replaceAll(/\d+/g, '#')
      expect(form(next).startsWith(form(from))).toBe(true)
      expect(form(next).length - form(from).length).toBeLessThanOrEqual(2)
    }),
  )
})

test('the next version of any text is a higher version or none', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^v?\d{1,3}(\.\d{1,3}){0,3}[\w.+-]{0,12}$/), (text) => {
      const next = nextVersion(text)
      expect(next === undefined).toBe(parseVersion(text) === undefined)
      if (next !== undefined) expect(order(text, next)).toBe(-1)
    }),
  )
})
