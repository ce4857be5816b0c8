import { describe, expect, test } from '@jest/globals'
import { isWork, readStatus, type Status } from '../../src/build/rawjson.ts'

describe('a step', () => {
  test.each([
    ['[2/2] RUN make', true],
    ['[builder 1/3] COPY . .', true],
    ['[1/2] FROM base', false],
    ['exporting to image', false],
    ['[internal] load build context', false],
  ])('%s is an instruction of the Dockerfile: %s', (name, expected) => {
    expect(isWork({ name })).toBe(expected)
  })
})

test.each<readonly [string, Status | undefined]>([
  ['{"vertexes":[]}', { vertexes: [] }],
  ['{"vertexes":', undefined],
  ['ERROR: failed to solve', undefined],
  ['', undefined],
])('the line %j is %j', (line, status) => {
  expect(readStatus(line)).toEqual(status)
})
