import { describe, expect, test } from '@jest/globals'
import { readCommandLine } from '../../src/cli/arguments.ts'
import { placeCommand } from '../../src/cli/workspace.ts'

const place = (
  args: readonly string[],
  current = '/home/me/work',
  checkouts: readonly string[] = [],
  runner?: string,
) => {
  const { line, workspace } = placeCommand(readCommandLine(args), runner, current, (one) => checkouts.includes(one))
  return [workspace, line.text('target')]
}

describe('a command works', () => {
  test.each<[string, readonly string[], readonly string[], readonly [string, string]]>([
    ['where it is called', ['run'], [], ['/home/me/work', '']],
    ['where it is called, for a folder below', ['run', 'addon'], [], ['/home/me/work', 'addon']],
    [
      'where it is called, for a whole path below',
      ['run', '/home/me/work/a'],
      [],
      ['/home/me/work', '/home/me/work/a'],
    ],
    ['in the checkout of a folder elsewhere', ['run', '/srv/addons/a'], ['/srv/addons'], ['/srv/addons', 'a']],
    ['in the checkout beside', ['plan', '../other/a'], ['/home/me/other'], ['/home/me/other', 'a']],
    ['in the folder itself, without a checkout', ['smoke', 'x', '--target', '/srv/a'], [], ['/srv/a', '.']],
    ['in the checkout that it is called below', ['run', '..'], ['/home/me'], ['/home/me', '.']],
    ['above all that are named', ['run', '/srv/x/a', '/srv/x/b', '!/srv/x/b/c'], [], ['/srv/x', 'a\nb\n!b/c']],
    ['above a pattern', ['run', '/srv/x/a*', '/srv/x/b'], ['/srv'], ['/srv', 'x/a*\nx/b']],
    [
      'where it is called, when nothing but the root is common',
      ['run', '/srv', '/opt'],
      [],
      ['/home/me/work', '/srv\n/opt'],
    ],
    ['where it is called, without a target', ['size', 'a', 'b'], [], ['/home/me/work', '']],
  ])('%s', (_, args, checkouts, expected) => {
    expect(place(args, '/home/me/work', checkouts)).toEqual(expected)
  })

  test('where a runner says', () => {
    expect(place(['run', '/srv/a'], '/home', [], '/runner/work')).toEqual(['/runner/work', '/srv/a'])
  })
})
