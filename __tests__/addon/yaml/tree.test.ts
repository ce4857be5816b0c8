import fc from 'fast-check'
import { stringify } from 'yaml'
import { parseTree } from '../../../src/addon/yaml/parse-tree.ts'
import { locationsOf, type Node, nodeOf, toValue } from '../../../src/addon/yaml/tree.ts'
import { anyText } from '../../fixtures/any-text.ts'

const codes = (text: string, file = 'x.yaml') => parseTree(text, file).diagnostics.map(({ code }) => code)
const root = (text: string, file = 'x.yaml'): Node => {
  const { root: found, diagnostics } = parseTree(text, file)
  if (!found) throw new Error(JSON.stringify(diagnostics))
  return found
}
const scalarOf = (text: string) => {
  const map = root(`k: ${text}`)
  const node = map.kind === 'map' ? nodeOf(map, 'k') : undefined
  return node?.kind === 'scalar' ? [node.text, node.value] : undefined
}

test.each([
  ['1.0', '1.0', 1],
  ['3.10', '3.10', 3.1],
  ['"1.0"', '1.0', '1.0'],
  ['012', '012', 10],
  ['yes', 'yes', true],
  ['Off', 'Off', false],
  ['~', '', null],
  ['null', '', null],
  ['2025-01-19', '2025-01-19', '2025-01-19'],
  ['1_000', '1_000', 1000],
  ['0x1F', '0x1F', 31],
  ['11.11.0', '11.11.0', '11.11.0'],
  ["'no'", 'no', 'no'],
  ['', '', null],
])('%s keeps its source text, and the value that the Supervisor reads', (text, source, value) => {
  expect(scalarOf(text)).toEqual([source, value])
})

// Made with PyYAML 6.0.3: yaml.safe_load("k: " + text)["k"].
test.each<[string, unknown]>([
  ['1e3', '1e3'],
  ['1.0e3', '1.0e3'],
  ['1.0e+3', 1000],
  ['12:30', 750],
  ['12:30:45', 45045],
  ['190:20:30.15', 685230.15],
  ['1:60', '1:60'],
  ['0o17', '0o17'],
  ['0b11', 3],
  ['08', '08'],
  ['0_1', 1],
  ['1__0', 10],
  ['_1', '_1'],
  ['-0x1F', -31],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-.INF', Number.NEGATIVE_INFINITY],
  ['.nan', Number.NaN],
  ['Y', 'Y'],
  ['n', 'n'],
  ['on', true],
  ['tRue', 'tRue'],
  ['1.', 1],
  ['.5', 0.5],
  ['+.5', '+.5'],
  ['+1', 1],
  ['nuLL', 'nuLL'],
  ['+12e03', '+12e03'],
  ['xyes', 'xyes'],
  ['yesx', 'yesx'],
  ['xno', 'xno'],
  ['nox', 'nox'],
  ['offx', 'offx'],
  ['x~', 'x~'],
  ['~x', '~x'],
  ['nullx', 'nullx'],
  ['-12', -12],
  ['-1_2', -12],
  ['x1', 'x1'],
  ['1x', '1x'],
  ['1-1', '1-1'],
  ['0b12', '0b12'],
  ['-0b11', -3],
  ['00', 0],
  ['0', 0],
  ['1:5', 65],
  ['123:05', 7385],
  ['-1:30', -90],
  ['1:30:5', 5405],
  ['-1.5', -1.5],
  ['+1_000.5', 1000.5],
  ['1.5e-10', 1.5e-10],
  ['1.5E+2', 150],
  ['1.e+2', 100],
  ['.5_5', 0.55],
  ['.5e+10', 5e9],
  ['.5E-2', 0.005],
  ['.5e10', '.5e10'],
  ['x.5', 'x.5'],
  ['.5x', '.5x'],
  ['1.5e+', '1.5e+'],
  ['1:30.5', 90.5],
  ['-1:2:3.5', -3723.5],
  ['+.inf', Number.POSITIVE_INFINITY],
  ['.Inf', Number.POSITIVE_INFINITY],
  ['.infx', '.infx'],
  ['.NaN', Number.NaN],
  ['-.nan', '-.nan'],
])('%s is what PyYAML takes it for', (text, value) => {
  expect(scalarOf(text)?.[1]).toEqual(value)
})

test.each([
  '2020-01-01',
  '2020-1-1 1:02:03',
  '2020-1-1 10:02:03',
  '2020-01-01T01:02:03.5Z',
  '2020-12-14t21:59:43.10-05:00',
  '2020-12-14 21:59:43.10 -5',
  '2020-12-14 21:59:43.10 +05',
  '2020-12-14  \t21:59:43',
  '2020-12-14 21:59:43.',
  '2020-12-14T21:59:43  \tZ',
])('%s is a date', (text) => {
  const map = root(`k: ${text}`)
  expect(map.kind === 'map' && nodeOf(map, 'k')).toMatchObject({ text, isDate: true })
})

