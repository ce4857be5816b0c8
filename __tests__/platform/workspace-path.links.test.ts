import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workspaceFiles } from '../../src/addon/files.ts'
import { secretValues } from '../../src/build/secrets.ts'
import { measureContext } from '../../src/context/context.ts'
import { layoutSource } from '../../src/image/sources/layout.ts'
import type { Options } from '../../src/inputs/options.ts'
import { checkPaths } from '../../src/pipeline/check-paths.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { removeInside, writeInputPath, writeInside } from '../../src/platform/workspace-path.ts'
import { tryToWrite } from '../../src/report/write.ts'

let home: string
let workspace: string
let outside: string
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'inside-')))
  workspace = join(home, 'workspace')
  outside = join(home, 'outside')
  for (const folder of [workspace, outside, join(workspace, 'a')]) mkdirSync(folder)
  writeFileSync(join(outside, 'file'), 'theirs')
  writeFileSync(join(workspace, 'a/file'), 'ours')
})
afterEach(() => rmSync(home, { recursive: true }))

const at = (path: string): string => join(workspace, path)
const fifo = (path: string): unknown => execFileSync('mkfifo', [path])

/** What is put in the place of a file, and what reading it says. */
const places: readonly (readonly [string, (path: string) => unknown, object])[] = [
  ['a regular file', (path) => writeFileSync(path, 'text'), { bytes: Buffer.from('text') }],
  ['a link to a file inside', (path) => symlinkSync(at('a/file'), path), { bytes: Buffer.from('ours') }],
  ['a link to a file outside', (path) => symlinkSync(join(outside, 'file'), path), { outside: true }],
  ['a link to a device', (path) => symlinkSync('/dev/zero', path), { outside: true }],
  ['a link to standard input', (path) => symlinkSync('/dev/stdin', path), { outside: true }],
  ['a link to nothing', (path) => symlinkSync('nothing', path), { missing: true }],
  ['a link to itself', (path) => symlinkSync(path, path), { missing: true }],
  ['a pipe', fifo, { missing: true }],
  ['a folder', (path) => mkdirSync(path), { missing: true }],
  ['a file that is too large', (path) => writeFileSync(path, 'x'.repeat(101)), { tooLarge: 101 }],
  ['nothing', () => {}, { missing: true }],
]

test.each(places)('reading %s', async (_, put, expected) => {
  put(at('it'))
  expect(await workspaceFiles(workspace).read('it', 100)).toEqual(expected)
})

test('reading through a folder that is a link', async () => {
  symlinkSync(outside, at('out'))
  symlinkSync('a', at('in'))
  const files = workspaceFiles(workspace)
  expect(await files.read('out/file', 100)).toEqual({ outside: true })
  expect(await files.read('../outside/file', 100)).toEqual({ outside: true })
  expect(await files.read('in/file', 100)).toEqual({ bytes: Buffer.from('ours') })
  expect(await files.list('out')).toBe('outside')
})

