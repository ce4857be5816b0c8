import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { mayLack, unexcusedSkips } from '../suite/skips.ts'

describe('a test that is skipped in CI', () => {
  const cosign = 'signing [skipped, missing cosign: no cosign] signs'

  test.each<[string, string, Record<string, string>, string[]]>([
    ['is accepted if the missing piece is optional', cosign, { cosign: 'no cosign' }, []],
    [
      'is a failure if the piece is missing for another reason',
      'signing [skipped, missing cosign: apt: no route to host] signs',
      { cosign: 'apt: no route to host' },
      ['signing [skipped, missing cosign: apt: no route to host] signs: cosign is available in CI'],
    ],
    [
      'is a failure if another piece is missing as well',
      'x [skipped, missing cosign: no cosign; engine: dockerd does not start]',
      { cosign: 'no cosign', engine: 'dockerd does not start' },
      ['x [skipped, missing cosign: no cosign; engine: dockerd does not start]: engine is available in CI'],
    ],
    [
      'is a failure if nothing is missing',
      cosign,
      {},
      [`${cosign}: the name lists no missing piece of the test environment`],
    ],
    [
      'is a failure without the Go that makes a registry',
      'x [skipped, missing registry3: no Go to build it with]',
      { registry3: 'no Go to build it with' },
      ['x [skipped, missing registry3: no Go to build it with]: registry3 is available in CI'],
    ],
    ['is a failure without a reason', 'later', {}, ['later: the name lists no missing piece of the test environment']],
  ])('%s', (_, name, missing, expected) => {
    expect(unexcusedSkips([name], missing)).toEqual(expected)
  })

  test('is accepted for few pieces, each with a reason', () => {
    expect(mayLack.map(({ need }) => need)).toEqual(['emulators', 'browser', 'cosign'])
    for (const { because } of mayLack) expect(because).toMatch(/^[A-Z].{30,}\.$/)
  })
})

test('no test file skips, narrows or postpones a test by itself', () => {
  const root = resolve(import.meta.dirname, '..', '..')
  const skips =
    /\b(?:describe|test|it)(?:\.\w+)*\.(?:skip|todo|only|failing)\b|\b[xf](?:it|test|describe)\(|\? \w+\.skip\b/
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== join('environment', 'describe-with.ts'))
    .filter((name) => skips.test(readFileSync(join(root, name), 'utf8')))
  expect(found).toEqual([])
  expect(skips.test(readFileSync(join(root, 'environment', 'describe-with.ts'), 'utf8'))).toBe(true)
})
