import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { loadPatterns, type Patterns } from '../../../src/smoke/options/patterns.ts'
import * as schemas from '../../../src/smoke/options/schema.ts'

let patterns: Patterns
beforeAll(async () => {
  patterns = (await loadPatterns({ any: 'match(.)' })) as Patterns
})

const single = (type: string, value: unknown) => schemas.validateValue(type, value, patterns())
const validateOptions = (...[options, schema, settings]: Parameters<typeof schemas.validateOptions>) =>
  schemas.validateOptions(options, schema, { ...settings, compare: patterns() })

const messages = (options: Record<string, unknown>, schema: Record<string, unknown>): readonly string[] =>
  validateOptions(options, schema).problems.map(({ severity, message }) => `${severity}: ${message}`)

describe('one value against one type', () => {
  test.each<[string, unknown, unknown]>([
    ['str', 'text', 'text'],
    ['str?', '', ''],
    ['password', 'x', 'x'],
    ['int', 5, 5],
    ['int', '5', 5],
    ['int', 5.7, 5],
    ['int(1,10)', 10, 10],
    ['int(,10)?', -3, -3],
    ['float', '1.5', 1.5],
    ['float(0.5,)', 0.5, 0.5],
    ['float(-1.5,.5)', -1, -1],
    ['float', '1e3', 1000],
    ['int(-10,10)', -3, -3],
    ['int', ' +1_000 ', 1000],
    ['int', true, 1],
    ['bool', true, true],
    ['bool', 'yes', true],
    ['bool', 'OFF', false],
    ['port', 8099, 8099],
    ['email', 'a@b.example', 'a@b.example'],
    ['url', 'mqtt://broker:1883', 'mqtt://broker:1883'],
    ['list(debug|info)', 'info', 'info'],
    ['list(1|2)', 2, '2'],
    ['list(1.0|2.0)', 2, '2.0'],
    ['list(True|False)', true, 'True'],
    ['match(^\\d\\.0$)', 7, '7.0'],
    ['match(^\\d+s$)', '10s', '10s'],
    ['match((?i)abc)', 'ABCdef', 'ABCdef'],
    ['match((?P<a>x)y)', 'xyz', 'xyz'],
    ['device(subsystem=tty)', '/dev/ttyUSB0', '/dev/ttyUSB0'],
    ['int', '!secret port', '!secret port'],
  ])('%s takes %j', (type, value, expected) => {
    expect(single(type, value)).toEqual({ value: expected })
  })

  test.each<[string, unknown, RegExp]>([
    ['str(2,4)', 'a', /2 to 4 characters/],
    ['int', 'five', /a whole number/],
    ['int', '', /a whole number/],
    ['int', '5.7', /a whole number/],
    ['int', '1e3', /a whole number/],
    ['int', '0x10', /a whole number/],
    ['float', '0x10', /a number/],
    ['float(-1,)', -2, /at least -1/],
    ['int(1,10)', 11, /at most 10/],
    ['int(1,10)', 0, /at least 1/],
    ['float', 'x', /a number/],
    ['bool', 'perhaps', /true or false/],
    ['port', 70_000, /at most 65535/],
    ['email', 'nobody', /e-mail/],
    ['email', 'a@localhost', /e-mail/],
    ['email', 'a b@c.example', /e-mail/],
    ['device', 7, /path of a device/],
    ['url', 'broker', /URL/],
    ['list(debug|info)', 'trace', /one of debug, info/],
    ['match(^\\d+s$)', 'ten', /must match/],
    ['string', 'x', /unknown type \(string\)/],
  ])('%s refuses %j', (type, value, wrong) => {
    expect(single(type, value)).toEqual({ wrong: expect.stringMatching(wrong) })
  })

  test.each<[string, unknown, RegExp]>([
    ['str', 1.5, /a string/],
    ['password', 1234, /a string/],
    ['str', true, /a string/],
    ['list(true|false)', true, /one of true, false/],
    ['list(yes|no)', false, /one of yes, no/],
  ])('%s refuses %j, and it helps to put it in quotes', (type, value, wrong) => {
    const quote = type.includes('yes') ? {} : { quote: true }
    expect(single(type, value)).toEqual({ wrong: expect.stringMatching(wrong), ...quote })
  })

  test.each([
    ['str(2,4)', 'ab'],
    ['str(2,4)', 'abcd'],
    ['password(4,)', 'abcd'],
    // Python counts characters, not code units.
    ['str(,2)', '😀😀'],
  ])('%s accepts %j', (type, value) => {
    expect(single(type, value)).toEqual({ value })
  })

  test.each([
    ['str(2,4)', 'a'],
    ['str(2,4)', 'abcde'],
    ['str(,2)', '😀😀😀'],
  ])('%s refuses %j', (type, value) => {
    expect(single(type, value)).toEqual({ wrong: expect.stringContaining('characters long') })
  })

  test.each([
    ['list(a|b)\n', 'b', { value: 'b' }],
    ['str\n', 'x', { value: 'x' }],
    ['list(a|b)\n\n', 'b', { wrong: expect.stringContaining('unknown type') }],
    ['list(a|\nb)', 'b', { wrong: expect.stringContaining('unknown type') }],
  ])('a type of a block scalar, %j, may end in a line end', (type, value, expected) => {
    expect(single(type, value)).toEqual(expected)
  })

  test.each([
    ['a lookahead', '(?=a)b', 'x'],
    ['a lookbehind', '(?<!a)b', 'x'],
    ['a back reference', '(a)\\1', 'x'],
    ['what is no expression', '[[:x', 'x'],
    ['a pattern that is too long', 'a'.repeat(501), 'x'],
    ['a value that is too long', 'a', 'a'.repeat(4097)],
  ])('accepts any value for %s, and reports that it was not compared', (_, pattern, value) => {
    expect(single(`match(${pattern})`, value)).toEqual({ value, unchecked: expect.stringContaining('is not compared') })
    const { problems } = validateOptions({ a: value }, { a: `match(${pattern})` })
    expect(problems).toMatchObject([{ severity: 'notice', code: 'smoke/pattern-not-checked' }])
  })

  test.each([
    ['match(a\\Z)', 'a', true],
    ['match(a\\Z)', 'ab', false],
    ['match((?m)a\\Z)', 'a\nb', false],
    ['match((?m)a$)', 'a\nb', true],
    ['match(a.c)', 'a\nc', false],
    ['match((?s)a.c)', 'a\nc', true],
    ['match(\\u00e9)', 'é', true],
    ['match(\\\\Z)', '\\Z', true],
    ['match(a|b)', 'xb', false],
    ['match([a-z]{2}_[A-Z{2}])', 'de_D', true],
    ['match(^(?i:(addons|ssl))$)', 'SSL', true],
  ])('%s and %j: %j', (type, value, matches) => {
    expect('value' in single(type, value)).toBe(matches)
  })

  test.each(['^(a+)+$', '(a|a)*b', '(.*a){20}', '(?:a?){200}a{200}', '^(\\w+\\s?)*$'])(
    'compares the longest value with %j',
    (pattern) => {
      expect(single(`match(${pattern})`, `${'a'.repeat(4000)}!`)).toBeDefined()
    },
  )

  test('stops if many large patterns are compared with long values', () => {
    const list = Array.from({ length: 500 }, () => `${'a'.repeat(4000)}!`)
    const { problems } = validateOptions({ list }, { list: ['match((?:a?){200}a{200}b)'] })
    expect(problems.filter(({ severity }) => severity === 'error').length).toBeLessThan(20)
    expect(problems.at(-1)?.message).toMatch(/take too long/)
  })

  test('keeps messages short', () => {
    const { problems } = validateOptions({ a: 'x'.repeat(100_000) }, { a: `list(${'y|'.repeat(50_000)})` })
    expect(problems[0]?.message.length).toBeLessThan(1000)
  })

  test('never throws for any type', () => {
    fc.assert(fc.property(fc.string(), fc.jsonValue(), (type, value) => void single(type, value)))
    fc.assert(fc.property(fc.string(), fc.string(), (pattern, value) => void single(`match(${pattern})`, value)))
  })
})

