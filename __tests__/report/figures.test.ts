import { bar, duration, enumerate, shortDigest, signedPercent, size } from '../../src/report/figures.ts'

test.each([
  [undefined, '–'],
  [{ unknown: 'only the manifest was read' }, 'unknown'],
  [{ bytes: 0 }, '0 B'],
  [{ bytes: 62_100_000 }, '62.1 MB'],
])('the size %j is %s', (value, text) => expect(size(value)).toBe(text))

test.each([
  [5.24, '+5.2 %'],
  [-27.13, '−27.1 %'],
  [0, '±0 %'],
  [0.04, '+0.04 %'],
  [-0.04, '−0.04 %'],
])('%d percent is %s', (value, text) => expect(signedPercent(value)).toBe(text))

test.each([
  [850, '850 ms'],
  [999.6, '1000 ms'],
  [2140, '2.1 s'],
  [9960, '10 s'],
  [59_900, '1 min'],
  [185_000, '3 min 5 s'],
])('%d ms is %s', (value, text) => expect(duration(value)).toBe(text))

test.each([
  [0, '▱▱▱▱▱'],
  [0.001, '▰▱▱▱▱'],
  [0.5, '▰▰▰▱▱'],
  [0.999, '▰▰▰▰▱'],
  [1, '▰▰▰▰▰'],
  [7, '▰▰▰▰▰'],
])('a budget used to %d is %s', (used, text) => expect(bar(used)).toBe(text))

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c, d and e'],
  [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d and 2 more'],
])('%j is %s', (names, text) => expect(enumerate(names)).toBe(text))

test('a digest is cut, any other text is not', () => {
  expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('sha256:abababababab…')
  expect(shortDigest('sha256:xyz')).toBe('sha256:xyz')
})
