import { inspectImage } from '../../src/image/image.ts'
import type { ImageNotes } from '../../src/image/notes.ts'
import { elf } from './samples/elf.ts'
import { makeImage } from './samples/image.ts'
import type { Member } from './samples/tar.ts'

const notesOf = async (layers: readonly (readonly Member[])[], architecture = 'amd64'): Promise<ImageNotes> =>
  (await inspectImage(makeImage({ layers, architecture }).source, `linux/${architecture}`)).notes
const filesOf = async (...layers: readonly (readonly Member[])[]) => (await notesOf(layers)).files

const file = (path: string, content: string | Buffer, mode = 0o644): Member => ({ path, content, mode })
const script = (path: string, line: string): Member => file(path, `#!${line}\n`, 0o755)
const sh = file('bin/sh', 'x'.repeat(10))
const folder = (path: string, mode: number): Member => ({ path: `${path}/`, mode })
const [i386, arm, x64, arm64] = [3, 40, 62, 183]

test('a clean image has no notes', async () => {
  expect(await notesOf([[sh]])).toEqual({ files: [], leftovers: [] })
})

describe('programs', () => {
  test.each([
    ['amd64', [x64, i386], [arm, arm64]],
    ['arm64', [arm64, arm], [x64, i386]],
    ['386', [i386], [x64, arm]],
    ['arm', [arm], [arm64]],
  ])('of another machine than %s', async (architecture, own, foreign) => {
    const variant = architecture === 'arm' ? 'arm' : architecture
    const layer = [...own, ...foreign].map((machine) => file(`lib/m${machine}.so`, elf(machine)))
    const { files } = await notesOf([layer], variant)
    const names: Readonly<Record<number, string>> = { 3: '386', 40: 'arm', 62: 'amd64', 183: 'arm64' }
    expect(files).toEqual(
      foreign.map((machine) => ({
        kind: 'foreign-program',
        path: `lib/m${machine}.so`,
        bytes: 512,
        layer: 0,
        detail: names[machine],
      })),
    )
  })

  test('without their loader', async () => {
    const loader = file('lib/ld.so', 'x'.repeat(9))
    const tool = file('bin/tool', elf(x64, '/lib/ld.so'), 0o755)
    const missing = { kind: 'missing-interpreter', path: 'bin/tool', bytes: 512, layer: 0, detail: '/lib/ld.so' }
    expect(await filesOf([tool])).toEqual([missing])
    expect(await filesOf([tool, loader])).toEqual([])
    expect(await filesOf([tool, loader], [file('lib/.wh.ld.so', '')])).toEqual([missing])
  })

  test('of another machine need no loader', async () => {
    expect(await filesOf([file('bin/tool', elf(arm64, '/lib/ld.so'), 0o755)])).toMatchObject([
      { kind: 'foreign-program' },
    ])
  })

  const env = file('usr/bin/env', 'x'.repeat(9))
  test.each<[string, readonly Member[], string | undefined]>([
    ['/bin/sh -e', [sh], undefined],
    ['/bin/bash', [sh], '/bin/bash'],
    ['/usr/bin/env sh', [sh], '/usr/bin/env'],
    ['/usr/bin/env sh', [sh, env], undefined],
    ['/usr/bin/env bash', [sh, env], 'bash'],
    ['/usr/bin/env -S -i  A=b python3 -u sh', [sh, env], 'python3'],
    ['/usr/bin/env -S -i A=b sh -u python3', [sh, env], undefined],
    ['/usr/bin/env -S A=b', [sh, env], undefined],
    ['/usr/bin/env', [sh, env], undefined],
    ['/usr/bin/env /bin/sh', [sh, env], undefined],
    ['/usr/bin/env /bin/bash', [sh, env], '/bin/bash'],
    ['/command/with-contenv bash', [file('command/with-contenv', 'x'.repeat(9))], 'bash'],
    ['/usr/bin/environment bash', [file('usr/bin/environment', 'x'.repeat(9))], undefined],
    ['/usr/bin/myenv bash', [file('usr/bin/myenv', 'x'.repeat(9))], undefined],
    ['/opt/env/x bash', [file('opt/env/x', 'x'.repeat(9))], undefined],
  ])('a script that begins with %s', async (line, others, missing) => {
    expect(await filesOf([...others, script('opt/x', line)])).toEqual(
      missing === undefined
        ? []
        : [{ kind: 'missing-interpreter', path: 'opt/x', bytes: line.length + 3, layer: 0, detail: missing }],
    )
  })

  test('that a later layer replaced or deleted have no notes', async () => {
    const broken = script('opt/x', '/bin/bash')
    expect(await filesOf([sh, broken], [script('opt/x', '/bin/sh')])).toEqual([])
    expect(await filesOf([sh, broken], [file('opt/.wh.x', '')])).toEqual([])
    expect(await filesOf([sh, broken], [file('opt/x/y', '')])).toEqual([])
    expect(await filesOf([sh], [broken])).toMatchObject([{ layer: 1 }])
  })
})

