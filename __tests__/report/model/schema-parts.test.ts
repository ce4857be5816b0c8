import { known, longestText } from '../../../src/report/known.ts'
import { canonicalJson, toJson } from '../../../src/report/model/json.ts'
import { largestReport, readReport } from '../../../src/report/model/read.ts'
import { reportSchema } from '../../../src/report/model/schema.ts'
import {
  checkAgainst,
  type Definition,
  listOf,
  object,
  oneOf,
  ref,
  whole,
} from '../../../src/report/model/schema-parts.ts'
import { report } from '../reports.ts'

const text: Definition = { type: 'string' }
const definitions: Readonly<Record<string, Definition>> = {
  text,
  tree: object({ name: text }, { children: listOf(ref('tree')) }),
}
const wrongIn = (definition: Definition, value: unknown): readonly string[] =>
  checkAgainst(definition, definitions, value)

describe('a value of a type', () => {
  const values = { text: 'x', number: 1.5, integer: 2, list: [], object: {}, flag: true, null: null } as const
  test.each<[NonNullable<Definition['type']>, readonly (keyof typeof values)[]]>([
    ['string', ['text']],
    ['number', ['number', 'integer']],
    ['integer', ['integer']],
    ['boolean', ['flag']],
    ['object', ['object']],
    ['array', ['list']],
  ])('"%s" is %j and nothing else', (type, fitting) => {
    for (const [name, value] of Object.entries(values)) {
      const right = (fitting as readonly string[]).includes(name)
      expect([name, wrongIn({ type }, value)]).toEqual([name, right ? [] : [`$: is not of type ${type}`]])
    }
  })

  test('is finite', () => {
    expect(wrongIn({ type: 'number' }, Number.POSITIVE_INFINITY)).toEqual(['$: is not of type number'])
    expect(wrongIn({ type: 'number' }, Number.NaN)).toEqual(['$: is not of type number'])
  })
})

test.each<[string, Definition, unknown, readonly string[]]>([
  ['the one value', { const: 'a' }, 'a', []],
  ['another value', { const: 'a' }, 'b', ['$: is not "a"']],
  ['a number as text', { const: 1 }, '1', ['$: is not 1']],
  ['one of several', { enum: ['a', 'b'] }, 'b', []],
  ['none of several', { enum: ['a', 'b'] }, 'c', ['$: is none of a, b']],
  ['a number among texts', { enum: ['1'] }, 1, ['$: is none of 1']],
  ['the least number', { minimum: 1 }, 1, []],
  ['less than the least', { minimum: 1 }, 0, ['$: is less than 1']],
  ['text where a least number is told', { minimum: 1 }, '0', []],
  ['text of the form', { pattern: '^a+$' }, 'aa', []],
  ['text of another form', { pattern: '^a+$' }, 'ab', ['$: has another form']],
  ['a number where a form is told', { pattern: '^a+$' }, 1, []],
  ['letters beyond the basic plane as one', { pattern: '^.$' }, '😀', []],
  ['a named definition', ref('text'), 'x', []],
  ['not what a named definition says', ref('text'), 1, ['$: is not of type string']],
  ['a definition that is not there', ref('nothing'), 1, ['$: no definition #/$defs/nothing']],
  ['anything where nothing is told', {}, null, []],
  ['a count', whole(), 0, []],
  ['less than nothing', whole(), -1, ['$: is less than 0']],
  ['half a count', whole(), 0.5, ['$: is not of type integer']],
])('is checked: %s', (_, definition, value, wrong) => expect(wrongIn(definition, value)).toEqual(wrong))

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
])('%s is a date and time: %s', (value, right) => {
  expect(wrongIn({ type: 'string', format: 'date-time' }, value)).toEqual(right ? [] : ['$: is no date and time'])
})

describe('one of several forms', () => {
  const size = oneOf('d', object({ bytes: whole() }), object({ unknown: text }))
  test.each([
    [{ bytes: 1 }, []],
    [{ unknown: 'x' }, []],
    [{}, ['$: fits 0 of 2 forms']],
    [{ bytes: 1, unknown: 'x' }, ['$: fits 2 of 2 forms']],
  ])('has to fit alone: %j', (value, wrong) => expect(wrongIn(size, value)).toEqual(wrong))

  test('is described', () => {
    expect(size.description).toBe('d')
    expect([whole('d'), whole()]).toEqual([
      { type: 'integer', minimum: 0, description: 'd' },
      { type: 'integer', minimum: 0 },
    ])
  })
})

