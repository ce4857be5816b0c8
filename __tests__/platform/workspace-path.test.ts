import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkFolder,
  isBelow,
  locate,
  openInputPath,
  openInside,
  openRegular,
  readUpTo,
  relativeToWorkspace,
  removeInside,
  writeInputPath,
  writeInside,
} from '../../src/platform/workspace-path.ts'

let home: string
let root: string
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'paths-')))
  root = join(home, 'in')
  for (const folder of ['in', 'in/a', 'out']) mkdirSync(join(home, folder))
  writeFileSync(join(root, 'a/file'), 'ours')
  writeFileSync(join(home, 'out/file'), 'theirs')
})
afterEach(() => rmSync(home, { recursive: true }))
const at = (path: string): string => join(root, path)
/** Files below the folder of the test that are open. */
const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(home) ? [path] : []
    } catch {
      return []
    }
  })

test.each([
  ['/a', '/a', true],
  ['/a', '/a/b', true],
  ['/a', '/a/..b', true],
  ['/a', '/a/b/../c', true],
  ['/a', '/', false],
  ['/a/b', '/a', false],
  ['/a/b', '/a/c', false],
  ['/a', '/ab', false],
  ['/', '/a', true],
])('%s has %s in it: %s', (folder, path, expected) => {
  expect(isBelow(folder, path)).toBe(expected)
})

test('a path leads to a file inside, to one outside, or nowhere', async () => {
  symlinkSync('a/file', at('l1'))
  symlinkSync('../out/file', at('l2'))
  symlinkSync('../out/none', at('l3'))
  symlinkSync('a/none', at('l4'))
  symlinkSync('/proc/self/fd/none', at('l5'))
  symlinkSync(root, join(home, 'link'))
  symlinkSync(join(home, 'link/none'), at('l6'))
  symlinkSync(at('none'), at('l7'))
  const led = await Promise.all(
    ['a/file', at('a/file'), 'l1', 'l2', 'l3', 'l4', 'l5', 'none', '.', '..'].map((path) => locate(root, path)),
  )
  expect(led).toEqual([
    at('a/file'),
    at('a/file'),
    at('a/file'),
    'outside',
    'outside',
    undefined,
    'outside',
    undefined,
    root,
    'outside',
  ])
  // A workspace that is reached through a link has two names.
  expect([await locate(join(home, 'link'), 'l6'), await locate(join(home, 'link'), 'l7')]).toEqual([
    undefined,
    undefined,
  ])
  expect(await locate(join(home, 'link'), 'a/file')).toBe(at('a/file'))
})

