import { expect, test } from '@jest/globals'
import { withFloats } from '../../../src/smoke/options/floats.ts'

test.each([
  [
    'a whole number of type float',
    { a: 1, b: -3, c: 0 },
    { a: 'float', b: 'float(-5,5)', c: 'float?' },
    '{"a":1.0,"b":-3.0,"c":0.0}',
  ],
  ['a fraction stays', { a: 1.5 }, { a: 'float' }, '{"a":1.5}'],
  ['a whole number of another type stays', { a: 1, b: '1' }, { a: 'int', b: 'str' }, '{"a":1,"b":"1"}'],
  [
    'lists and maps',
    { a: [1, 2], b: [{ c: 3 }], d: { e: 4 } },
    { a: ['float'], b: [{ c: 'float' }], d: { e: 'float' } },
    '{"a":[1.0,2.0],"b":[{"c":3.0}],"d":{"e":4.0}}',
  ],
  ['a number that Python writes with an exponent', { a: 1e21 }, { a: 'float' }, '{"a":1e+21}'],
  ['without a schema', { a: 1 }, false, '{"a":1}'],
])('%s', (_, options, schema, text) => {
  expect(JSON.stringify(withFloats(options, schema))).toBe(text)
})