describe('writing', () => {
  test('makes folders, replaces a file, and leaves nothing else', async () => {
    await writeInside(workspace, 'b/c/new', 'text')
    await writeInside(workspace, 'a/file', 'changed')
    expect(readFileSync(at('b/c/new'), 'utf8')).toBe('text')
    expect(readFileSync(at('a/file'), 'utf8')).toBe('changed')
    expect([readdirSync(at('b/c')), readdirSync(at('a'))]).toEqual([['new'], ['file']])
  })

  test.each<readonly [string, (path: string) => unknown]>([
    ['a link to a file outside', (path) => symlinkSync(join(outside, 'file'), path)],
    ['a link to a file inside', (path) => symlinkSync(at('a/file'), path)],
    ['a link to nothing outside', (path) => symlinkSync(join(outside, 'new'), path)],
    ['a pipe', fifo],
    ['a folder', (path) => mkdirSync(path)],
    ['a link to a device', (path) => symlinkSync('/dev/null', path)],
  ])('%s is refused and left as it is', async (_, put) => {
    put(at('a/it'))
    const before = lstatSync(at('a/it'))
    await expect(writeInside(workspace, 'a/it', 'text')).rejects.toMatchObject({ name: 'Refused' })
    await expect(removeInside(workspace, 'a/it')).rejects.toMatchObject({ name: 'Refused' })
    expect(lstatSync(at('a/it')).mode).toBe(before.mode)
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('theirs')
    expect([readFileSync(at('a/file'), 'utf8'), readdirSync(outside)]).toEqual(['ours', ['file']])
  })

  test.each(['out/new', 'out/file', 'a/out/new', '../outside/file', 'a/../../outside/file', 'a/file/new'])(
    '%s is refused: a folder on the way is a link, or none, or outside',
    async (path) => {
      symlinkSync(outside, at('out'))
      symlinkSync(outside, at('a/out'))
      await expect(writeInside(workspace, path, 'text')).rejects.toMatchObject({ name: 'Refused' })
      expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('theirs')
      expect(readdirSync(outside)).toEqual(['file'])
    },
  )

  test('a hard link is cut: the other name keeps its content', async () => {
    linkSync(join(outside, 'file'), at('hard'))
    await writeInside(workspace, 'hard', 'text')
    expect([readFileSync(at('hard'), 'utf8'), readFileSync(join(outside, 'file'), 'utf8')]).toEqual(['text', 'theirs'])
  })

  test('follows a link in a path of an input outside of the workspace', async () => {
    symlinkSync(outside, join(home, 'link'))
    await writeInputPath(workspace, join(home, 'link/report/new'), 'text')
    expect(readFileSync(join(outside, 'report/new'), 'utf8')).toBe('text')
    symlinkSync(outside, at('out'))
    await expect(writeInputPath(workspace, at('out/new'), 'text')).rejects.toMatchObject({ name: 'Refused' })
    await writeInputPath(workspace, 'a/new', 'text')
    expect(existsSync(at('a/new'))).toBe(true)
  })

  test('a workspace that is reached through a link is the same workspace', async () => {
    symlinkSync(workspace, join(home, 'link'))
    symlinkSync(outside, at('out'))
    await expect(writeInputPath(join(home, 'link'), at('out/new'), 'text')).rejects.toMatchObject({ name: 'Refused' })
    await writeInputPath(join(home, 'link'), 'a/new', 'text')
    expect(existsSync(at('a/new'))).toBe(true)
  })

  test('a report that is refused is a warning with its path and what to do', async () => {
    symlinkSync(outside, at('out'))
    expect(await tryToWrite(workspace, 'out/report.json', '{}')).toMatchObject({
      severity: 'warning',
      code: 'report/not-written',
      message: expect.stringMatching(/out\/report\.json was not written.*link/),
      remedy: expect.stringMatching(/report-path/),
    })
  })
})

describe('paths for docker and buildx', () => {
  const plan = (target: object = {}) =>
    ({
      addons: [{ targets: [{ context: 'a', dockerfile: 'a/Dockerfile', cacheScope: 'a-amd64', ...target }] }],
    }) as unknown as Plan
  const check = async (options: Partial<Options>, target: object = {}) =>
    (await checkPaths(plan(target), options, { workspace })).map(({ code, where }) => `${code} ${where?.file}`)

  test.each<readonly [string, (path: string) => unknown, readonly string[]]>([
    ['a regular file', (path) => writeFileSync(path, 'x'), []],
    ['a link inside', (path) => symlinkSync(at('a/file'), path), []],
    ['nothing', () => {}, []],
    ['a link out', (path) => symlinkSync(join(outside, 'file'), path), ['file/outside']],
    ['a link to a device', (path) => symlinkSync('/dev/zero', path), ['file/outside']],
    ['a pipe', fifo, ['file/not-a-file']],
    ['a folder', (path) => mkdirSync(path), ['file/not-a-file']],
  ])('%s', async (_, put, codes) => {
    put(at('it'))
    put(at('it.dockerignore'))
    const expected = codes.map((code) => `${code} it`)
    expect(await check({ secrets: [{ id: 'token', file: 'it' }] })).toEqual(expected)
    expect(await check({ buildkitdConfig: 'it' })).toEqual(expected)
    expect(await check({ endpointTls: { key: at('it') } })).toEqual(expected)
    expect(await check({}, { dockerfile: 'it' })).toEqual([
      ...expected,
      ...codes.map((code) => `${code} it.dockerignore`),
    ])
    const folders = codes.includes('file/outside') ? expected : []
    if (_ !== 'a pipe') expect(await check({ buildContexts: new Map([['x', './it']]) })).toEqual(folders)
  })

  test('a folder that leads out is no context, a name of an image no path, and what lies elsewhere is not looked at', async () => {
    symlinkSync(outside, at('out'))
    expect(await check({}, { context: 'out', dockerfile: 'a/Dockerfile' })).toEqual(['file/outside out'])
    const contexts = new Map([
      ['a', 'out'],
      ['b', 'docker-image://out'],
      ['c', outside],
      ['d', 'oci-layout://out:latest'],
    ])
    expect(await check({ buildContexts: contexts })).toEqual(['file/outside out'])
    expect(await check({ secrets: [{ id: 'a', file: join(outside, 'file') }] })).toEqual([])
  })

  test('a local cache has no link in it', async () => {
    const cache = (folder: string) => check({ cache: [{ kind: 'local', folder }] })
    expect(await cache('cache')).toEqual([])
    mkdirSync(at('cache/a-amd64/blobs'), { recursive: true })
    expect(await cache('cache')).toEqual([])
    symlinkSync(join(outside, 'file'), at('cache/a-amd64/index.json'))
    expect(await cache('cache')).toEqual(['file/outside cache/a-amd64'])
    expect(await cache(at('cache'))).toEqual(['file/outside cache/a-amd64'])
    symlinkSync(outside, at('out'))
    expect(await cache('out/deeper')).toEqual(['file/outside out/deeper/a-amd64'])
    expect(await cache(join(outside, 'cache'))).toEqual([])
  })
})

