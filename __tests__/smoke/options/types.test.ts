import { expect, test } from '@jest/globals'
import { checkSchema } from '../../../src/smoke/options/types.ts'

test.each([
  [{ a: 'str', b: 'int(0,10)?', c: 'float(,.5)', d: 'list(a|b)\n', e: 'match(.*)?', f: 'device(subsystem=tty)' }],
  [{ a: ['str'], b: [{ c: 'port', d: ['url?'] }], e: { f: { g: 'password(8,)' } } }],
  [{ a: ['str', 'int'] }],
  [{}],
])('the Supervisor takes %j', (schema) => {
  expect(checkSchema(schema)).toEqual([])
})

test.each([
  [{ a: 'string' }, 'a', 'is not a type: "string"'],
  [{ a: 'int(0..10)' }, 'a', 'is not a type: "int(0..10)"'],
  [{ a: 'str??' }, 'a', 'is not a type: "str??"'],
  [{ a: 5 }, 'a', 'is not a type'],
  [{ a: null }, 'a', 'is empty'],
  [{ a: [] }, 'a', 'is an empty list'],
  [{ a: [['str']] }, 'a', 'is a list of lists'],
  [{ a: [{ b: 'nothing' }] }, 'a.0.b', 'is not a type: "nothing"'],
  [{ a: { b: { c: true } } }, 'a.b.c', 'is not a type'],
])('the Supervisor does not take %j', (schema, path, problem) => {
  expect(checkSchema(schema)).toEqual([{ path, problem, remedy: expect.stringMatching(/\.$/) }])
})

test('all problems are found', () => {
  expect(checkSchema({ a: 'x', b: 'str', c: ['y'] }).map(({ path }) => path)).toEqual(['a', 'c.0'])
})
