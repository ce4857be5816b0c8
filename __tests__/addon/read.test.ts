import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChangedFiles } from '../../src/addon/discover.ts'
import { type Files, workspaceFiles } from '../../src/addon/files.ts'
import { readAddons } from '../../src/addon/read.ts'
import { oneLine } from '../../src/core/diagnostics.ts'
import { memoryFiles } from '../fakes/memory-files.ts'

const config = (slug: string, more = '') =>
  `name: ${slug}\nversion: "1.0"\nslug: ${slug}\ndescription: d\narch: [amd64, aarch64]\n${more}`
const docker = 'FROM ghcr.io/home-assistant/base:3.23\n'
const addon = (folder: string, slug = folder.split('/').at(-1) ?? '') => ({
  [`${folder}/config.yaml`]: config(slug),
  [`${folder}/Dockerfile`]: docker,
})

const read = (
  files: Readonly<Record<string, string>> | Files,
  targets: readonly string[] = ['.'],
  changed?: ChangedFiles,
) =>
  readAddons(
    { targets, changedOnly: changed !== undefined },
    'read' in files ? (files as Files) : memoryFiles(new Map(Object.entries(files as Record<string, string>))),
    changed,
  )
const folders = async (...args: Parameters<typeof read>) => (await read(...args)).addons.map(({ folder }) => folder)
const codes = async (...args: Parameters<typeof read>) =>
  (await read(...args)).diagnostics.map(({ severity, code }) => `${severity} ${code}`)

const repository = {
  'repository.yaml': 'name: x',
  'README.md': '',
  ...addon('one'),
  ...addon('two'),
  ...addon('deep/er/three'),
  ...addon('.hidden/four'),
  ...addon('one/rootfs/etc/five'),
  ...addon('node_modules/six'),
}

describe('the selected add-ons', () => {
  test('include the root if it is an add-on', async () => {
    expect(await folders({ 'config.yaml': config('root'), Dockerfile: docker, ...addon('below') })).toEqual(['.'])
  })

  test('include all subfolders that the store finds: no hidden folders, no rootfs', async () => {
    expect(await folders(repository)).toEqual(['deep/er/three', 'one', 'two'])
  })

  test('include a named folder with any name', async () => {
    expect(await folders({ ...addon('my add-on', 'x') }, ['my add-on'])).toEqual(['my add-on'])
    expect(await folders(repository, ['.hidden/four'])).toEqual(['.hidden/four'])
  })

  test('include folders that match a pattern', async () => {
    expect(await folders(repository, ['*'])).toEqual(['one', 'two'])
    expect(await folders(repository, ['**/t*'])).toEqual(['deep/er/three', 'two'])
    expect(await folders(repository, ['{one,two}'])).toEqual(['one', 'two'])
    expect(await folders(repository, ['deep/**'])).toEqual(['deep/er/three'])
  })

  test('do not include excluded folders', async () => {
    expect(await folders(repository, ['.', '!two', '!deep'])).toEqual(['one'])
    expect(await folders(repository, ['!t*'])).toEqual(['deep/er/three', 'one'])
  })

  test('are sorted and unique', async () => {
    expect(await folders(repository, ['two', 'one', 'two', '*'])).toEqual(['one', 'two'])
  })

  test.each([
    ['a folder that is not there', ['gone'], 'error addon/no-folder'],
    ['a pattern that matches nothing', ['x*'], 'error addon/no-match'],
    ['everything excluded', ['one', '!one'], 'error addon/no-match'],
    ['a folder with something else', ['empty'], 'error addon/not-an-addon'],
  ])('%s is an error', async (_, targets, code) => {
    expect(await codes({ ...repository, 'empty/README.md': 'x' }, targets)).toEqual([code])
  })

  test('a Dockerfile alone will do, with a warning', async () => {
    const { addons, diagnostics } = await read({ 'x/Dockerfile': docker }, ['x'])
    expect(addons).toMatchObject([{ slug: 'x', architectures: [], run: { init: true } }])
    expect(diagnostics).toMatchObject([{ code: 'addon/no-config', where: { file: 'x/Dockerfile' } }])
  })

  test('without a Dockerfile there is nothing to build', async () => {
    expect(await codes({ 'x/config.yaml': config('x') }, ['x'])).toEqual(['error addon/no-dockerfile'])
    const { diagnostics } = await read({ 'x/config.yaml': config('x'), 'x/dockerfile': docker }, ['x'])
    expect(diagnostics.map(({ remedy }) => remedy)).toEqual([
      'Rename "dockerfile" to "Dockerfile", or set the input "file".',
    ])
  })

  test('a folder without a Dockerfile that was not named is skipped with a notice', async () => {
    const files = {
      ...addon('one'),
      'elsewhere/config.yaml': config('elsewhere', 'image: ghcr.io/o/n\n'),
      'forgotten/config.yaml': config('forgotten'),
      'site/config.yaml': 'name: !include x',
    }
    expect(await folders(files)).toEqual(['one'])
    expect(await codes(files)).toEqual([
      'notice addon/no-dockerfile',
      'warning addon/no-dockerfile',
      'warning addon/no-dockerfile',
    ])
    expect(await codes(files, ['.', 'forgotten'])).toContain('error addon/no-dockerfile')
  })

  test('a folder that is called as a pattern, an exclusion or a comment', async () => {
    const files = { ...addon('a[1]', 'x'), ...addon('a1', 'y'), ...addon('!z', 'z'), ...addon('#w', 'w') }
    expect(await folders(files, ['a[1]'])).toEqual(['a[1]'])
    expect(await folders(files, ['./!z', './#w'])).toEqual(['!z', '#w'])
    expect(await folders(files, ['*', '!a*'])).toEqual(['!z', '#w'])
  })

  test('a folder with a line end in its name is an error', async () => {
    expect(await codes({ ...addon('a\nb', 'x'), ...addon('c') })).toEqual(['error addon/odd-name'])
  })

  test('include folders at any depth', async () => {
    const deep = Array.from({ length: 30 }, (_, index) => `d${index}`).join('/')
    expect(await folders(addon(deep))).toEqual([deep])
  })
})