test.each([
  '2020-1-1',
  '"2020-01-01"',
  '!!str 2020-01-01',
  'x2020-01-01',
  '2020-01-01x',
  '202-01-01',
  '2020-01-1',
  '2020-001-01T01:02:03',
  '2020-01-001T01:02:03',
  '2020-01-01 21:59',
  '2020-01-01T21:59:4',
  '2020-01-01T2a:59:43',
  '2020-01-01x21:59:43',
  '2020-01-01T21:59:43 -05:0',
  '2020-01-01T21:59:43 -005',
  '2020-01-01T21:59:43,5',
  '2020-01-01T21:59:43.5ZZ',
  '2020-01-01T21:59:43.x',
  '2020-01-01T21:59:43 05',
])('%s is none', (text) => {
  const map = root(`k: ${text}`)
  expect(map.kind === 'map' && nodeOf(map, 'k')).not.toHaveProperty('isDate')
})

test('JSON values are those of JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (value, indent) => {
      const node = root(JSON.stringify({ value }, undefined, indent), 'x.json')
      const keyless = (one: unknown): unknown =>
        JSON.parse(JSON.stringify(one, (key, inner) => (key === '__proto__' ? undefined : inner)))
      expect(keyless(toValue(node))).toEqual(keyless({ value }))
    }),
  )
})

test('YAML values keep their text and location', () => {
  // The library writes the name "<<" as it writes a merge.
  const name = fc.string({ minLength: 1, maxLength: 8 }).filter((key) => !['__proto__', '<<'].includes(key))
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(fc.string(), fc.boolean(), fc.integer())), (value) => {
      fc.pre(Object.keys(value).length > 0)
      const text = stringify(value, { version: '1.1' })
      const node = root(text)
      expect(toValue(node)).toEqual(value)
      for (const { line, column } of locationsOf(node).values()) {
        expect(text.split('\n')[line - 1]?.length).toBeGreaterThanOrEqual(column - 1)
      }
    }),
  )
})

test('any text is read or refused with a place, never thrown', () => {
  fc.assert(
    fc.property(anyText(), fc.constantFrom('x.yaml', 'x.json'), (text, file) => {
      const { root: found, diagnostics } = parseTree(text, file)
      if (!found && text.trim() !== '' && diagnostics.length > 0) {
        expect(diagnostics[0]?.where).toMatchObject({ file, line: expect.any(Number) })
      }
    }),
    { numRuns: 300 },
  )
})

test('the last of two equal keys counts, and is reported', () => {
  const tree = parseTree('a: 1\nb: 2\na: 3\n', 'x.yaml')
  expect(tree.root && toValue(tree.root)).toEqual({ b: 2, a: 3 })
  expect(tree.diagnostics).toMatchObject([{ code: 'file/duplicate-key', where: { line: 3, column: 1 } }])
})

test('aliases and merge keys are resolved', () => {
  expect(toValue(root('a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3\n'))).toEqual({
    a: { b: 1, c: 2 },
    d: { b: 1, c: 2 },
    e: { b: 1, c: 3 },
  })
})

test('aliases that expand to millions of values are refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, index) =>
      `l${index}: &l${index} [${
        index === 0
          ? '1'
          : Array(9)
              .fill(`*l${index - 1}`)
              .join(', ')
      }]`,
  )
  expect(codes(levels.join('\n'))).toEqual(['file/too-complex'])
})

test.each([
  ['an alias of itself', 'a: &a [*a]', 'file/invalid-yaml'],
  ['a merge of itself', 'a: &a\n  <<: *a', 'file/invalid-yaml'],
  ['a merge of what is no map', 'a:\n  <<: 5', 'file/invalid-yaml'],
  ['an alias without an anchor', 'a: *nothing', 'file/invalid-yaml'],
  ['a tag that the Supervisor does not know', 'a: !secret x', 'file/invalid-yaml'],
  ['two documents', 'a: 1\n---\nb: 2', 'file/invalid-yaml'],
  ['a tab as indentation', 'a:\n\tb: 1', 'file/invalid-yaml'],
  ['a list as a key', '? [a]\n: 1', 'file/odd-key'],
])('%s is refused', (_, text, code) => {
  expect(codes(text)).toContain(code)
})

test('deep nesting ends in an error', () => {
  for (const text of ['['.repeat(100_000), '['.repeat(200) + ']'.repeat(200), '{a: '.repeat(5_000)]) {
    expect(parseTree(text, 'x.yaml').diagnostics).toHaveLength(1)
    expect(parseTree(text, 'x.json').diagnostics).toHaveLength(1)
  }
})

