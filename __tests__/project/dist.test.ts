import { globSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { importsOf, staticImports } from '../environment/static-imports.ts'

interface Chunks {
  divide(
    table: Readonly<Record<string, readonly string[]>>,
    importsOf: (path: string) => readonly string[] | undefined,
  ): ReadonlyMap<string, string>
}
const { divide } = (await import(new URL('../../scripts/chunks.mjs', import.meta.url).href)) as Chunks

const dist = resolve(import.meta.dirname, '../../dist')
const loadedWith = (entry: string): readonly string[] =>
  [...staticImports(join(dist, entry, 'index.js'))].map((file) => relative(dist, file).replaceAll('\\', '/')).sort()

describe('the code that is loaded at start', () => {
  test('by the action is at most 0.45 MB', () => {
    const files = staticImports(join(dist, 'main', 'index.js'))
    const bytes = [...files].reduce((sum, file) => sum + statSync(file).size, 0)
    expect(bytes).toBeGreaterThan(100_000)
    expect(bytes).toBeLessThanOrEqual(450_000)
  })

  test('by the action and by the command line is only what reads inputs and makes the plan', () => {
    const files = ['shared/cleanup.js', 'shared/common.js', 'shared/rolldown-runtime.js', 'shared/start.js']
    expect(loadedWith('main')).toEqual(['main/index.js', ...files])
    expect(loadedWith('cli')).toEqual(['cli/index.js', ...files])
  })

  test('by the post step is only what removes traces', () => {
    expect(loadedWith('post')).toEqual(['post/index.js', 'shared/cleanup.js', 'shared/rolldown-runtime.js'])
  })
})

test('no module is in dist twice: its texts are in one file', () => {
  const files = globSync('**/*.js', { cwd: dist })
  const holding = (text: string) => files.filter((file) => readFileSync(join(dist, file), 'utf8').includes(text))
  for (const text of ['is neither true nor false', 'run/cancelled', 'HTTPParserError'])
    expect([text, holding(text).length]).toEqual([text, 1])
})

test.each([
  ['import{a as e,b as t}from"./a.js";', ['./a.js']],
  ['import"../shared/a.js";import t from"./b.js"', ['../shared/a.js', './b.js']],
  ['export{a}from"./a.js"', ['./a.js']],
  ['import e from"node:fs";', []],
  ['const a=()=>import("./later.js")', []],
])('%s imports %j statically', (text, paths) => {
  expect(importsOf(text)).toEqual(paths)
})

describe('a file of the bundle', () => {
  const imports: Readonly<Record<string, readonly string[]>> = {
    start: ['a', 'b'],
    later: ['b', 'c'],
    a: [],
    b: ['a'],
    c: [],
  }
  const filesOf = (table: Readonly<Record<string, readonly string[]>>) => [...divide(table, (path) => imports[path])]

  test('has its modules and what they import, without what an earlier file has', () => {
    expect(filesOf({ first: ['start'], second: ['later'] })).toEqual([
      ['start', 'first'],
      ['a', 'first'],
      ['b', 'first'],
      ['later', 'second'],
      ['c', 'second'],
    ])
  })

  test('cannot be for a module that the bundle does not have', () => {
    expect(() => filesOf({ first: ['gone'] })).toThrow('scripts/chunks.mjs names gone, which no entry imports.')
  })
})
