import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { leftOut, partNames, readPart } from '../parts.ts'
import { lineOf, percentage, scoreOf, tableOf } from '../table.ts'
import { ModuleGraph } from '../worker/graph.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const results = (...statuses: readonly string[]) => statuses.map((status) => ({ status })) as never

describe('the score of a part', () => {
  test('counts timeouts as killed, and ignores mutants that could not be tried', () => {
    const score = scoreOf('gate', results('Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError'))
    expect(score).toEqual({
      part: 'gate',
      mutants: 5,
      killed: 2,
      timeouts: 1,
      survived: 1,
      notCovered: 1,
      errors: 1,
    })
    expect(percentage(score)).toBe(50)
  })

  test('is a row of a table', () => {
    const scores = [scoreOf('gate', results('Killed', 'Killed', 'Survived')), scoreOf('smoke/verdict', results())]
    expect(tableOf(scores).split('\n')).toEqual([
      'part           mutants  killed  (timeouts)  survived  not covered  errors  percentage',
      'gate                 3       2           0         1            0       0      66.7 %',
      'smoke/verdict        0       0           0         0            0       0     100.0 %',
    ])
  })

  test.each([
    ['Survived', ''],
    ['NoCoverage', ' (no test runs this)'],
    ['RuntimeError', ' (RuntimeError)'],
  ])('lists a mutant that is %s', (status, words) => {
    const location = { start: { line: 2, column: 5 }, end: { line: 3, column: 4 } }
    const mutant = { status, location, mutatorName: 'BlockStatement', replacement: '{}' } as never
    const line = lineOf(mutant, 'src/a.ts', 'one\nif (x\n  ) {\nend')
    expect(line).toBe(`src/a.ts:2:5 BlockStatement${words}  x ) → {}`)
  })
})

describe('the parts', () => {
  test.each(partNames)('%s has sources and tests', (name) => {
    const part = readPart(name, root)
    expect(part?.mutate).not.toEqual([])
    expect(part?.tests).not.toEqual([])
    expect(part?.tests.filter((path) => path.includes('.e2e.'))).toEqual([])
  })

  test('leave out only tests of existing files', () => {
    for (const test of leftOut) expect(existsSync(join(root, test.replace(/: .*/, '')))).toBe(true)
  })

  test('have other names', () => {
    expect(readPart('none', root)).toBeUndefined()
  })
})

test('reloading a module also reloads its importers, and no other modules', () => {
  const graph = new ModuleGraph()
  const enterAll = (): readonly string[] =>
    [
      ['file:test', undefined],
      ['file:a', 'file:test'],
      ['file:b', 'file:a'],
      ['file:other', 'file:test'],
    ].map(([url, parent]) => graph.enter(String(url), parent))
  expect(enterAll()).toEqual(['file:test', 'file:a', 'file:b', 'file:other'])
  expect([...graph.renew('file:a')]).toEqual(['file:a', 'file:test'])
  expect(enterAll()).toEqual(['file:test?generation=1', 'file:a?generation=1', 'file:b', 'file:other'])
  graph.renew('file:b')
  expect(graph.enter('file:b', 'file:a?generation=1')).toBe('file:b?generation=2')
  expect(graph.enter('file:a', 'file:test?generation=2')).toBe('file:a?generation=2')
  // The nearest first: tests of those are the likeliest to notice a mutant.
  expect([...graph.importersOf('file:b')]).toEqual(['file:b', 'file:a', 'file:test'])
  expect([graph.imports('file:a', 'file:b'), graph.imports('file:test', 'file:b')]).toEqual([true, false])
})