describe('files', () => {
  const key = file('a.key', `ghp_${'a'.repeat(36)}`)
  const secret = { kind: 'secret', path: 'a.key', bytes: 40, layer: 0, detail: 'a GitHub token' }
  test('a secret can still be read when a later layer hides it', async () => {
    expect(await filesOf([key])).toEqual([secret])
    expect(await filesOf([key], [{ path: '.wh.a.key' }])).toEqual([{ ...secret, hidden: true }])
    expect(await filesOf([key], [file('a.key', 'nothing at all')])).toEqual([{ ...secret, hidden: true }])
    expect(await filesOf([key], [key])).toEqual([
      { ...secret, hidden: true },
      { ...secret, layer: 1 },
    ])
  })

  test('other remarks are about what a container sees', async () => {
    const open = file('a', 'x', 0o666)
    const note = { kind: 'world-writable', path: 'a', bytes: 1, layer: 0 }
    expect(await filesOf([open])).toStrictEqual([note])
    expect(await filesOf([open], [{ path: '.wh.a' }])).toEqual([])
    expect(await filesOf([open], [open])).toEqual([{ ...note, layer: 1 }])
    expect(await filesOf([open], [file('a', 'x')])).toEqual([])
    expect(await filesOf([open], [{ path: 'a/' }])).toEqual([])
  })

  test('500 of a kind are kept, and those of other kinds beside them', async () => {
    const many = Array.from({ length: 501 }, (_, index) => file(`f${index}`, '', 0o4755))
    const kinds = (await filesOf([...many, file('z', '', 0o666)])).map(({ kind }) => kind)
    expect(kinds).toEqual([...Array(500).fill('setuid'), 'world-writable'])
  })
})

describe('world-writable folders', () => {
  test.each<[string, readonly (readonly Member[])[], readonly number[]]>([
    ['are reported once, for the layer that opened them', [[folder('a', 0o777)], [folder('a', 0o777)]], [0]],
    ['are reported for a later layer', [[folder('a', 0o755)], [folder('a', 0o777)]], [1]],
    ['are in order when they are closed again', [[folder('a', 0o777)], [folder('a', 0o755)]], []],
    ['may be opened again', [[folder('a', 0o777)], [folder('a', 0o755)], [folder('a', 0o777)]], [2]],
    ['stay open when something is put there', [[folder('a', 0o777)], [file('a/b', 'x')]], [0]],
    ['are gone when they are deleted', [[folder('a', 0o777)], [{ path: '.wh.a' }]], []],
    [
      'are gone when a file took their place for a while',
      [[folder('a', 0o777)], [file('a', 'x')], [file('a/b', 'x')]],
      [],
    ],
    ['are gone when a file takes their place', [[folder('a', 0o777)], [file('a', 'x')]], []],
  ])('%s', async (_, layers, expected) => {
    expect(await filesOf(...layers)).toEqual(
      expected.map((layer) => ({ kind: 'world-writable', path: 'a', bytes: 0, layer })),
    )
  })

  test('have nothing to do with a file of the same name in a lower layer', async () => {
    expect(await filesOf([file('a', 'x', 0o666)], [folder('a', 0o777)])).toMatchObject([{ layer: 1, bytes: 0 }])
  })
})

