import { type ChangedFiles, dockerfilePaths, findFolders } from '../../src/addon/discover.ts'
import type { Entry, Files } from '../../src/addon/files.ts'
import { hasSeveralAddons } from '../../src/addon/repository.ts'
import { memoryFiles } from '../fakes/memory-files.ts'
import { saidOf } from './messages.ts'

const config = 'name: N\nslug: s\n'
const filesAt = (...paths: readonly string[]): Files => memoryFiles(new Map(paths.map((path) => [path, config])))
const find = async (files: Files, targets: readonly string[], changed?: ChangedFiles, more: object = {}) => {
  const options = { targets, changedOnly: changed !== undefined, ...more }
  const { folders, diagnostics } = await findFolders(options as Parameters<typeof findFolders>[0], files, changed)
  return { folders: folders.map(({ folder, named }) => `${folder}${named ? ' named' : ''}`), said: saidOf(diagnostics) }
}

test.each([
  ['a/config.yaml', true],
  ['a/config.yml', true],
  ['a/config.json', true],
  ['a/build.yaml', true],
  ['a/build.yml', true],
  ['a/build.json', true],
  ['a/xconfig.yaml', false],
  ['a/config.yaml.bak', false],
  ['a/config.toml', false],
  ['a/Dockerfile', false],
  ['a/config.yaml/x', false],
])('%s makes its folder an add-on: %s', async (path, expected) => {
  const { folders } = await find(filesAt(path), ['.'])
  expect(folders).toEqual([expected ? 'a' : '. named'])
})

test('only a target that is the folder itself counts as named', async () => {
  const files = filesAt('a/config.yaml', 'b/config.yaml', 'c/d/config.yaml')
  expect(await find(files, ['.'])).toEqual({ folders: ['a', 'b', 'c/d'], said: '' })
  expect(await find(files, [])).toEqual({ folders: ['a', 'b', 'c/d'], said: '' })
  expect(await find(files, ['a', '.', 'b'])).toEqual({ folders: ['a named', 'b named', 'c/d'], said: '' })
  expect(await find(files, ['b', '*'])).toEqual({ folders: ['a', 'b named'], said: '' })
  expect(await find(files, ['./c/d', 'nowhere'])).toEqual({ folders: ['c/d named', 'nowhere named'], said: '' })
  expect(await find(files, ['a/./b'])).toEqual({ folders: ['a/./b named'], said: '' })
})

test('hidden folders, rootfs, node_modules and links are not searched', async () => {
  const entry = (name: string, kind: Entry['kind'], link = false): Entry => ({ name, kind, link })
  const listed: string[] = []
  const files: Files = {
    read: async () => ({ missing: true }),
    list: async (folder) => {
      listed.push(folder)
      if (folder === 'gone') return undefined
      if (folder === 'out') return 'outside'
      if (folder !== '.') return [entry('config.yaml', 'file')]
      const skipped = ['.git', 'rootfs', 'node_modules'].map((name) => entry(name, 'folder'))
      return [...skipped, entry('link', 'folder', true), entry('pipe', 'other'), entry('file', 'file')].concat(
        ['a', 'gone', 'out'].map((name) => entry(name, 'folder')),
      )
    },
  }
  expect(await find(files, ['.'])).toEqual({ folders: ['a'], said: '' })
  expect(listed).toEqual(['.', '.', 'a', 'gone', 'out'])
})

test('folders are sorted by code unit', async () => {
  const names = ['b', 'a', 'é', 'B', '10', '2', 'a-b', 'a/b']
  expect((await find(filesAt(...names.map((name) => `${name}/config.yaml`)), ['**', 'a', 'B'])).folders).toEqual([
    '10',
    '2',
    'B named',
    'a named',
    'a-b',
    'a/b',
    'b',
    'é',
  ])
})

test('a folder that is called as a pattern is that folder, and patterns do not match hidden folders', async () => {
  const files = filesAt('a[1]/config.yaml', 'a1/config.yaml', '!x/config.yaml', 'h/.b/config.yaml', 'x/config.yaml')
  expect((await find(files, ['a[1]'])).folders).toEqual(['a[1] named'])
  expect((await find(files, ['a[12]'])).folders).toEqual(['a1'])
  expect((await find(files, ['./!x'])).folders).toEqual(['!x named'])
  expect((await find(files, ['./!(x)'])).folders).toEqual(['!x', 'a1', 'a[1]'])
  expect((await find(files, ['h/.b/*', 'h/*'])).said).toBe(
    ['h/.b/*', 'h/*']
      .map(
        (pattern) =>
          `error addon/no-match - No add-on matches "${pattern}". Correct the pattern. It is compared with folders that contain config.yaml or build.yaml.`,
      )
      .join('\n'),
  )
})