describe('only what was changed', () => {
  test.each<[string, ChangedFiles, readonly string[]]>([
    ['a file in one', { files: ['one/rootfs/run.sh'] }, ['one']],
    ['a folder that begins alike', { files: ['ones/run.sh', 'README.md'] }, []],
    ['files in two', { files: ['two/x', 'deep/er/three/config.yaml'] }, ['deep/er/three', 'two']],
    ['unknown changes', { unknown: 'The base commit is not there.' }, ['deep/er/three', 'one', 'two']],
  ])('%s', async (_, changed, expected) => {
    expect(await folders(repository, ['.'], changed)).toEqual(expected)
  })

  test('the shared Dockerfile and build contexts belong to all', async () => {
    const files = memoryFiles(
      new Map(Object.entries({ ...addon('one'), ...addon('two'), 'common/Dockerfile': docker })),
    )
    const touched = async (changedFiles: readonly string[]) =>
      (
        await readAddons(
          {
            targets: ['.'],
            changedOnly: true,
            file: '../common/Dockerfile',
            buildContexts: new Map([['lib', './shared/lib/']]),
          },
          files,
          { files: changedFiles },
        )
      ).addons.map(({ folder }) => folder)
    expect(await touched(['common/Dockerfile'])).toEqual(['one', 'two'])
    expect(await touched(['shared/lib/x'])).toEqual(['one', 'two'])
    expect(await touched(['common/other', 'two/x'])).toEqual(['two'])
  })

  test('unknown changes and no changes are notices', async () => {
    expect(await codes(repository, ['.'], { unknown: 'why' })).toEqual(['notice addon/changes-unknown'])
    expect(await codes(repository, ['.'], { files: [] })).toEqual(['notice addon/nothing-changed'])
  })

  test('any change belongs to an add-on in the root', async () => {
    expect(await folders({ 'config.yaml': config('r'), Dockerfile: docker }, ['.'], { files: ['x'] })).toEqual(['.'])
  })
})

