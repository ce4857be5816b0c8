import * as v from 'valibot'
import {
  bytes,
  check,
  dateTime,
  digest,
  flag,
  integer,
  listOf,
  longestText,
  number,
  text,
  treeOf,
  whole,
} from '../../src/core/schema.ts'

interface Tree {
  readonly name: string
  readonly children?: readonly Tree[]
}
const node = v.object({
  name: text,
  children: v.exactOptional(listOf(v.lazy((): v.GenericSchema<unknown, Tree> => node))),
})
const problemsIn = (schema: v.GenericSchema<unknown, unknown>, value: unknown): readonly string[] => {
  const read = check(schema, value)
  return 'problems' in read ? read.problems : []
}

describe('a value of a type', () => {
  const values = {
    text: 'x',
    number: 1.5,
    integer: 2,
    negative: -2,
    list: [],
    object: {},
    flag: true,
    null: null,
  } as const
  test.each<[string, v.GenericSchema<unknown, unknown>, readonly (keyof typeof values)[], string]>([
    ['a string', text, ['text'], 'a string'],
    ['a number', number, ['number', 'integer', 'negative'], 'a number'],
    ['an integer', integer, ['integer', 'negative'], 'a (whole )?number'],
    ['a count', whole, ['integer'], '(a (whole )?number|>=0)'],
    ['a flag', flag, ['flag'], 'true or false'],
    ['an array', listOf(text), ['list'], 'an array'],
  ])('is %s and nothing else', (_, schema, fitting, expected) => {
    for (const [name, value] of Object.entries(values)) {
      const isRight = (fitting as readonly string[]).includes(name)
      const problem = expect.stringMatching(new RegExp(`^\\$: expected ${expected}$`))
      expect([name, problemsIn(schema, value)]).toEqual([name, isRight ? [] : [problem]])
    }
  })

  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])('is not %p', (value) => {
    for (const schema of [number, integer, whole, bytes]) expect(problemsIn(schema, value).length).toBeGreaterThan(0)
  })
})

const size = v.union(
  [
    v.object({ bytes: whole, unknown: v.exactOptional(v.never()) }),
    v.object({ unknown: text, bytes: v.exactOptional(v.never()) }),
  ],
  'expected bytes or unknown',
)

test.each<[string, v.GenericSchema<unknown, unknown>, unknown, readonly string[]]>([
  ['the one value', v.literal('a'), 'a', []],
  ['another value', v.literal('a'), 'b', ['$: expected "a"']],
  ['a number as text', v.literal(1), '1', ['$: expected 1']],
  ['one of several', v.picklist(['a', 'b']), 'b', []],
  ['none of several', v.picklist(['a', 'b']), 'c', ['$: expected ("a" | "b")']],
  ['a number among texts', v.picklist(['1', '2']), 1, ['$: expected ("1" | "2")']],
  ['the least number', whole, 0, []],
  ['less than the least', whole, -1, ['$: expected >=0']],
  ['half a count', whole, 0.5, ['$: expected a whole number']],
  ['a digest', digest, `sha256:${'0a'.repeat(32)}`, []],
  ['a short digest', digest, 'sha256:0a', ['$: expected sha256: and 64 hex digits']],
  ['a digest with more', digest, `sha256:${'0a'.repeat(32)}\n`, ['$: expected sha256: and 64 hex digits']],
  ['a digest in capitals', digest, `sha256:${'0A'.repeat(32)}`, ['$: expected sha256: and 64 hex digits']],
  ['the first of two forms', size, { bytes: 1 }, []],
  ['the second of two forms', size, { unknown: 'x' }, []],
  ['neither of two forms', size, {}, ['$: expected bytes or unknown']],
  ['both of two forms', size, { bytes: 1, unknown: 'x' }, ['$: expected bytes or unknown']],
])('is checked: %s', (_, schema, value, problems) => expect(problemsIn(schema, value)).toEqual(problems))