test('excluded folders are left out with their subfolders, and excluding everything is an error', async () => {
  const files = filesAt('a/config.yaml', 'a/b/config.yaml', 'ab/config.yaml', '!c/config.yaml')
  expect((await find(files, ['**', '!a'])).folders).toEqual(['!c', 'ab'])
  expect((await find(files, ['**', '!./a/*'])).folders).toEqual(['!c', 'a', 'ab'])
  expect((await find(files, ['**', '!!c'])).folders).toEqual(['a', 'a/b', 'ab'])
  expect(await find(files, ['ab', '!a*'])).toEqual({
    folders: [],
    said: 'error addon/no-match - All targets are excluded, so there is no add-on to build. Remove a line with "!" from "target".',
  })
})

test('a control character in a name is an error, and the folder is left out', async () => {
  expect(await find(filesAt('a\nb/config.yaml', 'c/config.yaml'), ['.'])).toEqual({
    folders: ['c'],
    said: 'error addon/odd-name - The folder "a\\nb" has a control character in its name. Rename it.',
  })
})

test('paths of more than 1024 characters match no pattern', async () => {
  const long = (length: number) => `${'x/'.repeat(20)}${'y'.repeat(length - 40)}`
  const files = filesAt(`${long(1024)}/config.yaml`, `${long(1025)}/config.yaml`)
  expect((await find(files, ['**'])).folders).toEqual([long(1024)])
  expect((await find(files, ['.', '!x'])).folders).toEqual([long(1025)])
})

test('the search ends at 64 levels and at 20000 folders', async () => {
  const deep = (levels: number) => `${Array(levels).fill('d').join('/')}/config.yaml`
  expect((await find(filesAt(deep(64)), ['.'])).folders).toHaveLength(1)
  expect(await find(filesAt(deep(65)), ['d/..', 'd/*'])).toMatchObject({
    said: expect.stringContaining('addon/no-match'),
  })
  expect(await find(filesAt(deep(65)), ['.'])).toEqual({
    folders: ['. named'],
    said: 'error addon/too-many-folders - "." has folders nested deeper than 64 levels. List the add-on folders in "target".',
  })
  const wide = (folders: number): Files => {
    const entries = Array.from({ length: folders }, (_, index): Entry => {
      return { name: `f${index}`, kind: 'folder', link: false }
    })
    return { read: async () => ({ missing: true }), list: async (folder) => (folder === '.' ? entries : []) }
  }
  expect((await find(wide(19_999), ['.'])).said).toBe('')
  expect((await find(wide(20_000), ['.'])).said).toBe(
    'error addon/too-many-folders - "." has more than 20000 folders. List the add-on folders in "target".',
  )
})

