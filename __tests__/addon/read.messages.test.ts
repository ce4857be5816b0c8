import type { Entry, Files } from '../../src/addon/files.ts'
import { readAddons } from '../../src/addon/read.ts'
import { memoryFiles } from '../fakes/memory-files.ts'

const config = 'name: N\nversion: "1.0"\nslug: s\ndescription: d\narch: [amd64]\n'
const docker = 'FROM ghcr.io/home-assistant/base:3.23\n'

/** Folders of the add-ons that are read, and a line for each diagnostic: its place as well. */
const read = async (files: Readonly<Record<string, string>> | Files, targets: readonly string[], more: object = {}) => {
  const { addons, folders, diagnostics } = await readAddons(
    { targets, changedOnly: false, ...more },
    'read' in files ? (files as Files) : memoryFiles(new Map(Object.entries(files as Record<string, string>))),
  )
  return {
    addons: addons.map(({ folder }) => folder).join(' '),
    folders,
    said: diagnostics.map(({ severity, code, message, remedy, where }) => {
      const place = where ? `${where.file}:${where.line}:${where.column}` : '-'
      return `${severity} ${code} ${place} ${message} ${remedy}`
    }),
  }
}

test.each<[string, Readonly<Record<string, string>>, readonly string[], string, readonly string[]]>([
  ['an add-on', { 'a/config.yaml': config, 'a/Dockerfile': docker }, ['a'], 'a', []],
  [
    'a folder that is not there',
    {},
    ['a'],
    '',
    [
      'error addon/no-folder - There is no folder "a" in the workspace. Correct the input "target", and run actions/checkout in an earlier step.',
    ],
  ],
  [
    'a folder with something else',
    { 'a/README.md': '' },
    ['a'],
    '',
    [
      'error addon/not-an-addon - "a" contains no config.yaml, build.yaml or Dockerfile, and no folder beneath it is an add-on. Set "target" to the folder of an add-on.',
    ],
  ],
  [
    'a workspace with something else',
    { 'README.md': '' },
    ['.'],
    '',
    [
      'error addon/not-an-addon - The workspace contains no config.yaml, build.yaml or Dockerfile, and no folder beneath it is an add-on. Set "target" to the folder of an add-on, and run actions/checkout in an earlier step.',
    ],
  ],
  [
    'no Dockerfile',
    { 'a/config.yaml': config },
    ['a'],
    '',
    [
      'error addon/no-dockerfile a/config.yaml:1:1 There is no Dockerfile in "a", so there is nothing to build. Add one, set the input "file", or exclude the folder with "!" in "target".',
    ],
  ],
  ...['dockerfile', 'DOCKERFILE', 'Containerfile'].map(
    (name): [string, Readonly<Record<string, string>>, readonly string[], string, readonly string[]] => [
      `a Dockerfile called ${name}`,
      { 'a/build.yaml': 'args: {A: "1"}', [`a/${name}`]: docker },
      ['a'],
      '',
      [
        `error addon/no-dockerfile a/build.yaml:1:1 There is no Dockerfile in "a", so there is nothing to build. Rename "${name}" to "Dockerfile", or set the input "file".`,
      ],
    ],
  ),
  ...['my-dockerfile', 'dockerfile.md'].map(
    (name): [string, Readonly<Record<string, string>>, readonly string[], string, readonly string[]] => [
      `no Dockerfile, but ${name}`,
      { 'a/config.yaml': config, [`a/${name}`]: docker },
      ['a'],
      '',
      [
        'error addon/no-dockerfile a/config.yaml:1:1 There is no Dockerfile in "a", so there is nothing to build. Add one, set the input "file", or exclude the folder with "!" in "target".',
      ],
    ],
  ),
  [
    'a Dockerfile alone',
    { 'a/Dockerfile.aarch64': docker },
    ['a'],
    'a',
    [
      'warning addon/no-config a/Dockerfile.aarch64:1:1 "a" has no config.yaml, so name, version and options are unknown. Add one, or set the inputs "version" and "architectures".',
    ],
  ],
  [
    'build.yaml without config.yaml',
    { 'a/Dockerfile': docker, 'a/build.yaml': 'build_from: {armv7: x/armv7-y}' },
    ['a'],
    'a',
    [
      'warning addon/no-config a/build.yaml:1:1 "a" has no config.yaml, so name, version and options are unknown. Add one, or set the inputs "version" and "architectures".',
      'warning config/deprecated-architecture a/build.yaml:1:1 Home Assistant dropped armv7 in 2025.12; its base images get no updates. It is still built. Remove it when your users no longer need it.',
    ],
  ],
  [
    'bases of architectures where config.yaml names none',
    {
      'a/Dockerfile': docker,
      'a/config.yaml': config.replace('[amd64]', '[]'),
      'a/build.yaml': 'build_from: {i386: x/i386-y}',
    },
    ['a'],
    'a',
    [
      'warning config/deprecated-architecture a/build.yaml:1:1 Home Assistant dropped i386 in 2025.12; its base images get no updates. It is still built. Remove it when your users no longer need it.',
    ],
  ],
  [
    'a base that config.yaml does not name',
    { 'a/Dockerfile': docker, 'a/config.yml': config, 'a/build.yaml': 'build_from: {amd64: x/y, aarch64: x/y}' },
    ['a'],
    'a',
    [
      'notice addon/undeclared-architecture a/build.yaml:1:1 "build_from" has aarch64, but "arch" in config.yml does not, so it is not built. Add it to "arch", or remove it from "build_from".',
    ],
  ],
  [
    'several bases that config.yaml does not name',
    { 'a/Dockerfile': docker, 'a/config.yaml': config, 'a/build.yaml': 'build_from: {i386: x/y, armv7: x/y}' },
    ['a'],
    'a',
    [
      'notice addon/undeclared-architecture a/build.yaml:1:1 "build_from" has armv7, i386, but "arch" in config.yaml does not, so they are not built. Add them to "arch", or remove them from "build_from".',
    ],
  ],
  [
    'two files for one',
    { 'a/Dockerfile': docker, 'a/config.yaml': config, 'a/build.yml': 'args: {A: "1"}', 'a/build.json': '{' },
    ['a'],
    'a',
    [
      'warning file/several a/build.json:1:1 build.yml and build.json exist. Only build.yml is used here; other tools may use another one. Keep one of them.',
    ],
  ],
  [
    'three files for one',
    { 'a/Dockerfile': docker, 'a/config.json': '{', 'a/config.yml': '{', 'a/config.yaml': config },
    ['a'],
    'a',
    [
      'warning file/several a/config.yml:1:1 config.yaml and config.yml and config.json exist. Only config.yaml is used here; other tools may use another one. Keep one of them.',
    ],
  ],
  [
    'slips, in the order of the file',
    {
      'a/Dockerfile': docker,
      'a/config.yaml': config.replace('arch: [amd64]', 'arch: [i386]\ninit: x\nzzzz: 1\nprivileged: [x, y]'),
    },
    ['a'],
    'a',
    [
      'warning config/deprecated-architecture a/config.yaml:5:1 Home Assistant dropped i386 in 2025.12; its base images get no updates. It is still built. Remove it when your users no longer need it.',
      'warning config/bad-value a/config.yaml:6:7 "init" is "x", so the Supervisor rejects the add-on. Write true or false.',
      'notice config/unknown-key a/config.yaml:7:1 Unknown key "zzzz"; the Supervisor ignores it. Remove it.',
      'warning config/bad-value a/config.yaml:8:14 "privileged" has "x", so the Supervisor rejects the add-on. Use one of: BPF, CHECKPOINT_RESTORE, DAC_READ_SEARCH, IPC_LOCK, NET_ADMIN, NET_RAW, PERFMON, SYS_ADMIN, SYS_MODULE, SYS_NICE, SYS_PTRACE, SYS_RAWIO, SYS_RESOURCE, SYS_TIME.',
      'warning config/bad-value a/config.yaml:8:17 "privileged" has "y", so the Supervisor rejects the add-on. Use one of: BPF, CHECKPOINT_RESTORE, DAC_READ_SEARCH, IPC_LOCK, NET_ADMIN, NET_RAW, PERFMON, SYS_ADMIN, SYS_MODULE, SYS_NICE, SYS_PTRACE, SYS_RAWIO, SYS_RESOURCE, SYS_TIME.',
    ],
  ],
  [
    'folders that are passed over',
    { 'a/config.json': '{"image": "x/y"}', 'b/build.yml': '', 'c/config.yaml': '[', 'd/xconfig.yaml': '' },
    ['*'],
    '',
    [
      'notice addon/no-dockerfile a/config.json:1:1 There is no Dockerfile in "a", so it is not built. No action is needed.',
      'warning addon/no-dockerfile b/build.yml:1:1 There is no Dockerfile in "b", so it is not built. Add one, or exclude the folder with "!" in "target".',
      'warning addon/no-dockerfile c/config.yaml:1:1 There is no Dockerfile in "c", so it is not built. Add one, or exclude the folder with "!" in "target".',
    ],
  ],
  [
    'a Dockerfile of an architecture by another name',
    { 'a/config.yaml': config, 'a/Dockerfile': docker, 'a/Dockerfile.x86_64': docker, 'a/Dockerfile.x': docker },
    ['a'],
    'a',
    [
      'warning addon/odd-dockerfile a/Dockerfile.x86_64:1:1 "Dockerfile.x86_64" is ignored: Home Assistant has no architecture "x86_64". Rename it to "Dockerfile.amd64".',
    ],
  ],
  [
    'a Dockerfile that is wrong',
    { 'a/config.yaml': config, 'a/Dockerfile': '' },
    ['a'],
    '',
    ['error dockerfile/no-from a/Dockerfile:1:1 The Dockerfile has no FROM. Begin it with "FROM" and the base image.'],
  ],
])('%s', async (_, files, targets, addons, expected) => {
  const result = await read(files, targets)
  expect({ addons: result.addons, said: result.said }).toEqual({ addons, said: expected })
})