test.each([
  ['2026-11-23T10:00:00Z', true],
  ['2026-11-23T10:00:00.123Z', true],
  ['2026-11-23T10:00:00+01:30', true],
  ['2026-11-23T10:00:00-01:30', true],
  ['2026-11-23T10:00:00', false],
  ['2026-11-23T10:00:00.Z', false],
  ['2026-11-23T10:00Z', false],
  ['2026-11-23 10:00:00Z', false],
  ['2026-11-23T10:00:00+0130', false],
  ['2026-11-23T10:00:00*01:30', false],
  ['26-11-23T10:00:00Z', false],
  ['x2026-11-23T10:00:00Z', false],
  ['2026-11-23T10:00:00Zx', false],
  ['2026-1x-23T10:00:00Z', false],
])('%s is a date and time: %s', (value, isRight) => {
  expect(problemsIn(dateTime, value)).toEqual(isRight ? [] : ['$: expected a date and time'])
})

describe('an object', () => {
  const both = v.object({ a: whole, b: text, c: v.exactOptional(listOf(whole)) })

  test.each([
    [{ a: 1, b: 'x' }, []],
    [{ a: 1, b: 'x', c: [], d: 'other' }, []],
    [{ a: 1 }, ['$.b: is missing']],
    [{}, ['$.a: is missing', '$.b: is missing']],
    [[], ['$.a: is missing', '$.b: is missing']],
    ['x', ['$: expected an object']],
    [null, ['$: expected an object']],
    [{ a: 'x', b: 1, c: [1, 'x'] }, ['$.a: expected a number', '$.b: expected a string', '$.c[1]: expected a number']],
  ])('is checked field by field: %j', (value, problems) => expect(problemsIn(both, value)).toEqual(problems))

  test.each<[string, v.GenericSchema<unknown, unknown>, unknown, unknown]>([
    ['a text as it is', text, 'x'.repeat(longestText), 'x'.repeat(longestText)],
    ['a long text cut', text, 'x'.repeat(longestText + 1), `${'x'.repeat(longestText - 1)}…`],
    ['known fields alone', both, { a: 1, b: 'x', d: 2 }, { a: 1, b: 'x' }],
    ['known fields of each item', listOf(v.object({ a: whole })), [{ a: 1, b: 2 }, { a: 3 }], [{ a: 1 }, { a: 3 }]],
    [
      'known fields at every level',
      node,
      { name: 'x', children: [{ name: 'y', z: 1 }] },
      { name: 'x', children: [{ name: 'y' }] },
    ],
    ['the form that it has', size, { unknown: 'x', c: 1 }, { unknown: 'x' }],
    ['no prototype', both, JSON.parse('{"a":1,"b":"x","__proto__":{"c":[1]},"constructor":1}'), { a: 1, b: 'x' }],
  ])('is read as %s', (_, schema, value, expected) => {
    const read = check(schema, value)
    expect(read).toStrictEqual({ value: expected })
  })
})

describe('problems', () => {
  test('are ten at most', () => {
    expect(problemsIn(listOf(text), Array(30).fill(1))).toEqual(
      Array.from({ length: 10 }, (_, index) => `$[${index}]: expected a string`),
    )
    expect(problemsIn(listOf(listOf(text)), Array(30).fill([1, 2]))).toHaveLength(10)
    expect(problemsIn(v.object({ a: listOf(text), b: listOf(text) }), { a: Array(9).fill(1), b: [1, 2] })).toHaveLength(
      10,
    )
  })

  test('of millions of invalid items do not use much memory and time', () => {
    let reads = 0
    const counted = v.pipe(
      v.unknown(),
      v.check(() => ++reads < 0),
    )
    expect(problemsIn(listOf(counted), Array(1_000_000).fill(1))).toHaveLength(10)
    expect(reads).toBe(10)
  })
})

describe('a tree', () => {
  const nested = (depth: number): unknown =>
    Array.from({ length: depth }).reduce<unknown>((inner) => ({ name: 'x', children: [inner] }), { name: 'x' })

  test('is read up to its deepest level, and can be written again', () => {
    const read = check(treeOf(node, 1000), nested(1000))
    expect(JSON.stringify(read)).toBe(JSON.stringify({ value: nested(1000) }))
  })

  test.each([1001, 5000, 100_000])('is refused with %d levels', (levels) => {
    expect(problemsIn(v.object({ tree: treeOf(node, 1000) }), { tree: nested(levels) })).toEqual([
      '$.tree: expected at most 1000 levels',
    ])
  })

  test.each([1, null, {}, [], { name: 'x', children: 7 }, { name: 'x', children: [7] }])('is not %j', (value) => {
    expect(problemsIn(treeOf(node, 1000), value).length).toBeGreaterThan(0)
  })
})
