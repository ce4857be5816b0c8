import { mergedTree } from '../../src/image/contents.ts'
import { existsInImage, programNames } from '../../src/image/interpreters.ts'
import { readMembers } from './samples/image.ts'
import type { Member } from './samples/tar.ts'

const link = (path: string, to: string): Member => ({ path, type: '2', link: to })
const treeOf = async (...members: readonly Member[]) => mergedTree([await readMembers(members)])

const members: readonly Member[] = [
  { path: 'usr/bin/tool', content: 'x' },
  { path: 'empty/' },
  link('bin', 'usr/bin'),
  link('usr/absolute', '/usr/bin/tool'),
  link('usr/up', '../usr/./bin//tool'),
  link('usr/out', '../../../../usr/bin/tool'),
  link('usr/beside', 'bin/tool'),
  link('usr/bin/misled', 'usr/bin/tool'),
  link('usr/lost', 'bin/nothing'),
  link('usr/loop', 'loop'),
  link('usr/early', '/run/tool'),
  link('usr/home', '/usr'),
]

describe('existsInImage', () => {
  test.each([
    ...['/', '', '/usr/bin/tool', 'usr/bin/tool', '//usr//bin/./tool', '/usr/../usr/bin/tool', '/../usr/bin/tool'],
    ...[
      '/empty',
      '/empty/',
      '/bin/tool',
      '/bin',
      '/usr/absolute',
      '/usr/beside',
      '/usr/up',
      '/usr/out',
      '/usr/home/home/bin/tool',
    ],
    ...['/empty/../bin/tool', '/usr/bin/../../empty', '/bin/../bin/tool'],
  ])('"%s" is', async (path) => {
    expect(existsInImage(await treeOf(...members), path)).toBe(true)
  })

  test.each([
    ...[
      '/nothing',
      '/usr/bin/nothing',
      '/usr/bin/tool/x',
      '/usr/lost',
      '/usr/bin/misled',
      '/usr/loop',
      '/bin/nothing',
      '/usr/bin/run/x',
    ],
    ...['/empty/tool', '/usr/absolute/x', '/usr/home/run', '/bin/../empty'],
  ])('"%s" is not', async (path) => {
    expect(existsInImage(await treeOf(...members), path)).toBe(false)
  })

  test.each(['run', 'proc', 'dev', 'sys', 'tmp', 'data', 'config', 'share', 'ssl', 'media', 'backup'])(
    'files in /%s are unknown before the container runs',
    async (name) => {
      const tree = await treeOf(...members)
      expect([existsInImage(tree, `/${name}`), existsInImage(tree, `/${name}/x/y`)]).toEqual([true, true])
      expect([existsInImage(tree, `/empty/../${name}/x`), existsInImage(tree, `/usr/${name}/x`)]).toEqual([true, false])
    },
  )

  test('follows links to what comes when the container starts', async () => {
    expect(existsInImage(await treeOf(...members), '/usr/early')).toBe(true)
  })

  test('follows 16 links and no more', async () => {
    const chain = Array.from({ length: 17 }, (_, index) => link(`l${index + 1}`, index ? `l${index}` : 'usr'))
    const tree = await treeOf({ path: 'usr/' }, ...chain)
    expect([existsInImage(tree, '/l16'), existsInImage(tree, '/l17')]).toEqual([true, false])
  })

  test('follows 1025 parts of a path and no more', async () => {
    const tree = await treeOf({ path: 'usr/' })
    expect([existsInImage(tree, `${'./'.repeat(1024)}usr`), existsInImage(tree, `${'./'.repeat(1025)}usr`)]).toEqual([
      true,
      false,
    ])
  })
})

test('programNames: everything in folders of programs, wherever they lie', async () => {
  const tree = await treeOf(
    { path: 'usr/bin/a', content: 'x' },
    { path: 'opt/x/sbin/b', content: 'x' },
    { path: 'command/c', content: 'x' },
    link('bin/d', 'a'),
    { path: 'bin/folder/e', content: 'x' },
    { path: 'lib/f', content: 'x' },
    { path: 'bin/folder/bin/g', content: 'x' },
    { path: 'h', content: 'x' },
  )
  expect([...programNames(tree)].sort()).toEqual(['a', 'b', 'c', 'd', 'g'])
})