describe('s6-overlay', () => {
  const init = file('init', 'x')
  const third = file('package/admin/s6-overlay-3.1.5.0/x', 'x')
  const second = file('etc/s6/init/init-stage2', 'x')
  test.each<[string, readonly Member[], string | undefined]>([
    ['version 3', [init, third], 'v3'],
    ['version 3 in a folder without a version', [init, file('package/admin/s6-overlay/x', 'x')], 'v3'],
    [
      'version 3 beside other packages',
      [init, third, file('package/admin/a/x', 'x'), file('package/admin/z/x', 'x')],
      'v3',
    ],
    ['version 2', [init, second], 'v2'],
    ['version 3 put over version 2', [init, second, third], 'v3'],
    ['none: no /init', [second, third], undefined],
    ['none: /init is a folder', [file('init/x', 'x'), second, third], undefined],
    ['none: another /init', [init], undefined],
    ['none: another package', [init, file('package/admin/s6-2.11/x', 'x')], undefined],
    ['none: a package with a longer name', [init, file('package/admin/my-s6-overlay-3/x', 'x')], undefined],
    ['none: s6-overlays', [init, file('package/admin/s6-overlays/x', 'x')], undefined],
    ['none: files in the place of folders', [init, file('package/admin', 'x'), file('etc/s6/init', 'x')], undefined],
  ])('%s', async (_, layer, expected) => {
    expect((await notesOf([layer])).s6).toBe(expected)
  })
})

describe('leftovers', () => {
  const leftoversOf = async (...layers: readonly (readonly Member[])[]) => (await notesOf(layers)).leftovers
  test('is summed by kind and layer, with the three folders that have the most of it', async () => {
    const layers = [
      [
        file('a/__pycache__/x', '12'),
        file('b/__pycache__/x', '1'),
        file('b/__pycache__/y', '12'),
        file('c/__pycache__/x', '12'),
        file('d/__pycache__/x', '1234'),
        file('app/.git/HEAD', '123'),
        file('app/x', '1'),
      ],
      [file('e/__pycache__/x', '12345')],
    ]
    expect(await leftoversOf(...layers)).toEqual([
      {
        kind: 'bytecode',
        layer: 0,
        bytes: 11,
        files: 5,
        roots: ['d/__pycache__', 'b/__pycache__', 'a/__pycache__'],
      },
      { kind: 'vcs', layer: 0, bytes: 3, files: 1, roots: ['app/.git'] },
      { kind: 'bytecode', layer: 1, bytes: 5, files: 1, roots: ['e/__pycache__'] },
    ])
  })

  test('folders of the same size are named in the order of their names', async () => {
    const names = ['c', 'a', 'b'].map((name) => file(`${name}/.git/x`, '12'))
    expect(await leftoversOf(names)).toMatchObject([{ roots: ['a/.git', 'b/.git', 'c/.git'] }])
  })

  test('counts content under two names once, and no links', async () => {
    const layer: readonly Member[] = [
      file('.git/a', '123'),
      { path: '.git/b', type: '1', link: '.git/a' },
      { path: '.git/c', type: '2', link: 'a' },
      file('.git/d', '123'),
    ]
    expect(await leftoversOf(layer)).toMatchObject([{ bytes: 6, files: 2 }])
  })

  test('is what a container sees', async () => {
    expect(await leftoversOf([file('.git/a', '123'), file('.git/b', '1')], [{ path: '.git/.wh.a' }])).toMatchObject([
      { bytes: 1, files: 1, layer: 0 },
    ])
  })
})