test('a secret file is read for masking only from the workspace or from the path of the input', async () => {
  symlinkSync(join(outside, 'file'), at('link'))
  fifo(at('pipe'))
  const host = { environment: {}, workspace }
  const of = (file: string) => secretValues([{ id: 'a', file }], host)
  expect(await of('a/file')).toEqual(['ours'])
  expect(await of(join(outside, 'file'))).toEqual(['theirs'])
  expect([await of('link'), await of('pipe'), await of('nothing')]).toEqual([[], [], []])
})

test.each<readonly [string, (path: string) => unknown, string]>([
  ['a link to a device', (path) => symlinkSync('/dev/zero', path), 'file/outside'],
  ['a link to a file outside', (path) => symlinkSync(join(outside, 'file'), path), 'file/outside'],
  ['a pipe', fifo, 'file/not-a-file'],
  ['a folder', (path) => mkdirSync(path), 'file/not-a-file'],
  ['2 MB', (path) => writeFileSync(path, 'x'.repeat(2 * 1024 * 1024)), 'file/too-large'],
])('a context whose ignore file is %s is not measured, and the file is reported', async (_, put, code) => {
  put(at('a/.dockerignore'))
  await expect(measureContext(at('a'), at('a/Dockerfile'), [], undefined, workspace)).rejects.toMatchObject({
    kind: 'input',
    diagnostics: [{ code, where: { file: 'a/.dockerignore', line: 1 } }],
  })
})

test('a context is measured with names that are no UTF-8, and pipes and links in it count as nothing', async () => {
  const bytes = (name: readonly number[]) => Buffer.concat([Buffer.from(at('a/')), Buffer.from(name)])
  writeFileSync(bytes([0xff, 0x61]), 'xx')
  mkdirSync(bytes([0xfe]))
  writeFileSync(bytes([0xfe, 0x2f, 0xc3, 0xa9]), 'yyy')
  fifo(at('a/pipe'))
  symlinkSync('/dev/zero', at('a/zero'))
  const { before, largestFiles } = await measureContext(at('a'), at('a/Dockerfile'))
  expect(before).toEqual({ files: 3, bytes: 4 + 2 + 3 })
  expect(largestFiles.map(({ path }) => path)).toEqual(['file', '\\xfe/\\xc3\\xa9', '\\xffa'])
})

test.each<readonly [string, (path: string) => unknown]>([
  ['a link to a device', (path) => symlinkSync('/dev/zero', path)],
  ['a pipe', fifo],
])('an image layout whose index is %s is not read', async (_, put) => {
  put(at('index.json'))
  await expect(layoutSource(workspace).manifest()).rejects.toMatchObject({
    diagnostics: [{ code: 'image/unreadable', message: expect.stringMatching(/not a regular file/) }],
  })
})
