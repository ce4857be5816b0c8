import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { measureContext } from '../../src/context/context.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function context(files: Readonly<Record<string, string | number>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'size-context-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), typeof content === 'number' ? 'x'.repeat(content) : content)
  }
  return folder
}

const measure = (folder: string, copied: readonly string[] = []) =>
  measureContext(folder, join(folder, 'Dockerfile'), copied)

const project = {
  Dockerfile: 10,
  'app/main.py': 100,
  '.git/objects/pack': 5000,
  '.git/x.log': 50,
  'node_modules/a/b.js': 700,
}

describe('measureContext', () => {
  test('counts everything before and after .dockerignore', async () => {
    const { before, after, ignoreFile } = await measure(context({ ...project, '.dockerignore': '.git\n!.git/x.log\n' }))
    expect(before).toEqual({ files: 6, bytes: 5860 + 17 })
    expect(after).toEqual({ files: 5, bytes: 860 + 17 })
    expect(ignoreFile).toBe('.dockerignore')
  })

  test('counts the same twice where there is no ignore file', async () => {
    const { before, after, ignoreFile } = await measure(context(project))
    expect(after).toEqual(before)
    expect(ignoreFile).toBeUndefined()
  })

  test('prefers the ignore file of the Dockerfile', async () => {
    const folder = context({ ...project, '.dockerignore': '**', 'Dockerfile.dockerignore': 'node_modules' })
    expect(await measure(folder)).toMatchObject({ ignoreFile: 'Dockerfile.dockerignore', after: { files: 6 } })
  })

  test('suggests what else to ignore, most bytes first, each file once', async () => {
    const { exclude } = await measure(context({ ...project, '.env': 20, 'app/__pycache__/main.cpython-313.pyc': 300 }))
    expect(exclude.map(({ pattern, files, bytes }) => [pattern, files, bytes])).toEqual([
      ['**/.git', 2, 5050],
      ['**/node_modules', 1, 700],
      ['**/__pycache__', 1, 300],
      ['**/.env', 1, 20],
    ])
  })

  test('does not suggest files that are ignored already, or copied by name', async () => {
    const folder = context({ ...project, '.dockerignore': '.git' })
    expect((await measure(folder, ['./node_modules/'])).exclude).toEqual([])
  })

  test('suggests nothing more once its suggestions are in .dockerignore', async () => {
    const files = {
      ...project,
      '.env': 20,
      'app/__pycache__/x.pyc': 3,
      'a/b/debug.log': 9,
      'deep/.venv/x': 5,
      'cert/a.pem': 7,
    }
    const { exclude } = await measure(context(files))
    const folder = context({ ...files, '.dockerignore': exclude.map(({ pattern }) => pattern).join('\n') })
    const again = await measure(folder)
    expect(again.exclude).toEqual([])
    expect(again.after.files).toBe(3)
  })

  test('does not follow links, not even out of the folder', async () => {
    const folder = context({ Dockerfile: 10 })
    symlinkSync('/', join(folder, 'root'))
    symlinkSync('Dockerfile', join(folder, 'same'))
    expect((await measure(folder)).before).toEqual({ files: 1, bytes: 10 })
  })

  test('names the largest files that are sent', async () => {
    const { largestFiles } = await measure(context({ a: 5, b: 50, c: 500, '.dockerignore': 'c' }))
    expect(largestFiles.map(({ path }) => path)).toEqual(['b', 'a', '.dockerignore'])
  })

  test('names twenty of many files, by bytes, and by path where these are the same', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 450 }, (_, index) => [`f${String(index).padStart(3, '0')}`, index % 50]),
    )
    const { largestFiles } = await measure(context(files))
    const expected = [49, 48, 47].flatMap((bytes) =>
      Array.from({ length: 9 }, (_, at) => ({ path: `f${String(at * 50 + bytes).padStart(3, '0')}`, bytes })),
    )
    expect(largestFiles).toEqual(expected.slice(0, 20))
  })

  describe('refuses an ignore file that', () => {
    const refused = async (folder: string, workspace?: string) =>
      measureContext(folder, join(folder, 'Dockerfile'), [], undefined, workspace).then(
        () => undefined,
        ({ kind, diagnostics }) => ({ kind, ...diagnostics[0] }),
      )
    const where = { file: '.dockerignore', line: 1, column: 1 }

    test('is a link out of the workspace', async () => {
      const folder = context({ Dockerfile: 10 })
      symlinkSync(join(context({ secret: 'x' }), 'secret'), join(folder, '.dockerignore'))
      expect(await refused(folder)).toMatchObject({
        kind: 'input',
        code: 'file/outside',
        message: 'The ignore file is a link that leads out of the workspace.',
        remedy: 'Put the file itself there.',
        where,
      })
    })

    test('is a folder', async () => {
      expect(await refused(context({ Dockerfile: 10, '.dockerignore/a': 1 }))).toMatchObject({
        kind: 'input',
        code: 'file/not-a-file',
        message: 'The ignore file is not a regular file.',
        remedy: 'Put a regular file there, or remove it.',
        where,
      })
    })

    test('is larger than any real one', async () => {
      expect(await refused(context({ Dockerfile: 10, '.dockerignore': 1024 * 1024 + 1 }))).toMatchObject({
        kind: 'input',
        code: 'file/too-large',
        message: 'The ignore file is larger than 1024 kB.',
        remedy: 'Remove what does not belong there.',
        where,
      })
    })

    test('has patterns without end', async () => {
      expect(await refused(context({ '.dockerignore': 200_000 }))).toMatchObject({
        kind: 'input',
        code: 'context/ignore-file',
        remedy: expect.stringMatching(/^Remove patterns/),
      })
    })
  })

  test('takes an ignore file that is a link to another one in the workspace, and names it from there', async () => {
    const workspace = context({ 'addon/Dockerfile': 10, 'addon/a': 5, common: 'a' })
    symlinkSync('../common', join(workspace, 'addon', '.dockerignore'))
    const folder = join(workspace, 'addon')
    const { after, ignoreFile } = await measureContext(folder, join(folder, 'Dockerfile'), [], undefined, workspace)
    expect([after, ignoreFile]).toEqual([{ files: 1, bytes: 10 }, '.dockerignore'])
    const broken = context({ 'addon/Dockerfile': 10, 'addon/.dockerignore/a': 1 })
    const inside = join(broken, 'addon')
    await expect(measureContext(inside, join(inside, 'Dockerfile'), [], undefined, broken)).rejects.toMatchObject({
      diagnostics: [{ where: { file: 'addon/.dockerignore' } }],
    })
  })

  test('ends when the run is cancelled', async () => {
    const folder = context(project)
    const reason = new Error('cancelled')
    await expect(measureContext(folder, join(folder, 'Dockerfile'), [], AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  test('ends with a Failure for a folder that is not there', async () => {
    await expect(measure('/nowhere/at/all')).rejects.toMatchObject({
      kind: 'input',
      diagnostics: [
        { code: 'context/unreadable', message: expect.stringMatching(/^The build context cannot be read: .*ENOENT/) },
      ],
    })
  })
})