describe('options against a schema', () => {
  test('may have names of object properties', () => {
    const text = '{"__proto__": {"a": "1"}, "constructor": "2", "toString": "x"}'
    const schema = '{"__proto__": {"a": "int"}, "constructor": "int"}'
    const { options, problems } = validateOptions(JSON.parse(text), JSON.parse(schema))
    expect(JSON.stringify(options)).toBe('{"__proto__":{"a":1},"constructor":2}')
    expect(problems.map(({ message }) => message)).toEqual(['Option "toString" is not in the schema.'])
  })

  test('are written as the Supervisor writes them: typed, and without what the schema does not know', () => {
    const schema = { level: 'list(a|b)', port: 'port', deep: { on: 'bool' }, names: ['str'], rows: [{ id: 'int' }] }
    const given = { level: 'a', port: '80', deep: { on: 'true' }, names: ['x'], rows: [{ id: '7', more: 1 }], extra: 1 }
    const { options, problems } = validateOptions(given, schema)
    expect(options).toEqual({ level: 'a', port: 80, deep: { on: true }, names: ['x'], rows: [{ id: 7 }] })
    expect(problems.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'warning smoke/unknown-option',
      'warning smoke/unknown-option',
    ])
  })

  test.each<[string, Record<string, unknown>, Record<string, unknown>, readonly string[]]>([
    ['a required option is missing', {}, { a: 'str' }, ['error: Option "a" is required and has no value.']],
    ['a required option is null', { a: null }, { a: 'str' }, ['error: Option "a" is required and has no value.']],
    [
      'an optional one is null',
      { a: null },
      { a: 'str?' },
      ['error: Option "a" is null, which the Supervisor refuses even for optional values.'],
    ],
    ['an optional one is missing', {}, { a: 'str?', b: ['str?'] }, []],
    ['a list of required ones is missing', {}, { b: ['str'] }, ['error: Option "b" is required and has no value.']],
    ['a nested one is missing', { a: {} }, { a: { b: 'int' } }, ['error: Option "a.b" is required and has no value.']],
    ['a list is no list', { a: 'x' }, { a: ['str'] }, ['error: Option "a" must be a list.']],
    ['a map is no map', { a: [] }, { a: { b: 'str?' } }, ['error: Option "a" must be a map.']],
    ['a value is a map', { a: {} }, { a: 'str' }, ['error: Option "a" must be a single value (str).']],
    [
      'two are wrong',
      { a: 'x', b: 'y' },
      { a: 'int', b: 'bool' },
      ['error: Option "a" must be a whole number, but is "x".', 'error: Option "b" must be true or false, but is "y".'],
    ],
    [
      'a key is named like a part of every object',
      {},
      { constructor: 'str' },
      ['error: Option "constructor" is required and has no value.'],
    ],
  ])('all problems are found when %s', (_, options, schema, expected) => {
    expect(messages(options, schema)).toEqual(expected)
  })

  test('are not changed with "schema: false"', () => {
    expect(validateOptions({ anything: [null] }, false)).toEqual({ options: { anything: [null] }, problems: [] })
  })

  test('a problem has the line of its key, or of the nearest parent', () => {
    const location = { file: 'config.yaml', line: 7, column: 5 }
    const locations = new Map([['rows.0', location]])
    const { problems } = validateOptions({ rows: [{ id: 'x' }] }, { rows: [{ id: 'int' }] }, { locations })
    expect(problems).toMatchObject([{ code: 'smoke/bad-option', where: location }])
  })

  test('a problem of the input has no line of config.yaml', () => {
    const location = { file: 'config.yaml', line: 7, column: 5 }
    const locations = new Map([
      ['mqtt', location],
      ['mqtt.port', location],
      ['level', location],
    ])
    const schema = { mqtt: { port: 'port', host: 'str' }, level: 'list(a|b)', pin: 'password' }
    const given = { mqtt: { port: 'x' }, pin: 123456 }
    const { problems } = validateOptions({ mqtt: { port: 'x' }, level: 'c', pin: 123456 }, schema, { locations, given })
    expect(problems.map(({ message, where }) => [message, where])).toEqual([
      ['smoke-options: Option "mqtt.port" must be a port, but is "x".', undefined],
      // Not from the input.
      ['Option "mqtt.host" is required and has no value.', location],
      ['Option "level" must be one of a, b, but is "c".', location],
      ['smoke-options: Option "pin" must be a string, but is another value.', undefined],
    ])
  })
})