describe('files', () => {
  test('yaml comes before yml and json, with a warning', async () => {
    const { addons, diagnostics } = await read(
      {
        'x/config.json': '{"slug": "json"}',
        'x/config.yml': config('yml'),
        'x/config.yaml': config('yaml'),
        'x/Dockerfile': docker,
      },
      ['x'],
    )
    expect(addons[0]?.slug).toBe('yaml')
    expect(diagnostics.map(oneLine)).toEqual([
      'x/config.yml:1:1: config.yaml and config.yml and config.json exist. Only config.yaml is used here; other tools may use another one. Keep one of them.',
    ])
  })

  test('a Dockerfile of an architecture is found beside the common one, others are not architectures', async () => {
    const { addons } = await read(
      {
        ...addon('x'),
        'x/Dockerfile.aarch64': 'FROM special\n',
        'x/Dockerfile.standalone': 'FROM\n',
        'x/Dockerfile.arm64': 'FROM\n',
      },
      ['x'],
    )
    expect([...(addons[0]?.dockerfiles ?? [])].map(([key, { file }]) => [key, file])).toEqual([
      ['default', 'x/Dockerfile'],
      ['aarch64', 'x/Dockerfile.aarch64'],
    ])
  })

  test('the input "file" counts from the add-on, else from the workspace', async () => {
    const files = memoryFiles(
      new Map(Object.entries({ ...addon('x'), 'x/other/Dockerfile': docker, 'Dockerfile.shared': docker })),
    )
    for (const [file, expected] of [
      ['other/Dockerfile', 'x/other/Dockerfile'],
      ['Dockerfile.shared', 'Dockerfile.shared'],
    ] as const) {
      const { addons } = await readAddons({ targets: ['x'], changedOnly: false, file }, files)
      expect(addons[0]?.dockerfiles.get('default')?.file).toBe(expected)
    }
    const { diagnostics } = await readAddons({ targets: ['x'], changedOnly: false, file: 'gone' }, files)
    expect(diagnostics).toMatchObject([{ code: 'addon/no-dockerfile' }])
  })

  test('architectures are those of config.yaml, else of build.yaml', async () => {
    const build = 'build_from: {armv7: a/b:1, amd64: a/b:1}'
    const both = await read({ ...addon('x'), 'x/build.yaml': build }, ['x'])
    expect(both.addons[0]?.architectures).toEqual(['amd64', 'aarch64'])
    expect(both.diagnostics).toMatchObject([
      { code: 'addon/undeclared-architecture', where: { file: 'x/build.yaml', line: 1 } },
    ])
    const { addons } = await read({ 'x/build.yaml': build, 'x/Dockerfile': docker }, ['x'])
    expect(addons[0]?.architectures).toEqual(['amd64', 'armv7'])
  })

  test('all errors in all files are reported at once', async () => {
    expect(
      await codes({
        'a/config.yaml': 'arch: [x]',
        'a/build.yaml': 'labels: [1]',
        'a/Dockerfile': '',
        'b/config.json': '{',
        'b/Dockerfile': docker,
      }),
    ).toEqual([
      'warning config/missing-key',
      'error config/unknown-architecture',
      'error build-yaml/not-a-map',
      'error dockerfile/no-from',
      'error file/invalid-json',
    ])
  })

  test("Docker's name of an architecture after Dockerfile is a warning", async () => {
    const files = {
      ...addon('x'),
      'x/Dockerfile.arm64': docker,
      'x/Dockerfile.live': docker,
      'x/Dockerfile.armv7': docker,
    }
    const { diagnostics } = await read(files, ['x'])
    expect(diagnostics.map(oneLine)).toEqual([
      'x/Dockerfile.arm64:1:1: "Dockerfile.arm64" is ignored: Home Assistant has no architecture "arm64". Rename it to "Dockerfile.aarch64".',
    ])
  })

  test.each([
    ['../../etc/passwd', 'Input "file": "../../etc/passwd" is outside of the workspace. Use a file of the checkout.'],
    [
      'no',
      'There is no file "x/no" or "no". Correct the input "file". It is relative to the add-on folder, or to the workspace.',
    ],
    [
      '/no',
      'There is no file "no". Correct the input "file". It is relative to the add-on folder, or to the workspace.',
    ],
  ])('the file %s', async (file, message) => {
    const { diagnostics } = await readAddons(
      { targets: ['x'], changedOnly: false, file },
      memoryFiles(new Map(Object.entries(addon('x')))),
    )
    expect(diagnostics.map(oneLine)).toEqual([message])
  })

  test('a file that is too large or not UTF-8 is refused', async () => {
    const files = memoryFiles(
      new Map<string, string | Uint8Array>([
        ['a/config.yaml', 'x'.repeat(200_000)],
        ['a/Dockerfile', docker],
        ['b/config.yaml', Uint8Array.from([0xff, 0xfe, 0x41, 0])],
        ['b/Dockerfile', docker],
        ['c/config.yaml', Uint8Array.from([0x61, 0x3a, 0xff])],
        ['c/Dockerfile', docker],
      ]),
    )
    expect(await codes(files)).toEqual(['error file/too-large', 'error file/not-utf8', 'error file/not-utf8'])
  })
})