test('the input "file" is the Dockerfile, and a folder without one is not passed over', async () => {
  const files = { 'a/config.yaml': config, 'b/config.yaml': config, shared: docker, 'wrong.json': '' }
  expect(await read(files, ['*'], { file: 'shared' })).toEqual({ addons: 'a b', folders: 2, said: [] })
  expect((await read(files, ['a'], { file: 'gone' })).said).toEqual([
    'error addon/no-dockerfile - There is no file "a/gone" or "gone". Correct the input "file". It is relative to the add-on folder, or to the workspace.',
  ])
  expect((await read(files, ['a'], { file: '../..' })).said).toEqual([
    'error input/target-outside - Input "file": "../.." is outside of the workspace. Use a file of the checkout.',
  ])
})

test('a tag for bases that end with a colon comes from --version-from', async () => {
  const files = { 'a/config.yaml': config, 'a/Dockerfile': docker, 'a/build.yaml': 'build_from: "x/y:"' }
  expect((await read(files, ['a'])).said).toHaveLength(1)
  expect((await read(files, ['a'], { legacy: { versionFrom: '3' } })).said).toEqual([])
})

test('a folder, a special file or a broken link in the place of a file is reported', async () => {
  const entry = (name: string, kind: Entry['kind'], link = false): Entry => ({ name, kind, link })
  const entries = [entry('config.yaml', 'folder'), entry('build.json', 'other'), entry('Dockerfile', 'other', true)]
  const files = (read: Files['read']): Files => ({
    read,
    list: async (folder) => (folder === 'a' ? entries : 'outside'),
  })
  expect(
    (
      await read(
        files(async () => ({ missing: true })),
        ['a', 'b'],
      )
    ).said,
  ).toEqual([
    'error file/not-a-file a/config.yaml:1:1 "config.yaml" is a folder. Rename or remove it.',
    'error file/not-a-file a/build.json:1:1 "build.json" is not a regular file. Rename or remove it.',
    'error file/not-a-file a/Dockerfile:1:1 "Dockerfile" is a broken link. Replace the link with the file itself, or check out the submodule.',
    'error addon/outside - "b" is a link that leads out of the workspace. Put the add-on itself into the checkout.',
  ])
})

test('a file that cannot be read is not treated as an empty file', async () => {
  const list: Files['list'] = async () =>
    ['config.yaml', 'Dockerfile'].map((name) => ({ name, kind: 'file', link: false }))
  const unreadable: Files = { list, read: async () => ({ unreadable: 'EACCES' }) }
  expect((await read(unreadable, ['a'])).said.map((line) => line.slice(0, 40))).toEqual([
    'error file/unreadable a/config.yaml:1:1 ',
    'error file/unreadable a/Dockerfile:1:1 T',
  ])
  const gone: Files = {
    list,
    read: async (path) => (path === 'a/Dockerfile' ? { bytes: Buffer.from(docker) } : { missing: true }),
  }
  expect((await read(gone, ['a'])).said).toEqual([
    'warning addon/no-config a/Dockerfile:1:1 "a" has no config.yaml, so name, version and options are unknown. Add one, or set the inputs "version" and "architectures".',
  ])
})
