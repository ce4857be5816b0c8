import fc from 'fast-check'
import { formatBytes, formatDelta, formatPercent, formatSize } from '../../src/core/bytes.ts'
import { codeSpan, count, safeLine, shorten } from '../../src/core/text.ts'
import { instructionOf } from '../../src/image/history.ts'
import { anyText } from '../fixtures/any-text.ts'
import { growth } from '../project/growth.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [62_149_999, '62.1 MB'],
  [999_999_999, '1.0 GB'],
  [1.5e12, '1.5 TB'],
  [5e15, '5000.0 TB'],
  [-4200, '−4.2 kB'],
])('formatBytes writes %d as %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected)
})

test('formatBytes never shows a thousand of a unit that has a larger one, and is never off by more than it shows', () => {
  const factors: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }
  fc.assert(
    fc.property(
      fc.nat(2 ** 31).chain((high) => fc.nat(1000).map((low) => high * low)),
      (bytes) => {
        const [value = '', unit = ''] = formatBytes(bytes).split(' ')
        expect(Number(value)).toBeLessThan(unit === 'TB' ? Number.POSITIVE_INFINITY : 1000)
        expect(Math.abs(Number(value) * (factors[unit] ?? 0) - bytes)).toBeLessThanOrEqual(
          (factors[unit] ?? 0) * 0.0501,
        )
      },
    ),
  )
})

test.each([
  [31e6, '+31.0 MB'],
  [-2e3, '−2.0 kB'],
  [0, '±0'],
])('formatDelta writes %d as %s', (bytes, expected) => {
  expect(formatDelta(bytes)).toBe(expected)
})

test('a size that is not known is written as unknown, a percentage without trailing zeros', () => {
  expect([formatSize({ unknown: 'why' }), formatSize({ bytes: 1 }), formatPercent(5), formatPercent(2.5)]).toEqual([
    'unknown',
    '1 B',
    '5 %',
    '2.5 %',
  ])
})

test.each([
  ['RUN /bin/sh -c apk add gcc # buildkit', 'RUN apk add gcc'],
  ['RUN |2 BUILD_FROM=x y BUILD_ARCH=armv7 /bin/sh -c apk   add gcc # buildkit', 'RUN apk add gcc'],
  ['RUN |1 A=b /bin/bash -o pipefail -c set -e # buildkit', 'RUN set -e'],
  ['RUN /bin/ash -eo pipefail -c echo # buildkit', 'RUN echo'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['/bin/sh -c #(nop) COPY dir:abc in /app ', 'COPY dir:abc in /app'],
  ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
  ['COPY . /app # buildkit', 'COPY . /app'],
  ['WORKDIR /app', 'WORKDIR /app'],
  ['RUN /usr/bin/bash -c make # buildkit', 'RUN make'],
  ['RUN /bin/dash -ec make', 'RUN make'],
  ['RUN |1 SHELL=/bin/sh -c x /bin/sh -c make # buildkit', 'RUN make'],
  ['RUN /bin/sh -ec1 make', 'RUN /bin/sh -ec1 make'],
  ['RUN /bin/sh make -c x', 'RUN /bin/sh make -c x'],
  ['RUN /opt/bin/sh -c make', 'RUN /opt/bin/sh -c make'],
  ['RUN ["echo", "a"]', 'RUN ["echo", "a"]'],
  ['RUN make # buildkit of mine', 'RUN make # buildkit of mine'],
  ['  COPY a /b   # buildkit', 'COPY a /b'],
  ['COPY a#/bin/sh -c #(nop) x /b', 'COPY a#/bin/sh -c #(nop) x /b'],
  ['ADD x RUN /bin/sh -c y', 'ADD x RUN /bin/sh -c y'],
  ['/bin/sh -c #(nop)  ENV A=b', 'ENV A=b'],
])('instructionOf reads %j as %j', (createdBy, expected) => {
  expect(instructionOf(createdBy)).toBe(expected)
})

test('the time for a hostile history grows with its length', () => {
  const history = (length: number) => `RUN |1 ${'/bin/sh -a -a '.repeat(length)}`.slice(0, length)
  expect(growth(history, instructionOf, 4000, 4, 8)).toBeLessThan(8)
})

test.each([
  ['a  b\t\n\r\u0085\u2028 c', 'a b c'],
  ['  a ', 'a'],
  ['a\u0000\u001fb\u007f\u009fc', 'a??b??c'],
  ['\u200b\u200f\u202a\u202e\u2060\u206f', '??????'],
  ['a\u200bb', 'a?b'],
  ['ä€😀', 'ä€😀'],
  ['12345678', '12345678'],
  ['123456789', '1234567…'],
  ['😀'.repeat(8), '😀'.repeat(8)],
  ['😀'.repeat(9), `${'😀'.repeat(7)}…`],
])('safeLine turns %j into %j', (text, expected) => {
  expect(safeLine(text, 8)).toBe(expected)
})

test('safeLine keeps 80 characters by default', () => {
  expect([safeLine('x'.repeat(80)), safeLine('x'.repeat(81))]).toEqual(['x'.repeat(80), `${'x'.repeat(79)}…`])
})

test('a code span has no backticks inside', () => {
  expect(codeSpan('a`b`\n`')).toBe("`a'b' '`")
  expect(codeSpan('x'.repeat(9), 4)).toBe('`xxx…`')
})

test.each([
  [0, '0 files'],
  [1, '1 file'],
  [2, '2 files'],
])('%d is counted as %s', (number, expected) => {
  expect(count(number, 'file')).toBe(expected)
  expect(count(number, 'entry', 'entries')).toBe(expected.replace('files', 'entries').replace('file', 'entry'))
})

test('safeLine gives one short line without control characters for any text', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 200 }), (text) => {
      const line = safeLine(text)
      expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u)
      expect([...line].length).toBeLessThanOrEqual(80)
    }),
  )
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a😀bc', 3, 'a\ufffd…'],
])('%s in %d characters is %s', (text, longest, short) => expect(shorten(text, longest)).toBe(short))
