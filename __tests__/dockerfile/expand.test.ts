// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { expand, longestValue } from '../../src/dockerfile/expand.ts'

const values: Readonly<Record<string, string>> = { A: '1', C: '', _x9: 'z' }
const lookUp = (name: string): string | undefined => values[name]

// As moby/buildkit does, frontend/dockerfile/shell/lex.go. Undefined: only BuildKit can tell.
test.each<[string, string | undefined]>([
  ['$A-${A}', '1-1'],
  ['$_x9y${_x9}', 'z'],
  ['$A.b', '1.b'],
  ['$1', undefined],
  ['$', undefined],
  ['a$', undefined],
  ['${A', undefined],
  ['${}', undefined],
  ['${1}', undefined],
  ['${A-', undefined],
  ['${A:', undefined],
  ['${A!x}', undefined],
  ['${A%x}', undefined],
  ['\\$A', '$A'],
  ['\\\\', '\\'],
  ['a\\', 'a\\'],
  ['\\x', 'x'],
  ['`$A', '`1'],
  ["'$A'", '$A'],
  ["'\\'", '\\'],
  ["'a\"b'", 'a"b'],
  ['"a\'b"', "a'b"],
  ['"$A"', '1'],
  ['"\\$A"', '$A'],
  ['"\\x"', '\\x'],
  ['"\\\\"', '\\'],
  ['"\\""', '"'],
  ['"a', 'a'],
  ["'a", 'a'],
  ['${A:-d}', '1'],
  ['${C:-d}', 'd'],
  ['${N:-d}', 'd'],
  ['${A-d}', '1'],
  ['${C-d}', ''],
  ['${N-d}', 'd'],
  ['${A:+d}', 'd'],
  ['${C:+d}', ''],
  ['${N:+d}', ''],
  ['${A+d}', 'd'],
  ['${C+d}', 'd'],
  ['${N+d}', ''],
  ['${A:?d}', '1'],
  ['${C:?d}', undefined],
  ['${N:?d}', undefined],
  ['${A?d}', '1'],
  ['${C?d}', ''],
  ['${N?d}', undefined],
  ['${N:-}', ''],
  ['${N:-${A}}', '1'],
  ['${N:-{}}', '{}'],
  ['${N:-${N:-$A}}b', '1b'],
  ['${N:-${A%x}}', undefined],
  ['${A:-${A%x}}', '1'],
  ['${A:+"$A"}', '1'],
  ['$A$A', '11'],
])('%j becomes %j', (text, expected) => {
  expect(expand(text, lookUp)).toBe(expected)
})

test.each([
  ['$A`$A', '1$A'],
  ['\\$A', '\\1'],
  ['"`\\"`$"', '`\\$'],
  ['"``"', '`'],
])('with the escape character ` %j becomes %j', (text, expected) => {
  expect(expand(text, lookUp, '`')).toBe(expected)
})

test('the length of a value and the depth of defaults are limited', () => {
  const long = 'x'.repeat(longestValue)
  expect(longestValue).toBe(16_384)
  expect(expand(long, lookUp)).toBe(long)
  expect(expand(`${long}x`, lookUp)).toBeUndefined()
  expect(expand('$L', () => long)).toBe(long)
  expect(expand('$L$A', (name) => (name === 'L' ? long : '1'))).toBeUndefined()
  const nested = (depth: number): string => `${'${N:-'.repeat(depth)}x${'}'.repeat(depth)}`
  expect([expand(nested(32), lookUp), expand(nested(33), lookUp)]).toEqual(['x', undefined])
  const other = (depth: number): string => `${'${A:+'.repeat(depth)}x${'}'.repeat(depth)}`
  expect([expand(other(32), lookUp), expand(other(33), lookUp)]).toEqual(['x', undefined])
})
