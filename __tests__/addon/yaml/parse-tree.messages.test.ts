import { parseTree } from '../../../src/addon/yaml/parse-tree.ts'
import { locationsOf, toValue } from '../../../src/addon/yaml/tree.ts'
import { parseYamlValue } from '../../../src/inputs/yaml-value.ts'
import { saidOf } from '../messages.ts'

const said = (text: string, file: string) => saidOf(parseTree(text, file).diagnostics)

test.each(
  Object.entries({
    '{"a": 1,}': 'error file/invalid-json 1:8 There is a comma before a closing bracket. Remove the comma.',
    '[1,]': 'error file/invalid-json 1:3 There is a comma before a closing bracket. Remove the comma.',
    '[1, 2 ,\n ]': 'error file/invalid-json 1:7 There is a comma before a closing bracket. Remove the comma.',
    '{"a": 1 /* x */}':
      'error file/invalid-json 1:9 JSON has no comments. Remove the comment, or rename the file to .yaml.',
    '{"a": 1} # x':
      'error file/invalid-json 1:10 JSON has no comments. Remove the comment, or rename the file to .yaml.',
    '// why\n{"a": 1}':
      'error file/invalid-json 1:1 JSON has no comments. Remove the comment, or rename the file to .yaml.',
    '{"a" # x\n: 1}':
      'error file/invalid-json 1:6 JSON has no comments. Remove the comment, or rename the file to .yaml.',
    "{'a': 1}": 'error file/invalid-json 1:2 JSON allows only double quotes. Write " instead of \'.',
    "[1, 'b']": 'error file/invalid-json 1:5 JSON allows only double quotes. Write " instead of \'.',
    '[True]':
      'error file/invalid-json 1:2 JSON has no True. Write true, false or null in lower case, or put the value in quotes.',
    '[none]':
      'error file/invalid-json 1:2 JSON has no none. Write true, false or null in lower case, or put the value in quotes.',
    '[undefined]':
      'error file/invalid-json 1:2 JSON has no undefined. Write true, false or null in lower case, or put the value in quotes.',
    '[NaN]':
      'error file/invalid-json 1:2 JSON has no NaN. Write true, false or null in lower case, or put the value in quotes.',
    '[yes]':
      'error file/invalid-json 1:2 JSON has no yes. Write true, false or null in lower case, or put the value in quotes.',
    '[No]':
      'error file/invalid-json 1:2 JSON has no No. Write true, false or null in lower case, or put the value in quotes.',
    '[on, 1]':
      'error file/invalid-json 1:2 JSON has no on. Write true, false or null in lower case, or put the value in quotes.',
    '[OFF]':
      'error file/invalid-json 1:2 JSON has no OFF. Write true, false or null in lower case, or put the value in quotes.',
    '[nothing]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '{"a": }': 'error file/invalid-json 1:7 A value is expected here. Check this line and the line above.',
    '{"a" 1}': 'error file/invalid-json 1:6 A colon is expected after the name. Check this line and the line above.',
    '{"a": 1 "b": 2}':
      'error file/invalid-json 1:9 A comma or "}" is expected here. Check this line and the line above.',
    '{"a": 1, 2}':
      'error file/invalid-json 1:10 A name in double quotes is expected here. Check this line and the line above.',
    '{1: 2}':
      'error file/invalid-json 1:2 A name in double quotes is expected here. Check this line and the line above.',
    '{a: 1}':
      'error file/invalid-json 1:2 A name in double quotes is expected here. Check this line and the line above.',
    '{,}': 'error file/invalid-json 1:2 A name in double quotes is expected here. Check this line and the line above.',
    '[1 2]': 'error file/invalid-json 1:4 A comma or "]" is expected here. Check this line and the line above.',
    '[,]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[1}': 'error file/invalid-json 1:3 A comma or "]" is expected here. Check this line and the line above.',
    '{]': 'error file/invalid-json 1:2 A name in double quotes is expected here. Check this line and the line above.',
    '{"a"]': 'error file/invalid-json 1:5 A colon is expected after the name. Check this line and the line above.',
    '[[1], {"a": [2]} 3]':
      'error file/invalid-json 1:18 A comma or "]" is expected here. Check this line and the line above.',
    '{"a": {"b": 1} "c": 1}':
      'error file/invalid-json 1:16 A comma or "}" is expected here. Check this line and the line above.',
    '{"a": [1] 1}': 'error file/invalid-json 1:11 A comma or "}" is expected here. Check this line and the line above.',
    '[]]':
      'error file/invalid-json 1:3 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '{}}':
      'error file/invalid-json 1:3 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '{} {}':
      'error file/invalid-json 1:4 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '1 2':
      'error file/invalid-json 1:3 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '"a" "b"':
      'error file/invalid-json 1:5 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '{"a": 1': 'error file/invalid-json 1:8 The file ends too early. Look for a bracket or a quote that is not closed.',
    '{"a":': 'error file/invalid-json 1:6 The file ends too early. Look for a bracket or a quote that is not closed.',
    '{"a"': 'error file/invalid-json 1:5 The file ends too early. Look for a bracket or a quote that is not closed.',
    '{': 'error file/invalid-json 1:2 The file ends too early. Look for a bracket or a quote that is not closed.',
    '[': 'error file/invalid-json 1:2 The file ends too early. Look for a bracket or a quote that is not closed.',
    '[1,\n': 'error file/invalid-json 1:4 The file ends too early. Look for a bracket or a quote that is not closed.',
    '"': 'error file/invalid-json 1:1 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '["a':
      'error file/invalid-json 1:2 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '{"a':
      'error file/invalid-json 1:2 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '["a\tb"]':
      'error file/invalid-json 1:2 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '["\\x"]':
      'error file/invalid-json 1:2 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '["\\u12"]':
      'error file/invalid-json 1:2 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '{"a\n": 1}':
      'error file/invalid-json 1:2 A string is not closed, or contains a line break or a single backslash. Close the quote. Write a line break as \\n and a backslash as \\\\.',
    '["a" "b': 'error file/invalid-json 1:6 A comma or "]" is expected here. Check this line and the line above.',
    '{} "a':
      'error file/invalid-json 1:4 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '[012]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[1.]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[.5]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[-]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[1e]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[+1]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[0x1]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[-0.5e+10, 1E5, 0, -0] x':
      'error file/invalid-json 1:24 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '["\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Ff"] x':
      'error file/invalid-json 1:28 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '': 'error file/invalid-json 1:1 The file is empty. Write at least {}, or remove the file.',
    '  \n\n ': 'error file/invalid-json 1:1 The file is empty. Write at least {}, or remove the file.',
    '\r\n\t{"a": 1,\r\n\t}': 'error file/invalid-json 2:9 There is a comma before a closing bracket. Remove the comma.',
    x: 'error file/invalid-json 1:1 A value is expected here. Check this line and the line above.',
    '[trueish]': 'error file/invalid-json 1:2 A value is expected here. Check this line and the line above.',
    '[true]]':
      'error file/invalid-json 1:7 The file continues after its last bracket. Look for a bracket above that closes too early.',
    '{"a": 1,\n  // c\n}':
      'error file/invalid-json 2:3 JSON has no comments. Remove the comment, or rename the file to .yaml.',
    '{"a": [] , "b": {}, }':
      'error file/invalid-json 1:19 There is a comma before a closing bracket. Remove the comma.',
  }),
)('the JSON %j is answered with %j', (text, expected) => {
  expect(said(text, 'x.json')).toBe(expected)
})

test.each(
  Object.entries({
    'a:\n\tb: 1': 'error file/invalid-yaml 2:1 A tab is used for indentation. Use spaces.',
    'a: 1\n---\nb: 2':
      'error file/invalid-yaml 2:1 The file contains more than one document. Remove "---" and everything after it.',
    'a\nb: 1':
      'error file/invalid-yaml 1:1 A key and its colon must be on one line. Write "key: value", or remove the line.',
    'a: b: c':
      'error file/invalid-yaml 1:4 A map cannot begin on the line of another key. Put a value that contains ": " in quotes.',
    'a: *nothing': 'error file/invalid-yaml 1:4 The alias "*nothing" has no anchor. Write "&nothing" before it.',
    'a:\n  b: 1\n c: 2':
      'error file/invalid-yaml 3:1 The indentation does not match the lines around it (All mapping items must start at the same column). Indent it like the other lines of its block.',
    'a: "x':
      'error file/invalid-yaml 1:6 Something is missing here (Missing closing "quote). Look for a missing colon, quote or bracket.',
    'a: [1, 2':
      'error file/invalid-yaml 1:9 The indentation does not match the lines around it (Flow sequence in block collection must be sufficiently indented and end with a ]). Indent it like the other lines of its block.',
    'a: 1\nb\nc: 1':
      'error file/invalid-yaml 2:1 The line is not a "key: value" like the lines around it. Write a key and a colon before it, or remove it.',
    'title: "x",': 'error file/invalid-yaml 1:11 There is a comma after the value. Remove the comma: this is not JSON.',
    'title: x,': '',
    'title: "x"?':
      'error file/invalid-yaml 1:11 There is text after the closing quote. Put the whole value in quotes, or remove the text after them.',
    "title: 'x' y z":
      'error file/invalid-yaml 1:12 There is text after the closing quote. Put the whole value in quotes, or remove the text after them.',
    'image: {arch}-x':
      'error file/invalid-yaml 1:14 A value that begins with "{" needs quotes. Put the whole value in quotes, for example "{arch}-name".',
    'a: [1] x':
      'error file/invalid-yaml 1:8 This does not belong here (Unexpected scalar at node end). Look for an extra quote or comma, here or one line above.',
    'a: !secret b':
      'error file/invalid-yaml 1:4 The Supervisor does not know the tag "!secret". Remove the word that begins with "!".',
    'a: !!python/none b':
      'error file/invalid-yaml 1:4 The Supervisor does not know the tag "!!python/none". Remove the word that begins with "!".',
    'a: &a [*a]': 'error file/invalid-yaml 1:8 The alias "*a" refers to itself. Write the value instead.',
    'a: &a\n  <<: *a': 'error file/invalid-yaml 2:7 The alias "*a" refers to itself. Write the value instead.',
    'a:\n  <<: 5':
      'error file/invalid-yaml 2:3 "<<" merges another map, but this is not a map. Write "<<: *name" and put "&name" before a map.',
    'a:\n  <<: [{b: 1}, 5]':
      'error file/invalid-yaml 2:3 "<<" merges another map, but this is not a map. Write "<<: *name" and put "&name" before a map.',
    '? [a]\n: 1': 'error file/odd-key 1:3 A key is not a string. Write a name before the colon, without brackets.',
    '? {a: 1}\n: 1': 'error file/odd-key 1:3 A key is not a string. Write a name before the colon, without brackets.',
    'a: 1\nb: 2\na: 3\na: 4':
      'warning file/duplicate-key 3:1 Duplicate key "a"; only the last one is used. Remove one of them.\nwarning file/duplicate-key 4:1 Duplicate key "a"; only the last one is used. Remove one of them.',
    'a: @x':
      'error file/invalid-yaml 1:4 This is not valid YAML (Plain value cannot start with reserved character @). Correct the line, or put the value in quotes.',
    'a: `x':
      'error file/invalid-yaml 1:4 This is not valid YAML (Plain value cannot start with reserved character `). Correct the line, or put the value in quotes.',
    'a: %x':
      'error file/invalid-yaml 1:4 This is not valid YAML (Plain value cannot start with directive indicator character %). Correct the line, or put the value in quotes.',
    '- a\nb: 1':
      'error file/invalid-yaml 2:1 This does not belong here (Unexpected scalar at node end). Look for an extra quote or comma, here or one line above.',
    '}': 'error file/invalid-yaml 1:1 This does not belong here (Unexpected flow-map-end token in YAML document: "}"). Look for an extra quote or comma, here or one line above.',
    'a: "\\q"':
      'error file/invalid-yaml 1:5 This is not valid YAML (Invalid escape sequence \\q). Correct the line, or put the value in quotes.',
    'a: {b: 1, b: 2}':
      'warning file/duplicate-key 1:11 Duplicate key "b"; only the last one is used. Remove one of them.',
    "a: 'x\nb: 1\nc: 2":
      "error file/invalid-yaml 3:5 Something is missing here (Missing closing 'quote). Look for a missing colon, quote or bracket.",
    '[a': 'error file/invalid-yaml 1:3 Something is missing here (Flow sequence must end with a ]). Look for a missing colon, quote or bracket.',
    'a: |x\n  y':
      'error file/invalid-yaml 1:5 This does not belong here (Block scalar header includes extra characters: |x). Look for an extra quote or comma, here or one line above.',
    '%YAML 3.0\n---\na: 1':
      'error file/invalid-yaml 1:7 This is not valid YAML (Unsupported YAML version 3.0). Correct the line, or put the value in quotes.',
    'a: &x 1\nb: *y\nc: *x': 'error file/invalid-yaml 2:4 The alias "*y" has no anchor. Write "&y" before it.',
    'key: [a, b]]':
      'error file/invalid-yaml 1:12 This does not belong here (Unexpected flow-seq-end token in YAML stream: "]"). Look for an extra quote or comma, here or one line above.',
    'a: 1\n  b: 2':
      'error file/invalid-yaml 1:4 A map cannot begin on the line of another key. Put a value that contains ": " in quotes.',
    'a: >\n b\nc':
      'error file/invalid-yaml 3:1 The line is not a "key: value" like the lines around it. Write a key and a colon before it, or remove it.',
  }),
)('the YAML %j is answered with %j', (text, expected) => {
  expect(said(text, 'x.yaml')).toBe(expected)
})

const tooDeep = 'error file/too-complex 1:1 Values are nested deeper than 64 levels. Reduce the nesting.'
const tooMany = 'The file expands to more than 20000 values. Remove aliases, or shorten the file.'

test('values are nested at most 64 levels deep', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  for (const file of ['x.yaml', 'x.json']) {
    expect(said(nested(65), file)).toBe('')
    expect(said(nested(66), file)).toBe(tooDeep.replace('1:1', '1:66'))
  }
  const maps = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  expect(said(maps(64), 'x.json')).toBe('')
  expect(said(maps(65), 'x.json')).toContain('file/too-complex')
  expect(said(`a: &a ${nested(63)}\nb: [*a]`, 'x.yaml')).toContain('file/too-complex 2:5')
})

test('dashes that nest deeper than the reader goes are refused', () => {
  expect(said(`${'- '.repeat(5000)}x`, 'x.yaml')).toMatch(
    /^error file\/invalid-yaml 1:\d+ Values are nested too deeply\. Reduce the nesting\.$/,
  )
})

test.each(['a: *', 'a: * x', 'a: &', '*'])('%j has an alias or an anchor without a name', (text) => {
  expect(said(text, 'x.yaml')).toMatch(
    /^error file\/invalid-yaml 1:\d The alias has no anchor\. Put a value in quotes if it begins with "\*" or "&"\.$/,
  )
})

test('at most 500 brackets are open at once, in texts as well: their time to read grows with the square', () => {
  const text = (brackets: string) => said(`a: "${brackets}"`, 'x.yaml')
  expect(text('['.repeat(500))).toBe('')
  expect(text('['.repeat(501))).toBe(tooDeep)
  expect(text('{['.repeat(251))).toBe(tooDeep)
  expect(text('[]{}'.repeat(400))).toBe('')
  expect(text(`${']'.repeat(50)}${'['.repeat(501)}`)).toBe(tooDeep)
})

test('a file has at most 20000 values, those that aliases repeat included', () => {
  expect(said('\n'.repeat(20_000), 'x.yaml')).toBe('')
  for (const sign of ['\n', ',', '[', '{', '&', '*', '?', '"', "'"])
    expect(said(sign.repeat(20_001), 'x.yaml')).toBe(`error file/too-complex 1:1 ${tooMany}`)
  const list = (count: number, item: string) => Array(count).fill(item).join(', ')
  const text = (more: number) => `a: &a [${list(98, '1')}]\nb: [${list(198, '*a')}, ${list(more, '1')}]`
  expect(said(text(99), 'x.yaml')).toBe('')
  expect(said(text(100), 'x.yaml')).toMatch(/^error file\/too-complex 2:\d+ The file expands to more than 20000 values/)
})

test('all texts together have at most a million characters', () => {
  const text = (length: number) => `a: &a ${'x'.repeat(length)}\nb: *a`
  expect(said(text(499_999), 'x.yaml')).toBe('')
  expect(said(text(500_000), 'x.yaml')).toBe(
    'error file/too-complex 2:4 The values of the file have more than 1 million characters. Remove aliases, or shorten the file.',
  )
})

test('the first ten of many errors are reported', () => {
  const lines = (line: (index: number) => string) => Array.from({ length: 12 }, (_, index) => line(index)).join('\n')
  expect(
    said(
      lines((index) => `k${index}: "x" y`),
      'x.yaml',
    ).split('\n'),
  ).toHaveLength(10)
  expect(
    said(
      lines(() => 'a: 1'),
      'x.yaml',
    ).split('\n'),
  ).toHaveLength(10)
})

test.each<[string, unknown]>([
  ['', undefined],
  ['# nothing', undefined],
  ['a: {x, y: }', { a: { x: null, y: null } }],
  ['? a', { a: null }],
  ["'<<': {a: 1}", { '<<': { a: 1 } }],
  ['<<: {a: 1, b: 2}\nb: 3', { a: 1, b: 3 }],
  ['b: 3\n<<: {a: 1, b: 2}', { b: 3, a: 1 }],
  ['<<: [{a: 1}, {a: 2, b: 2}]', { a: 1, b: 2 }],
  [
    'a: &x [1, yes]\nb: [*x, *x]',
    {
      a: [1, true],
      b: [
        [1, true],
        [1, true],
      ],
    },
  ],
  ['5: a\nyes: b\n~: c', { 5: 'a', yes: 'b', '': 'c' }],
  ['a: !!str 5\nb: !!str yes', { a: '5', b: 'yes' }],
  ['a: !!int "5"\nb: !!bool "true"\nc: !!null ""', { a: 5, b: true, c: null }],
  ['a: |\n  x\n  y\nb: >\n  x\n  y\n', { a: 'x\ny\n', b: 'x y\n' }],
])('%j is %j', (text, expected) => {
  const { root, diagnostics } = parseTree(text, 'x.yaml')
  expect(diagnostics).toEqual([])
  expect(root && toValue(root)).toEqual(expected)
})

test.each<[string, unknown]>([
  ['{"a": yes}', undefined],
  [
    '{"a": "yes", "b": 1.50, "c": null, "d": [true], "<<": {"x": 1}}',
    { a: 'yes', b: 1.5, c: null, d: [true], '<<': { x: 1 } },
  ],
  ['"2020-01-01"', '2020-01-01'],
  ['1e3', 1000],
])('the JSON %s is %j', (text, expected) => {
  const { root } = parseTree(text, 'x.json')
  expect(root && toValue(root)).toEqual(expected)
})

test.each([
  ['a: 1.50\nb: 0x1F\nc: !!int "5"', 'x.yaml', ['1.50', '0x1F', '5']],
  ['{"a": 1.50, "b": 1E3, "c": null, "d": "~"}', 'x.json', ['1.50', '1E3', '', '~']],
])('the values of %j keep their texts', (text, file, texts) => {
  const { root } = parseTree(text, file)
  expect(root?.kind === 'map' && root.entries.map(({ node }) => node.kind === 'scalar' && node.text)).toEqual(texts)
})

test.each(['<<:', '{<<}', 'a: {<<: }', '<<: x'])('%j merges a value that is not a map', (text) => {
  expect(said(text, 'x.yaml')).toContain('"<<" merges another map, but this is not a map.')
})

test('the value of an alias has the location of the alias', () => {
  const text = 'a: &x {b: [1]}\nc: *x\nd:\n  <<: *x\n  e: {f: }\n'
  const { root } = parseTree(text, 'x.yaml')
  const places = [...locationsOf(root ?? { kind: 'list', items: [], where: { file: '', line: 0, column: 0 } }, 'p')]
  expect(places.map(([path, { file, line, column }]) => `${path} ${file}:${line}:${column}`)).toEqual([
    'p.a x.yaml:1:1',
    'p.a.b x.yaml:1:8',
    'p.a.b.0 x.yaml:1:12',
    'p.c x.yaml:2:1',
    'p.c.b x.yaml:2:4',
    'p.c.b.0 x.yaml:2:4',
    'p.d x.yaml:3:1',
    'p.d.e x.yaml:5:3',
    'p.d.e.f x.yaml:5:7',
    'p.d.b x.yaml:4:7',
    'p.d.b.0 x.yaml:4:7',
  ])
})

test.each<[string, object]>([
  ['{a: [1, yes, "x"]}', { value: { a: [1, 'yes', 'x'] } }],
  ['', { value: null }],
  ['a: &x 1\nb: *x', { value: { a: 1, b: 1 } }],
  [
    'a: [',
    {
      problem: expect.stringMatching(/^it is neither JSON nor YAML: Flow sequence in block collection[^\n]*$/),
      remedy: 'Correct it.',
    },
  ],
  [
    'a: !x 1',
    { problem: expect.stringMatching(/^it is neither JSON nor YAML: Unresolved tag: !x/), remedy: 'Correct it.' },
  ],
  [
    'a: *x',
    { problem: expect.stringMatching(/^it cannot be read: Unresolved alias/), remedy: 'Write it without aliases.' },
  ],
])('the text %j of an input is read as YAML 1.2', (text, expected) => {
  expect(parseYamlValue(text)).toEqual(expected)
})

test('aliases of an input that expand to a very large value are refused', () => {
  const levels = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1]']
  for (const [from, to] of ['ab', 'bc', 'cd']) levels.push(`${to}: &${to} [${Array(8).fill(`*${from}`).join(', ')}]`)
  expect(parseYamlValue(levels.join('\n'))).toMatchObject({ problem: expect.stringMatching(/^it cannot be read/) })
})