test('nothing but a regular file is opened, and a link only where that is asked for', async () => {
  symlinkSync('a/file', at('link'))
  const handle = await openRegular(at('link'))
  expect(await handle?.readFile('utf8')).toBe('ours')
  await handle?.close()
  await expect(openRegular(at('link'), true)).rejects.toMatchObject({ code: 'ELOOP' })
  await expect(openRegular(at('none'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await openRegular(at('a'))).toBeUndefined()
  expect([await openInside(root, 'a'), await openInside(root, 'none'), await openInside(root, '../out/file')]).toEqual([
    undefined,
    undefined,
    'outside',
  ])
  expect(openFiles()).toEqual([])
})

test('a file that an input names is opened where it is, below the workspace without links that lead out', async () => {
  symlinkSync('../out/file', at('link'))
  symlinkSync('file', join(home, 'out/link'))
  const text = async (path: string) => {
    const handle = await openInputPath(root, path)
    if (handle === undefined || handle === 'outside') return handle
    const found = await handle.readFile('utf8')
    await handle.close()
    return found
  }
  expect(await Promise.all(['a/file', at('a/file'), '../out/file', '../out/link', 'link'].map(text))).toEqual([
    'ours',
    'ours',
    'theirs',
    'theirs',
    'outside',
  ])
  expect([await text('none'), await text('../out/none'), await text('../out')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  await expect(text('../out/file/x')).rejects.toMatchObject({ code: 'ENOTDIR' })
  expect(await Promise.all(['a/x', at('a'), '../out', '.'].map((path) => relativeToWorkspace(root, path)))).toEqual([
    'a/x',
    'a',
    undefined,
    '',
  ])
  expect(await relativeToWorkspace(join(home, 'gone'), 'x')).toBe('x')
})

describe('reading up to a limit', () => {
  const read = async (path: string, limit: number) => {
    const handle = await open(path)
    try {
      const bytes = await readUpTo(handle, limit)
      return 'tooLarge' in bytes ? bytes : bytes.toString()
    } finally {
      await handle.close()
    }
  }

  test('reads a file of that length, but not a longer one', async () => {
    expect([await read(at('a/file'), 4), await read(at('a/file'), 3)]).toEqual(['ours', { tooLarge: 4 }])
    const text = 'x'.repeat(200_000)
    writeFileSync(at('large'), text)
    expect(await read(at('large'), 200_000)).toBe(text)
    expect(await read(at('large'), 300_000)).toBe(text)
    writeFileSync(at('empty'), '')
    expect(await read(at('empty'), 0)).toBe('')
  })

  test('reads a file of /proc, which has no size, up to the limit', async () => {
    const status = readFileSync('/proc/self/cmdline', 'utf8')
    expect(await read('/proc/self/cmdline', 100_000)).toBe(status)
    expect(await read('/proc/self/cmdline', status.length)).toBe(status)
    expect(await read('/proc/self/cmdline', 3)).toEqual({ tooLarge: 4 })
  })

  test('reads data that was appended meanwhile', async () => {
    const pieces: number[] = []
    const grown = {
      stat: async () => ({ size: 3 }),
      read: async (buffer: Buffer, _: number, room: number, position: number) => {
        pieces.push(position)
        const bytesRead = Math.min(room, Math.max(0, 100_000 - position))
        return { buffer: buffer.fill('x', 0, bytesRead), bytesRead }
      },
    } as unknown as Parameters<typeof readUpTo>[0]
    expect(await readUpTo(grown, 200_000)).toHaveLength(100_000)
    expect(pieces).toEqual([0, 65_536, 100_000])
    expect(await readUpTo(grown, 99_999)).toEqual({ tooLarge: 100_000 })
  })
})

describe('a refused path has a reason', () => {
  test.each<[string, string, string]>([
    ['../x', 'outside', '../x leads out of the workspace.'],
    ['a/../b', 'outside', 'a/../b leads out of the workspace.'],
    ['/x', 'outside', '/x leads out of the workspace.'],
    ['', 'not-a-file', ' is not the path of a file.'],
    ['.', 'not-a-file', '. is not the path of a file.'],
    ['./', 'not-a-file', './ is not the path of a file.'],
    ['link', 'link', 'link is a link.'],
    ['a', 'not-a-file', 'a exists and is not a regular file.'],
    ['out/x', 'link', 'The folder out of out/x is a link.'],
    ['a/file/x', 'not-a-file', 'file in a/file/x is not a folder.'],
  ])('writing %j', async (path, reason, message) => {
    symlinkSync('a/file', at('link'))
    symlinkSync('../out', at('out'))
    await expect(writeInside(root, path, 'x')).rejects.toMatchObject({ name: 'Refused', reason, message })
    expect([readFileSync(at('a/file'), 'utf8'), readdirSync(join(home, 'out'))]).toEqual(['ours', ['file']])
    expect(readdirSync(root).sort()).toEqual(['a', 'link', 'out'])
  })

  test.each<[string, string, string]>([
    ['link', 'link', 'link is no regular file.'],
    ['a', 'not-a-file', 'a is no regular file.'],
    ['out/file', 'link', 'The folder out of out/file is a link.'],
    ['../out/file', 'outside', '../out/file leads out of the workspace.'],
  ])('removing %s', async (path, reason, message) => {
    symlinkSync('a/file', at('link'))
    symlinkSync('../out', at('out'))
    await expect(removeInside(root, path)).rejects.toMatchObject({ name: 'Refused', reason, message })
    expect([existsSync(at('link')), existsSync(join(home, 'out/file'))]).toEqual([true, true])
  })

  test('a folder that another program writes to', async () => {
    await checkFolder(root, 'a')
    await checkFolder(root, 'none/deeper')
    await checkFolder(root, 'a/file')
    expect(existsSync(at('none'))).toBe(false)
    mkdirSync(at('a/b/c'), { recursive: true })
    symlinkSync('x', at('a/b/c/link'))
    await expect(checkFolder(root, 'a')).rejects.toMatchObject({ reason: 'link', message: 'a/b/c/link is a link.' })
    await expect(checkFolder(root, 'a/b/c/link')).rejects.toMatchObject({ message: 'a/b/c/link is a link.' })
    await expect(checkFolder(root, '../out')).rejects.toMatchObject({ reason: 'outside' })
  })
})

test('a file is removed, and only where it is', async () => {
  await removeInside(root, './a//file')
  expect(readdirSync(at('a'))).toEqual([])
  await expect(removeInside(root, 'none/x')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(existsSync(at('none'))).toBe(false)
})

test('a file that is written again keeps its mode, and is closed', async () => {
  writeFileSync(at('run'), 'old', { mode: 0o750 })
  await writeInside(root, 'run', 'new')
  expect([readFileSync(at('run'), 'utf8'), lstatSync(at('run')).mode & 0o777]).toEqual(['new', 0o750])
  await writeInside(root, './x//./y', Uint8Array.from([0x61]))
  expect(readFileSync(at('x/y'), 'utf8')).toBe('a')
  expect(openFiles()).toEqual([])
})

test('after a failure at the end nothing is left, and the error is thrown', async () => {
  const odd = { toString: () => 'x' } as unknown as string
  await expect(writeInside(root, 'a/new', odd)).rejects.toThrow()
  expect(readdirSync(at('a'))).toEqual(['file'])
  expect(openFiles()).toEqual([])
})

test('a file at a path of an input gets its missing folders, inside and outside of the workspace', async () => {
  await writeInputPath(root, '../out/b/c/file', 'x')
  await writeInputPath(root, 'b/c/file', 'y')
  expect([readFileSync(join(home, 'out/b/c/file'), 'utf8'), readFileSync(at('b/c/file'), 'utf8')]).toEqual(['x', 'y'])
  await expect(writeInputPath(root, '../out/file/x', 'x')).rejects.toMatchObject({
    code: expect.stringMatching(/ENOTDIR|EEXIST/),
  })
})
