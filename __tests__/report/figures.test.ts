import { count, enumerate } from '../../src/core/text.ts'
import { bar, clause, share, shortCommit, shortDigest, signedPercent, size } from '../../src/report/figures.ts'

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
  [0.0005, '+0.0005 %'],
  [-0.0005, '−0.0005 %'],
  [0.00049, '±0 %'],
  [0.049, '+0.05 %'],
  [0.05, '+0.1 %'],
  [12, '+12.0 %'],
])('%d percent is %s', (value, text) => expect(signedPercent(value)).toBe(text))

test.each([
  [0, '▱▱▱▱▱'],
  [0.001, '▰▱▱▱▱'],
  [-1, '▱▱▱▱▱'],
  [0.2, '▰▱▱▱▱'],
  [0.5, '▰▰▰▱▱'],
  [0.6, '▰▰▰▱▱'],
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

test.each([
  [0, '0 %'],
  [-0.5, '0 %'],
  [0.614, '61 %'],
  [1, '100 %'],
  [9.99, '999 %'],
  [10, '10 ×'],
  [30.4, '30 ×'],
])('a share of %d is %s', (used, text) => expect(share(used)).toBe(text))

test('names are as many as are asked for, and one more where that is the last', () => {
  expect(enumerate(['a', 'b', 'c'], 2)).toBe('a, b and c')
  expect(enumerate(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
})

test.each([
  [0, '0 images'],
  [1, '1 image'],
  [2, '2 images'],
])('%d is %s', (number, text) => expect(count(number, 'image')).toBe(text))

test('an irregular plural can be given', () => expect(count(2, 'index', 'indices')).toBe('2 indices'))

test.each([
  ['a'.repeat(40), 'aaaaaaa'],
  ['0'.repeat(40), '0000000'],
  ['a'.repeat(41), 'a'.repeat(41)],
  ['g'.repeat(40), 'g'.repeat(40)],
  ['main', 'main'],
])('the commit %s is %s for eyes', (commit, text) => expect(shortCommit(commit)).toBe(text))

test.each([
  [`x sha256:${'ab'.repeat(32)}`, `x sha256:${'ab'.repeat(32)}`],
  [`sha256:${'ab'.repeat(32)} x`, `sha256:${'ab'.repeat(32)} x`],
  ['sha256:abababababab', 'sha256:abababababab'],
  ['sha256:abababababab0', 'sha256:abababababab…'],
])('the digest %s is %s for eyes', (digest, text) => expect(shortDigest(digest)).toBe(text))

test.each([
  ['Push was off.', 'push was off'],
  ['No. It was off.', 'no. It was off'],
  ['CI was off', 'CI was off'],
  ['it was Off.', 'it was Off'],
  ['A', 'a'],
  ['', ''],
])('%j is %j within a sentence', (sentence, text) => expect(clause(sentence)).toBe(text))
