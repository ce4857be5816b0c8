import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type FolderFile, folderNames } from '../../../src/smoke/files/folders.ts'
import { ownFiles, withDefaults } from '../../../src/smoke/files/own-files.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aicleaner-files-'))
  mkdirSync(join(root, 'work/addon'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

const at = (path: string): string => join(root, 'work', path)

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), path)
  }
}

const all: Parameters<typeof ownFiles>[1] = new Set(folderNames)

async function read(given?: string, mapped = all) {
  const { files, problems } = await ownFiles({ workspace: at('.'), addon: 'addon', given }, mapped)
  return {
    paths: files.map(({ folder, path }) => `${folder}/${path}`),
    codes: problems.map(({ code, severity }) => `${severity} ${code}`),
    contents: files.map(({ content }) => Buffer.from(content).toString()),
    messages: problems.map(({ message }) => message).join('\n'),
    files,
  }
}

describe('the folder', () => {
  test('is .aicleaner of the add-on', async () => {
    write('addon/.aicleaner/share/a/b.txt', 'addon/tests/fixtures/share/c', '.aicleaner/share/d')
    expect(await read()).toMatchObject({
      paths: ['share/a/b.txt'],
      contents: ['addon/.aicleaner/share/a/b.txt'],
      codes: [],
    })
  })

  test('is else tests/fixtures, where other folders are usual', async () => {
    write('addon/.aicleaner/readme.md', 'addon/tests/fixtures/ssl/c', 'addon/tests/fixtures/other/d')
    expect(await read()).toMatchObject({ paths: ['ssl/c'], codes: [] })
  })

  test('may be missing, unless it is given', async () => {
    write('addon/tests/fixtures/other/d')
    expect(await read()).toMatchObject({ paths: [], codes: [] })
    expect(await read('none')).toMatchObject({ paths: [], codes: ['error smoke/no-folder'] })
    expect(await read('addon/tests/fixtures/other/d')).toMatchObject({ codes: ['error smoke/no-folder'] })
  })

  test('that is given wins over the usual ones, and is relative to the workspace', async () => {
    write('addon/.aicleaner/share/a', 'files/share/b')
    expect(await read('files')).toMatchObject({ paths: ['share/b'] })
  })

  test('may be the add-on at the root of the workspace', async () => {
    write('.aicleaner/data/b')
    const { files } = await ownFiles({ workspace: at('.'), addon: '.', given: undefined }, all)
    expect(files.map(({ path }) => path)).toEqual(['b'])
  })

  test.each([['files'], [undefined]])('that leads out of the checkout is refused: %s', async (given) => {
    mkdirSync(join(root, 'elsewhere/share'), { recursive: true })
    symlinkSync(join(root, 'elsewhere'), at(given ?? 'addon/.aicleaner'))
    expect(await read(given)).toMatchObject({ paths: [], codes: ['error smoke/files-outside'] })
  })
})

describe('the files', () => {
  test('are those of mapped folders', async () => {
    write('files/share/a', 'files/ssl/b', 'files/media/c')
    expect(await read('files', new Set(['ssl', 'data'] as const))).toMatchObject({ paths: ['ssl/b'], codes: [] })
  })

  test('keep whether they are programs', async () => {
    write('files/share/plain', 'files/share/program')
    chmodSync(at('files/share/plain'), 0o600)
    chmodSync(at('files/share/program'), 0o700)
    const { files } = await read('files')
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['plain', 0o644],
      ['program', 0o755],
    ])
  })

  test('of a folder with an unknown name are reported', async () => {
    write('files/share/a', 'files/homeasistant/b', 'files/notes.md')
    const { codes, paths, messages } = await read('files')
    expect({ codes, paths }).toEqual({ codes: ['warning smoke/unknown-folder'], paths: ['share/a'] })
    expect(messages).toContain('"homeasistant"')
  })

  test('do not include options.json of the data; elsewhere it is a usual name', async () => {
    write('files/data/sub/options.json', 'files/share/options.json')
    expect(await read('files')).toMatchObject({ paths: ['data/sub/options.json', 'share/options.json'], codes: [] })
    write('files/data/options.json')
    expect(await read('files')).toMatchObject({ paths: [], codes: ['error smoke/own-options'] })
  })
})

describe('refused is', () => {
  test.each([
    ['a link to a file of the checkout', 'share/link', 'files/share/a'],
    ['a link out of the checkout', 'share/sub/link', '/etc/passwd'],
    ['a broken link', 'share/link', '/none'],
    ['a link to itself', 'share/link', 'files/share/link'],
    ['a link in place of the folder', 'ssl', 'files/share'],
  ])('%s', async (_, path, target) => {
    write('files/share/a')
    mkdirSync(dirname(at(`files/${path}`)), { recursive: true })
    symlinkSync(target.startsWith('/') ? target : at(target), at(`files/${path}`))
    expect(await read('files')).toMatchObject({ paths: [], codes: ['error smoke/not-a-file'] })
  })

  test('a socket', async () => {
    write('files/share/a')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(at('files/share/socket'), resolve))
    try {
      expect(await read('files')).toMatchObject({ paths: [], codes: ['error smoke/not-a-file'] })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('what is more than 2,000 files and folders', async () => {
    write(...Array.from({ length: 1999 }, (_, index) => `files/share/${index}`))
    expect((await read('files')).paths).toHaveLength(1999)
    write('files/media/a')
    expect(await read('files')).toMatchObject({ paths: [], codes: ['error smoke/too-many-files'] })
  })

  test('what is more than 100 MiB', async () => {
    write('files/share/a', 'files/share/b')
    truncateSync(at('files/share/a'), 100 * 1024 * 1024)
    expect(await read('files')).toMatchObject({ paths: [], codes: ['error smoke/too-many-files'] })
  })
})

describe('own files and the defaults', () => {
  const file = (name: string, content = ''): FolderFile => {
    const [folder = '', ...path] = name.split('/')
    return { folder: folder as FolderFile['folder'], path: path.join('/'), content, mode: 0o644 }
  }
  const defaults = ['ssl/fullchain.pem', 'ssl/privkey.pem', 'homeassistant/a.yaml', 'homeassistant/b.yaml'].map(
    (name) => file(name),
  )

  test.each([
    ['nothing', [], ['fullchain.pem', 'privkey.pem', 'a.yaml', 'b.yaml']],
    ['a file', ['homeassistant/a.yaml'], ['fullchain.pem', 'privkey.pem', 'b.yaml']],
    ['a folder', ['homeassistant/a.yaml/c'], ['fullchain.pem', 'privkey.pem', 'b.yaml']],
    [
      'a file of another folder',
      ['share/a.yaml', 'data/privkey.pem'],
      ['fullchain.pem', 'privkey.pem', 'a.yaml', 'b.yaml'],
    ],
    ['a certificate, which replaces the key, too', ['ssl/fullchain.pem'], ['a.yaml', 'b.yaml']],
    ['another certificate', ['ssl/cert.pem'], ['fullchain.pem', 'privkey.pem', 'a.yaml', 'b.yaml']],
  ])('with %s', (_, own, kept) => {
    const files = withDefaults(
      own.map((name) => file(name, 'own')),
      defaults,
    )
    expect(files.filter(({ content }) => content === '').map(({ path }) => path)).toEqual(kept)
    expect(files.filter(({ content }) => content === 'own')).toHaveLength(own.length)
  })
})