describe('an object', () => {
  const both = object({ a: whole(), b: text }, { c: listOf(whole()) })

  test('is described by what it must and what it may have', () => {
    expect(both).toEqual({
      type: 'object',
      properties: { a: whole(), b: text, c: listOf(whole()) },
      required: ['a', 'b'],
    })
  })

  test.each([
    [{ a: 1, b: 'x' }, []],
    [{ a: 1, b: 'x', c: [], d: 'other' }, []],
    [{ a: 1 }, ['$.b: is missing']],
    [{}, ['$.a: is missing', '$.b: is missing']],
    [
      { a: 'x', b: 1, c: [1, 'x'] },
      ['$.a: is not of type integer', '$.b: is not of type string', '$.c[1]: is not of type integer'],
    ],
  ])('is checked field by field: %j', (value, wrong) => expect(wrongIn(both, value)).toEqual(wrong))

  test('has its own fields only', () => {
    expect(wrongIn(object({ toString: text }), {})).toEqual(['$.toString: is missing'])
    expect(wrongIn(object({}, { toString: text }), {})).toEqual([])
  })

  test('tells ten things that are wrong and no more', () => {
    expect(wrongIn(listOf(text), Array(30).fill(1))).toHaveLength(10)
  })
})

describe('what is known of a value', () => {
  const knownOf = (definition: Definition, value: unknown): unknown => known(definition, definitions, value)

  test.each<[string, Definition, unknown, unknown]>([
    ['a text as it is', text, 'x'.repeat(longestText), 'x'.repeat(longestText)],
    ['a long text cut', text, 'x'.repeat(longestText + 1), `${'x'.repeat(longestText - 1)}…`],
    ['numbers, flags and nothing', listOf({}), [1, true, null], [1, true, null]],
    ['named fields alone', object({ a: whole() }, { b: whole() }), { a: 1, c: 2 }, { a: 1 }],
    ['named fields of each item', listOf(object({ a: whole() })), [{ a: 1, b: 2 }, { a: 3 }], [{ a: 1 }, { a: 3 }]],
    ['no field where none is named', {}, { a: 1 }, {}],
    ['items of which nothing is told', { type: 'array' }, ['x', { a: 1 }], ['x', {}]],
    ['fields of the object itself', object({}, { toString: text }), {}, {}],
    [
      'a field that a definition names',
      ref('tree'),
      { name: 'x', children: [{ name: 'y', z: 1 }] },
      {
        name: 'x',
        children: [{ name: 'y' }],
      },
    ],
    ['nothing of a definition that is not there', ref('nothing'), { a: 1 }, {}],
    ['the form that it has', oneOf('d', object({ a: text }), object({ b: text })), { b: 'x', c: 1 }, { b: 'x' }],
    ['no form where it has none', oneOf('d', object({ a: text })), {}, undefined],
  ])('is %s', (_, definition, value, expected) => expect(knownOf(definition, value)).toEqual(expected))

  test('is nested no deeper than it can be written again', () => {
    const nested = (depth: number): unknown =>
      Array.from({ length: depth }).reduce<unknown>((inner) => ({ name: 'x', children: [inner] }), { name: 'x' })
    expect(knownOf(ref('tree'), nested(200))).toEqual(nested(200))
    expect(() => knownOf(ref('tree'), nested(1100))).toThrow(RangeError)
  })
})

test('JSON is the same whatever the order of fields, and not of items', () => {
  expect(canonicalJson({ b: [2, 1], a: { d: null, c: 'x' } })).toBe('{"a":{"c":"x","d":null},"b":[2,1]}')
  expect(canonicalJson({ a: { c: 'x', d: null }, b: [2, 1] })).toBe('{"a":{"c":"x","d":null},"b":[2,1]}')
  expect(canonicalJson(['b', null, 1])).toBe('["b",null,1]')
})

describe('report.json', () => {
  const refusal = (why: string) => ({
    diagnostic: {
      severity: 'error',
      code: 'report/unreadable',
      message: `The report cannot be used: ${why}.`,
      remedy: 'It has to be the report.json of a run with the same major version of aicleaner-build.',
    },
  })

  test('is written for people, with a line end', () => {
    expect(toJson(report([]))).toMatch(/^\{\n {2}"schemaVersion": 1,\n[\s\S]*\}\n$/)
  })

  test('says what is wrong in it', () => {
    const made = { ...report([]), addons: 1, diagnostics: {} }
    expect(readReport(toJson(made as never))).toEqual(
      refusal('$.addons: is not of type array; $.diagnostics: is not of type array'),
    )
  })

  test('is JSON', () => {
    const read = readReport('{')
    expect(read).toMatchObject({
      diagnostic: { message: expect.stringMatching(/^The report cannot be used: .*[^.]\.$/) },
    })
  })

  test('is nested as deep as it can be followed', () => {
    const text = toJson(report([])).replace('"addons": []', `"addons": ${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    expect(readReport(text)).toMatchObject({ diagnostic: { code: 'report/unreadable' } })
  })

  test('is read as long as it is not too long', () => {
    const text = toJson(report([]))
    expect(readReport(text.padEnd(largestReport))).toEqual({ report: report([]) })
    expect(readReport(text.padEnd(largestReport + 1))).toEqual(refusal('it has more than 16777216 characters'))
  })

  test('has a schema with its own definitions', () =>
    expect(checkAgainst(reportSchema, reportSchema.$defs, report([]))).toEqual([]))
})
