import { leftoverOf } from '../../src/image/leftovers.ts'

const inHome = [
  ...[
    '.cache/pip',
    '.cache/uv',
    '.cache/pypoetry',
    '.cache/pipenv',
    '.cache/yarn',
    '.cache/go-build',
    '.cache/node-gyp',
  ],
  ...['.cache/composer', '.cache/deno', '.cache/bazel', '.npm', '.yarn/cache', '.cargo/registry', '.cargo/git'],
  ...['.m2/repository', '.gradle/caches', '.composer/cache', '.bundle/cache', 'go/pkg/mod'],
]
const caches = [
  ...['var/cache/apk', 'etc/apk/cache', 'var/lib/apt/lists', 'var/cache/apt', 'var/cache/dnf', 'var/cache/yum'],
  ...['usr/local/share/.cache', 'go/pkg/mod', 'usr/local/cargo/registry', 'usr/local/cargo/git'],
  ...inHome.flatMap((folder) => [`root/${folder}`, `home/somebody/${folder}`]),
]

test.each(caches)('%s is a cache', (root) => {
  expect(leftoverOf(`${root}/a/b`)).toEqual({ kind: 'package-cache', root })
  for (const other of [root, `${root}s/a`, `opt/${root}/a`, `my${root}/a`]) expect(leftoverOf(other)).toBeUndefined()
})

test('the content of the cache of npm is named more closely', () => {
  expect(leftoverOf('root/.npm/_cacache/a')).toEqual({ kind: 'package-cache', root: 'root/.npm/_cacache' })
  expect(leftoverOf('root/.npm/_cacache')).toEqual({ kind: 'package-cache', root: 'root/.npm' })
})

test.each(['home/a/b/.npm/x', 'home/.npm/x', 'root/.cache/other/x', 'usr/local/cargo/bin/x', 'var/cache/x', ''])(
  '"%s" is in no cache',
  (path) => {
    expect(leftoverOf(path)).toBeUndefined()
  },
)

test.each(['git', 'hg', 'svn', 'bzr'])('.%s is the history of sources, wherever it lies', (name) => {
  expect(leftoverOf(`.${name}/HEAD`)).toEqual({ kind: 'vcs', root: `.${name}` })
  expect(leftoverOf(`root/.npm/a/.${name}/b/HEAD`)).toEqual({ kind: 'vcs', root: `root/.npm/a/.${name}` })
  for (const other of [`.${name}`, `.${name}ignore/a`, `a.${name}/b`, `a/${name}/b`])
    expect(leftoverOf(other)).toBeUndefined()
})

test.each([
  ['app/__pycache__/a.pyc', 'app/__pycache__'],
  ['__pycache__/a.pyc', '__pycache__'],
  ['a/__pycache__/b/__pycache__/c', 'a/__pycache__'],
  ['usr/lib/python3.12/site-packages/x/__pycache__/a.pyc', 'usr/lib/python3.12/site-packages/x/__pycache__'],
  ['usr/local/lib/python3.12/__pycache__/a.pyc', 'usr/local/lib/python3.12/__pycache__'],
  ['usr/lib/python3x/__pycache__/a.pyc', 'usr/lib/python3x/__pycache__'],
  ['opt/usr/lib/python3/dist-packages/__pycache__/a', 'opt/usr/lib/python3/dist-packages/__pycache__'],
])('%s is bytecode', (path, root) => {
  expect(leftoverOf(path)).toEqual({ kind: 'bytecode', root })
})

test.each([
  'usr/lib/python3/dist-packages/x/__pycache__/a.pyc',
  'usr/lib/python3.12/json/__pycache__/a.pyc',
  'usr/lib/python3.1/__pycache__/a.pyc',
  'app/__pycache__',
  'app/my__pycache__/a',
  'app/__pycache__s/a',
])('%s is no bytecode that somebody could leave out', (path) => {
  expect(leftoverOf(path)).toBeUndefined()
})

test.each([
  ['app/tests/a', 'app/tests'],
  ['srv/test/a', 'srv/test'],
  ['usr/src/x/__tests__/a', 'usr/src/x/__tests__'],
  ['a/site-packages/b/tests/c/tests/d', 'a/site-packages/b/tests'],
  ['a/dist-packages/b/test/c', 'a/dist-packages/b/test'],
  ['tests/node_modules/b/tests/__pycache__/c', 'tests/node_modules/b/tests'],
])('%s belongs to tests of a program', (path, root) => {
  expect(leftoverOf(path)).toEqual({ kind: 'tests', root })
})

test.each([
  'tests/app/a',
  'app/tests',
  'usr/share/tests/a',
  'myapp/tests/a',
  'apps/tests/a',
  'app/mytests/a',
  'app/testing/a',
])('%s does not', (path) => {
  expect(leftoverOf(path)).toBeUndefined()
})