test.each([
  ['{"a": 1,}', 'There is a comma before a closing bracket.', 1, 8],
  ['{\n  "a": 1\n  "b": 2\n}', 'A comma or "}" is expected here.', 3, 3],
  ['[1 2]', 'A comma or "]" is expected here.', 1, 4],
  ['{\n  // why\n  "a": 1\n}', 'JSON has no comments.', 2, 3],
  ['// why\n{"a": 1}', 'JSON has no comments.', 1, 1],
  ['{"a": 1', 'The file ends too early.', 1, 8],
  ['{"a": 1}\n},', 'The file continues after its last bracket.', 2, 1],
  [`{"a": 1,\n  'b': 2}`, 'JSON allows only double quotes.', 2, 3],
  ['{"a":\n  True}', 'JSON has no True.', 2, 3],
  ['{"a" 1}', 'A colon is expected after the name.', 1, 6],
  ['{"a": }', 'A value is expected here.', 1, 7],
  ['{a: 1}', 'A name in double quotes is expected here.', 1, 2],
  ['{"a": 012}', 'A value is expected here.', 1, 7],
  ['{"a": "x\ny"}', 'A string is not closed, or contains a line break or a single backslash.', 1, 7],
  ['{"a": "C:\\x"}', 'A string is not closed, or contains a line break or a single backslash.', 1, 7],
  ['  \n', 'The file is empty.', 1, 1],
])('JSON %j is refused at its place', (text, message, line, column) => {
  expect(parseTree(text, 'x.json').diagnostics).toMatchObject([{ message, where: { line, column } }])
})

test('a slip in JSON is found where V8 finds it, where that says so, or at the beginning of that word', () => {
  const slip = fc.constantFrom('"', "'", '{', '}', '[', ']', ',', ':', '1', 'x', ' ', '\\', '-', '.', 'true', '/')
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(0, 2), fc.nat(), slip, (value, indent, at, more) => {
      const text = JSON.stringify(value, undefined, indent)
      const index = at % (text.length + 1)
      const wrong = text.slice(0, index) + more + text.slice(index)
      let said = ''
      try {
        JSON.parse(wrong)
        return
      } catch (thrown) {
        said = String(thrown)
      }
      const [problem] = parseTree(wrong, 'x.json').diagnostics
      if (!problem?.where) throw new Error('no place')
      const lines = wrong.split('\n')
      const offset =
        lines.slice(0, problem.where.line - 1).join('\n').length +
        (problem.where.line > 1 ? 1 : 0) +
        problem.where.column -
        1
      expect(offset).toBeLessThanOrEqual(wrong.length)
      const position = /at position (\d+)/.exec(said)?.[1]
      if (position !== undefined) expect(offset).toBeLessThanOrEqual(Number(position))
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['title: "x",', 'There is a comma after the value.'],
  ['title: "x"?', 'There is text after the closing quote.'],
  ['image: {arch}-x', 'A value that begins with "{" needs quotes.'],
  ['a: !secret b', 'The Supervisor does not know the tag "!secret".'],
  ['a: !!python/none b', 'The Supervisor does not know the tag "!!python/none".'],
  ['a:\n\tb: 1', 'A tab is used for indentation.'],
  ['a: 1\n---\nb: 2', 'The file contains more than one document.'],
  ['a: &a [*a]', 'The alias "*a" refers to itself.'],
])('YAML %j is refused with one message', (text, message) => {
  expect(parseTree(text, 'x.yaml').diagnostics.map((one) => one.message)).toEqual([message])
})

test('locations after an error are correct, and consequential errors are not reported', () => {
  const text = 'a:\n  b {\n    c: "",\n    d: "",\n  }\n  e: {}\nf: "x" y\n'
  const { diagnostics } = parseTree(text, 'x.yaml')
  expect(diagnostics.map(({ where }) => where?.line)).toEqual([2, 3, 4])
  const lines = text.split('\n')
  for (const { where } of diagnostics) {
    expect(lines[(where?.line ?? 0) - 1]?.slice((where?.column ?? 0) - 1)).toMatch(/^(b|""|,)/)
  }
})

test('an error is reported once per line', () => {
  const lines = parseTree('a: [1, 2\nb: 3\nc: "x" y\n', 'x.yaml').diagnostics.map(({ where }) => where?.line)
  expect(new Set(lines).size).toBe(lines.length)
})

test('in quotes, and in JSON, "<<" is a name', () => {
  expect(toValue(root('"<<": {a: 1}'))).toEqual({ '<<': { a: 1 } })
  expect(toValue(root('{"<<": {"a": 1}}', 'x.json'))).toEqual({ '<<': { a: 1 } })
})