describe('only what was changed', () => {
  const files = filesAt('a/config.yaml', 'b/config.yaml')
  const nothing =
    'notice addon/nothing-changed - No add-on was changed, so nothing is built. No action is needed. See "changed-only".'

  test.each<[readonly string[], object, readonly string[]]>([
    [['a'], {}, ['a']],
    [['a/x/y'], {}, ['a']],
    [['ab/x', 'x/a'], {}, []],
    [['x'], { buildContexts: new Map([['c', './x/']]) }, ['a', 'b']],
    [['x/y'], { buildContexts: new Map([['c', 'a/../x']]) }, ['a', 'b']],
    [['y'], { buildContexts: new Map([['c', 'x']]) }, []],
    [['x/Dockerfile'], { file: '/x/Dockerfile' }, ['a', 'b']],
    [['b/x/Dockerfile'], { file: 'x/Dockerfile' }, ['b']],
    [['y'], { buildContexts: new Map([['c', '.']]) }, ['a', 'b']],
  ])('%j with %j: %j', async (changed, options, folders) => {
    expect(await find(files, ['.'], { files: changed }, options)).toEqual({
      folders,
      said: folders.length === 0 ? nothing : '',
    })
  })

  test.each<[readonly string[], readonly string[], readonly string[], string]>([
    [
      ['shared'],
      ['README.md', 'shared/run.sh', 'a/x'],
      ['a', 'b'],
      '"shared/run.sh" was changed, and all add-ons depend on it.',
    ],
    [
      ['.github/workflows/**'],
      ['.github/workflows/x.yml'],
      ['a', 'b'],
      '".github/workflows/x.yml" was changed, and all add-ons depend on it.',
    ],
    [['*'], ['a\u001b[31m"'], ['a', 'b'], String.raw`"a\u001b[31m\"" was changed, and all add-ons depend on it.`],
    [
      ['*.sh'],
      ['x/'.repeat(150)],
      ['a', 'b'],
      `The path "${'x/'.repeat(38)}x..." is too long to be compared with "changed-paths-all", so it counts as a file that all add-ons depend on.`,
    ],
    [['shared', '!shared/*.md'], ['shared/README.md', 'a/x'], ['a'], ''],
    [['shared'], ['b/shared/x'], ['b'], ''],
  ])('with changed-paths-all %j, of %j: %j', async (changedPathsAll, changed, folders, problem) => {
    const said = problem && `notice addon/shared-change - ${problem} Every add-on is built. See "changed-paths-all".`
    expect(await find(files, ['.'], { files: changed }, { changedPathsAll })).toEqual({ folders, said })
  })

  test('does not mention a file that all add-ons depend on if there is no add-on', async () => {
    const { said } = await find(files, ['a', '!a'], { files: ['x'] }, { changedPathsAll: ['x'] })
    expect(said).not.toContain('shared-change')
  })

  test('ignores changed-paths-all without changed-only', async () => {
    expect(await find(files, ['.'], undefined, { changedPathsAll: ['x'] })).toEqual({ folders: ['a', 'b'], said: '' })
  })

  test('builds everything if the changes are unknown', async () => {
    const said = (why: string) => `notice addon/changes-unknown - "changed-only": ${why} Every add-on is built.`
    expect(await find(files, ['.'], { unknown: 'No commit.' })).toEqual({
      folders: ['a', 'b'],
      said: said('No commit.'),
    })
    expect(await find(files, ['.'], undefined, { changedOnly: true })).toEqual({
      folders: ['a', 'b'],
      said: said('This event has no commit to compare with.'),
    })
  })

  test('reports only once that there is nothing to build', async () => {
    expect((await find(files, ['a', '!a'], { files: [] })).said).not.toContain('nothing-changed')
  })
})

test.each<[string, string | undefined, readonly string[]]>([
  ['a', undefined, []],
  ['a', 'x', ['a/x', 'x']],
  ['.', 'x', ['x']],
  ['a/b', '../x', ['a/x']],
  ['a', '../../x', []],
  ['a', '..', ['.']],
  ['a/b', '../..', ['.']],
  ['a', '/x/./y', ['x/y']],
  ['a', '/../x', []],
  ['a', '..x', ['a/..x', '..x']],
])('in %s the input "file" %s is one of %j', (folder, file, expected) => {
  expect(dockerfilePaths(folder, file)).toEqual(expected)
})

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['two', { 'a/config.yaml': config, 'b/config.json': '{"name": "N", "slug": "s"}' }, true],
  ['three', { 'a/config.yaml': config, 'b/config.yml': config, 'c/config.yaml': config }, true],
  ['one', { 'a/config.yaml': config }, false],
  ['none', { 'a/Dockerfile': 'FROM a' }, false],
  ['without a slug', { 'a/config.yaml': config, 'b/config.yaml': 'name: N' }, false],
  ['without a name', { 'a/config.yaml': config, 'b/config.yaml': 'slug: s' }, false],
  ['not text', { 'a/config.yaml': config, 'b/config.yaml': '\0' }, false],
  ['the first file counts', { 'a/config.yaml': config, 'b/config.yaml': 'x: 1', 'b/config.json': config }, false],
  ['build.yaml alone', { 'a/config.yaml': config, 'b/build.yaml': 'args: {A: "1"}' }, false],
])('a checkout has several add-ons: %s', async (_, texts, expected) => {
  expect(await hasSeveralAddons(memoryFiles(new Map(Object.entries(texts))))).toBe(expected)
})

test('a checkout with more than 200 folders of config files has several', async () => {
  const many = (count: number) => {
    const paths = Array.from({ length: count }, (_, index) => `f${index}/config.yaml`)
    return hasSeveralAddons(memoryFiles(new Map(paths.map((path) => [path, 'x: 1']))))
  }
  expect([await many(200), await many(201)]).toEqual([false, true])
})
