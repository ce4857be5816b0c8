import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { kindOf, testFiles } from '../environment/suite/files.ts'
import {
  exportedNames,
  exportsWithoutImporter,
  importCircles,
  importedNames,
  importsOf,
  layerOf,
  layers,
  sourceFiles,
  upwardImports,
} from './source-graph.ts'

const root = resolve(import.meta.dirname, '../..')
const imports = importsOf(root)

/** Folders of `__tests__` that are not folders of `src/`. */
const otherFolders: Readonly<Record<string, string>> = {
  e2e: 'the committed bundle, as a runner runs it',
  faults: 'the bundle while registries, engines and builders fail',
  hostile: 'whole runs over hostile checkouts and images',
  'docker-reference': 'the reference add-on in docker/',
  scripts: 'mirrors scripts/',
  project: 'this repository: layout, workflows, pins, licences',
  environment: 'what npm test prepares, with its own tests',
  fakes: 'servers and runners that the tests start, with their own tests',
  mutation: 'the mutation tests, with their own tests',
}

describe('the files of src/', () => {
  test('are in folders, but for the two entries of the action', () => {
    expect(sourceFiles(root).filter((file) => layerOf(file) === undefined)).toEqual(['main.ts', 'post.ts'])
  })

  test('are in the folders of the architecture', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).sort()).toEqual([...layers].sort())
  })

  test('do not import each other in circles', () => {
    const circles = importCircles(imports)
    console.log(`import circles: ${circles.length}`)
    expect(circles).toEqual([])
  })

  test('import from folders below their own', () => {
    const upward = upwardImports(imports)
    console.log(`upward imports: ${upward.length} of ${imports.length}`)
    expect(upward).toEqual([])
  })
})

test('every export has an importer', () => {
  const unused = exportsWithoutImporter(root).map(({ file, name }) => `${file}: ${name}`)
  console.log(`exports without importer: ${unused.length}`)
  expect(unused).toEqual([])
})

describe('names', () => {
  test('that are exported', () => {
    const text =
      'export const a = 1\nexport async function b() {}\nexport type C = 1\nconst d = 1\n  export const e = 1'
    expect(exportedNames(text)).toEqual(['a', 'b', 'C'])
  })

  test.each([
    ["import { a, type B } from './x.ts'", ['src/x.ts a', 'src/x.ts B']],
    ["import type { a as b } from '../x.ts'", ['x.ts a']],
    ["import {\n  a,\n  b,\n} from './x.ts'", ['src/x.ts a', 'src/x.ts b']],
    ["export { a } from './x.ts'", ['src/x.ts a']],
    ["import { a } from 'package'", []],
  ])('that %j imports', (text, expected) => {
    expect([...importedNames('src/file.ts', text)].filter((one) => !one.endsWith(' '))).toEqual(expected)
  })

  test('that are taken of a module that is loaded later', () => {
    expect(importedNames('src/file.ts', "const { a } = await import('./x.ts')")).toContain('src/x.ts a')
  })
})

describe('the graph of imports', () => {
  test.each([
    ['none', [], []],
    [
      'a line',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      [],
    ],
    [
      'a diamond',
      [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'd'],
        ['c', 'd'],
      ],
      [],
    ],
    [
      'a pair',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      [['a', 'b']],
    ],
    [
      'a long one behind a line',
      [
        ['x', 'a'],
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ],
      [['a', 'b', 'c']],
    ],
  ] as const)('finds import circles: %s', (_, arrows, expected) => {
    const circles = importCircles(arrows.map(([from, to]) => ({ from, to })))
    expect(circles.map((circle) => circle.toSorted())).toEqual(expected)
  })

  test.each([
    ['plan/a.ts', 'core/b.ts', false],
    ['plan/a.ts', 'plan/deep/b.ts', false],
    ['core/a.ts', 'plan/b.ts', true],
    ['main.ts', 'pipeline/b.ts', false],
    ['pipeline/a.ts', 'main.ts', true],
  ])('%s imports %s: upward is %s', (from, to, upward) => {
    expect(upwardImports([{ from, to }]).length > 0).toBe(upward)
  })
})

/** Test files of no single file of `src/`, below `__tests__`, each with what it tests. */
const unmirrored: Readonly<Record<string, string>> = {
  'image/memory.integration.test.ts': 'an image is read in constant memory: sources, tar, layers and readers together',
  'image/worst.integration.test.ts': 'the largest image that is accepted, in the same way',
}

/**
 * A unit or integration test is named after the file or folder of `src/` that it tests: `plan/tags.test.ts`, or `plan/tags.TOPIC.test.ts` where
 * one file has several. End-to-end tests are named after what they show.
 */
test('tests mirror src/', () => {
  const own = testFiles(root)
    .map((file) => file.replace(/^__tests__\//, ''))
    .filter((file) => kindOf(file) !== 'e2e' && !Object.hasOwn(otherFolders, file.split('/')[0] ?? ''))
    .filter((file) => !Object.hasOwn(unmirrored, file))
  const lost = own.filter((file) => {
    const subject = file.replace(/^(.*\/[^/.]+)\..*$/, '$1')
    return !['.ts', '.js', ''].some((ending) => existsSync(join(root, 'src', `${subject}${ending}`)))
  })
  expect(lost).toEqual([])
})
