import { canonicalJson, toJson } from '../../../src/report/model/json.ts'
import { report } from '../reports.ts'

test('JSON does not depend on the order of fields, but on that of items', () => {
  expect(canonicalJson({ b: [2, 1], a: { d: null, c: 'x' } })).toBe('{"a":{"c":"x","d":null},"b":[2,1]}')
  expect(canonicalJson({ a: { c: 'x', d: null }, b: [2, 1] })).toBe('{"a":{"c":"x","d":null},"b":[2,1]}')
  expect(canonicalJson(['b', null, 1])).toBe('["b",null,1]')
})

test('a report is written for people, with a line end', () => {
  expect(toJson(report([]))).toMatch(/^\{\n {2}"schemaVersion": 1,\n[\s\S]*\}\n$/)
})
