import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { joinPath, workspaceFiles } from '../../src/addon/files.ts'
import { memoryFiles } from '../fakes/memory-files.ts'

const names = ['b', 'a', 'é', 'B', '10', '2', 'a-b', 'Z', 'z', '_']
const inOrder = ['10', '2', 'B', 'Z', '_', 'a', 'a-b', 'b', 'z', 'é']

describe('files in memory', () => {
  const files = memoryFiles(
    new Map<string, string | Uint8Array>([
      ['a/b/c', 'é'],
      ['a/d', Uint8Array.from([1])],
      ['e', ''],
    ]),
  )
  const entry = (name: string, kind: string) => ({ name, kind, link: false })

  test('are listed by folder, in order of names', async () => {
    expect(await files.list('.')).toEqual([entry('a', 'folder'), entry('e', 'file')])
    expect(await files.list('a')).toEqual([entry('b', 'folder'), entry('d', 'file')])
    expect(await files.list('a/b')).toEqual([entry('c', 'file')])
    expect([await files.list('a/b/c'), await files.list('x')]).toEqual([undefined, undefined])
    expect(await memoryFiles(new Map()).list('.')).toEqual([])
    const many = memoryFiles(new Map(names.map((name) => [name, ''])))
    expect(((await many.list('.')) as readonly { name: string }[]).map(({ name }) => name)).toEqual(inOrder)
  })

  test('are read up to a limit', async () => {
    expect(await files.read('a/b/c', 2)).toEqual({ bytes: Buffer.from('é') })
    expect(await files.read('a/b/c', 1)).toEqual({ tooLarge: 2 })
    expect(await files.read('a/d', 1)).toEqual({ bytes: Uint8Array.from([1]) })
    expect([await files.read('a', 9), await files.read('x', 9)]).toEqual([{ missing: true }, { missing: true }])
  })
})

describe('files of the workspace', () => {
  let root: string
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'files-')))
    for (const name of ['in', 'out']) mkdirSync(join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true }))
  const files = () => workspaceFiles(join(root, 'in'))

  test('are listed in order of names, links as what they lead to', async () => {
    for (const name of names) writeFileSync(join(root, 'in', name), '')
    expect(((await files().list('.')) as readonly { name: string }[]).map(({ name }) => name)).toEqual(inOrder)
    mkdirSync(join(root, 'in/f'))
    mkdirSync(join(root, 'in/f/folder'))
    writeFileSync(join(root, 'in/f/file'), '')
    execFileSync('mkfifo', [join(root, 'in/f/pipe')])
    for (const [name, target] of Object.entries({
      l1: 'file',
      l2: 'folder',
      l3: 'nothing',
      l4: 'pipe',
      l5: '/dev/null',
    }))
      symlinkSync(target, join(root, 'in/f', name))
    expect(await files().list('f')).toEqual([
      { name: 'file', kind: 'file', link: false },
      { name: 'folder', kind: 'folder', link: false },
      { name: 'l1', kind: 'file', link: true },
      { name: 'l2', kind: 'folder', link: true },
      { name: 'l3', kind: 'other', link: true },
      { name: 'l4', kind: 'other', link: true },
      { name: 'l5', kind: 'other', link: true },
      { name: 'pipe', kind: 'other', link: false },
    ])
  })

  test('that are not folders, or are outside, cannot be listed', async () => {
    writeFileSync(join(root, 'in/file'), '')
    symlinkSync('../out', join(root, 'in/link'))
    expect([await files().list('file'), await files().list('gone'), await files().list('file/x')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([await files().list('link'), await files().list('..')]).toEqual(['outside', 'outside'])
  })

  test('are closed after reading, even after an error', async () => {
    const path = join(root, 'in/file')
    writeFileSync(path, 'xyz')
    expect(await files().read('file', 3)).toEqual({ bytes: Buffer.from('xyz') })
    expect(await files().read('file', 2)).toEqual({ tooLarge: 3 })
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)]
      } catch {
        return []
      }
    })
    expect(open).not.toContain(path)
  })

  test('with a name that no file can have are missing', async () => {
    expect(await files().read('x'.repeat(5000), 1)).toEqual({ missing: true })
    expect(await files().read('a\0b', 1)).toEqual({ missing: true })
  })
})

test('a name in a folder, and in the workspace itself', () => {
  expect([joinPath('.', 'a'), joinPath('a/b', 'c')]).toEqual(['a', 'a/b/c'])
})