describe('the file system', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'plan-test-'))
    for (const [path, text] of Object.entries({ ...addon('workspace/one'), ...addon('outside/two') })) {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  })
  afterEach(() => rmSync(root, { recursive: true }))
  const files = () => workspaceFiles(join(root, 'workspace'))

  test('a folder that a link leads out of the workspace is refused', async () => {
    symlinkSync(join(root, 'nowhere'), join(root, 'workspace/three'))
    mkdirSync(join(root, 'workspace/four/config.yaml'), { recursive: true })
    symlinkSync(join(root, 'nowhere'), join(root, 'workspace/four/Dockerfile'))
    expect((await read(files(), ['four'])).diagnostics.map(oneLine)).toEqual([
      'four/config.yaml:1:1: "config.yaml" is a folder. Rename or remove it.',
      'four/Dockerfile:1:1: "Dockerfile" is a broken link. Replace the link with the file itself, or check out the submodule.',
    ])
    symlinkSync(join(root, 'outside/two'), join(root, 'workspace/two'))
    expect(await codes(files(), ['two'])).toEqual(['error addon/outside'])
    expect(await folders(files(), ['.'])).toEqual(['one'])
  })

  test('a file that a link leads out of the workspace is refused', async () => {
    rmSync(join(root, 'workspace/one/config.yaml'))
    symlinkSync(join(root, 'outside/two/config.yaml'), join(root, 'workspace/one/config.yaml'))
    expect(await codes(files(), ['one'])).toEqual(['error file/outside'])
  })

  test('a link inside the workspace is followed only if it is named', async () => {
    symlinkSync('one', join(root, 'workspace/link'))
    expect(await folders(files(), ['link'])).toEqual(['link'])
    expect(await folders(files(), ['.'])).toEqual(['one'])
  })

  test('a file without read permission is reported', async () => {
    chmodSync(root, 0o755)
    chmodSync(join(root, 'workspace/one/config.yaml'), 0)
    const isRoot = process.geteuid?.() === 0
    // Nobody keeps root from reading.
    if (isRoot) process.seteuid?.(65_534)
    try {
      expect(await codes(files(), ['one'])).toEqual(['error file/unreadable'])
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('circular links are ignored, and dangling links are reported', async () => {
    symlinkSync('.', join(root, 'workspace/circle'))
    expect(await folders(files(), ['.'])).toEqual(['one'])
    symlinkSync('nowhere', join(root, 'workspace/one/build.yaml'))
    expect(await codes(files(), ['.'])).toEqual(['error file/not-a-file'])
  })
})
