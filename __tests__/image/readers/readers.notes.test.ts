import { accounts } from '../../../src/image/readers/accounts.ts'
import { modes } from '../../../src/image/readers/modes.ts'
import { programs } from '../../../src/image/readers/programs.ts'
import type { NoteReader } from '../../../src/image/readers/reader.ts'
import { secrets } from '../../../src/image/readers/secrets.ts'
import { virtualPackages } from '../../../src/image/readers/virtual-packages.ts'
import type { TarEntry } from '../../../src/image/tar/tar.ts'
import { elf } from '../samples/elf.ts'

const entry = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({
  path,
  kind: 'file',
  size: 100,
  mode: 0o644,
  ...more,
})
const read = (reader: NoteReader, one: TarEntry, text: string | Buffer = '') =>
  reader.read(one, Buffer.from(text as string))
const others = ['directory', 'hardlink', 'other'] as const

describe('accounts', () => {
  test('reads passwd and shadow, and nothing else', () => {
    expect(accounts.wants(entry('etc/passwd'))).toBe(262_144)
    expect(accounts.wants(entry('etc/shadow'))).toBe(262_144)
    expect(accounts.wants(entry('etc/group'))).toBeUndefined()
    expect(accounts.wants(entry('opt/etc/shadow'))).toBeUndefined()
    for (const kind of others) expect(accounts.wants(entry('etc/shadow', { kind }))).toBeUndefined()
  })

  test('notes each account with an empty password', () => {
    const text =
      'root::1:0:99999\nbin:*:1:0:1\nx:!:1:2:3\ny:x:5:5:y:/y\n::1:2:3\nshort::1:2\n# a comment\n\nlast::1:0:1'
    expect(read(accounts, entry('etc/shadow'), text)).toEqual([
      { kind: 'empty-password', detail: 'root' },
      { kind: 'empty-password', detail: 'last' },
    ])
  })

  test('a line of three more fields is an account', () => {
    expect(read(accounts, entry('etc/passwd'), 'a::1:2:3')).toHaveLength(1)
    expect(read(accounts, entry('etc/passwd'), 'a::1:2')).toHaveLength(0)
  })
})

describe('modes', () => {
  const setuid = { kind: 'setuid', detail: 'setuid' }
  const setgid = { kind: 'setuid', detail: 'setgid' }
  const writable = { kind: 'world-writable' }
  test.each<[string, TarEntry['kind'], number, readonly object[]]>([
    ['a setuid program', 'file', 0o4755, [setuid]],
    ['a setuid file that nobody may execute', 'file', 0o4644, [setuid]],
    ['a setgid program', 'file', 0o2755, [setgid]],
    ['a setuid and setgid program, once', 'file', 0o6755, [setuid]],
    ['a file that everybody may write to', 'file', 0o666, [writable]],
    ['a setuid program that everybody may write to', 'file', 0o4757, [setuid, writable]],
    ['a file that everybody may write to and nobody else', 'file', 0o002, [writable]],
    ['a sticky file that everybody may write to', 'file', 0o1666, [writable]],
    ['a folder that everybody may write to', 'directory', 0o777, [writable]],
    ['a setgid folder that everybody may write to', 'directory', 0o2777, [writable]],
    ['a setuid and setgid folder that everybody may write to', 'directory', 0o6777, [writable]],
  ])('reports %s', (_, kind, mode, notes) => {
    const one = entry('a', { kind, mode })
    expect(modes.wants(one)).toBe(0)
    expect(modes.read(one, Buffer.alloc(0))).toEqual(notes)
  })

  test.each<[string, TarEntry['kind'], number]>([
    ['a plain file', 'file', 0o775],
    ['a folder with the sticky bit', 'directory', 0o1777],
    ['a setuid folder', 'directory', 0o6755],
    ['a link', 'other', 0o777],
    ['a hard link', 'hardlink', 0o6777],
  ])('does not look at %s', (_, kind, mode) => {
    expect(modes.wants(entry('a', { kind, mode }))).toBeUndefined()
  })

  test('setgid without the right to execute means locking', () => {
    expect(modes.read(entry('a', { mode: 0o2644 }), Buffer.alloc(0))).toEqual([])
  })
})

describe('programs', () => {
  test.each([
    ...[
      'run.sh',
      'bin/a',
      'sbin/a',
      'usr/bin/a',
      'usr/sbin/a',
      'usr/local/bin/a',
      'usr/local/sbin/a',
      'app/a',
      'opt/a',
    ],
    ...['lib/x.so', 'lib/x.so.1', 'lib/x.so.12.3', 'a/b/c.so'],
    ...[
      'etc/services.d/a/run',
      'etc/services.d/name/run',
      'etc/services.d/name/finish',
      'etc/cont-init.d/a.sh',
      'etc/cont-finish.d/name',
    ],
  ])('checks %s, which is not executable', (path) => {
    expect(programs.wants(entry(path))).toBe(4096)
  })

  test.each([
    ...[
      'usr/share/a',
      'usr/a',
      'app/a/b',
      'opt/a/b',
      'my/usr/bin/a',
      'usr/local/a',
      'usr/bin/a/b',
      'xbin/a',
      'lib/xso',
    ],
    ...[
      'lib/x.so.a',
      'lib/x.so.1a',
      'lib/x.sox',
      'etc/services.d/run',
      'etc/services.d/a/b/run',
      'etc/services.d/a/runs',
    ],
    ...['etc/services.d/a/log', 'etc/cont-init.d/a/b', 'etc/cont-finish.d/a/b', 'x/etc/services.d/a/run', 'lib/.so1/x'],
  ])('looks at %s only where somebody may execute it', (path) => {
    expect(programs.wants(entry(path))).toBeUndefined()
    for (const mode of [0o744, 0o654, 0o645]) expect(programs.wants(entry(path, { mode }))).toBe(4096)
  })

  test('looks at files of more than 3 bytes', () => {
    expect(programs.wants(entry('bin/a', { size: 3 }))).toBeUndefined()
    expect(programs.wants(entry('bin/a', { size: 4 }))).toBe(4096)
    for (const kind of others) expect(programs.wants(entry('bin/a', { kind, mode: 0o755 }))).toBeUndefined()
  })

  const service = entry('etc/services.d/a/run')
  const executable = entry('opt/lib/a', { mode: 0o755 })
  test.each<[string, TarEntry, string | Buffer, readonly object[]]>([
    ['text', executable, 'text', []],
    ['a script', executable, '#!/bin/sh\n', [{ kind: 'program', program: { interpreter: '/bin/sh' } }]],
    [
      'a script with an argument',
      executable,
      '#!/usr/bin/env -S a b\nx',
      [{ kind: 'program', program: { interpreter: '/usr/bin/env', argument: '-S a b' } }],
    ],
    ['a script with wrong line ends', executable, '#!/bin/sh\r\nx\r\n', [{ kind: 'crlf-script' }]],
    ['a script of one line with a wrong end', executable, '#!/bin/sh\r', [{ kind: 'crlf-script' }]],
    [
      'a script with wrong ends further down',
      executable,
      '#!/bin/sh\nx\r\n',
      [{ kind: 'program', program: { interpreter: '/bin/sh' } }],
    ],
    ['a service', service, '#!/bin/sh\n', [{ kind: 'not-executable', detail: 'service' }]],
    ['a program', entry('app/a'), '#!/bin/sh\n', [{ kind: 'not-executable', detail: 'program' }]],
    [
      'a service with wrong line ends',
      service,
      '#!/bin/sh\r\n',
      [{ kind: 'crlf-script' }, { kind: 'not-executable', detail: 'service' }],
    ],
    ['a script that is read by others', entry('opt/lib/a.so'), '#!/bin/sh\n', []],
    [
      'a program of a machine',
      executable,
      elf(183, '/lib/ld.so'),
      [{ kind: 'program', program: { machine: 'arm64', interpreter: '/lib/ld.so' } }],
    ],
    ['a static program', executable, elf(183), [{ kind: 'program', program: { machine: 'arm64' } }]],
    ['a library', entry('lib/a.so'), elf(183, '/lib/ld.so'), [{ kind: 'program', program: { machine: 'arm64' } }]],
  ])('reports for %s what it needs and what prevents it from running', (_, one, content, notes) => {
    expect(read(programs, one, content)).toEqual(notes)
  })

  test('is a program with any permission to execute', () => {
    for (const mode of [0o744, 0o654, 0o645])
      expect(read(programs, entry('bin/a', { mode }), '#!/a\n')).toEqual([
        { kind: 'program', program: { interpreter: '/a' } },
      ])
  })
})

describe('secrets', () => {
  const token = `ghp_${'a'.repeat(36)}`
  test.each([
    ...[
      '.env',
      'app/.env',
      'app/.env.production',
      '.npmrc',
      '.pypirc',
      '.netrc',
      '.git-credentials',
      'id_rsa',
      'id_dsa',
    ],
    ...['id_ecdsa', '.ssh/id_ed25519', 'etc/ssh/ssh_host_rsa_key', '.aws/credentials', 'kube/config', '.dockercfg'],
    ...[
      'pem',
      'key',
      'json',
      'yaml',
      'yml',
      'toml',
      'ini',
      'cfg',
      'conf',
      'env',
      'sh',
      'py',
      'js',
      'ts',
      'rb',
      'php',
      'txt',
    ].map((end) => `srv/a.${end}`),
    ...[
      'a.properties',
      'srv/options.json',
      'options.yaml',
      'app/testing/a.py',
      'latest/a.py',
      'usr/lib/x/a.py',
      'python/a.py',
      'python3/a.py',
    ],
  ])('looks into %s', (path) => {
    expect(secrets.wants(entry(path))).toBe(65_536)
  })

  test.each([
    ...['.environment', 'my.npmrc', 'a.envs', '.env.', '.env.a/b', 'id_rsa.pub', 'my_id_rsa', 'ssh_host__key', 'a.exe'],
    ...['ssh_host_rsa_key.pub', 'credentials.x', 'myconfig', '.key', 'a.keys', 'README', ''],
    ...[
      'site-packages',
      'dist-packages',
      'node_modules',
      'usr/share/doc',
      'usr/share/ca-certificates',
      'usr/share/man',
    ].map((folder) => `a/${folder}/b.json`),
    ...[
      'usr/lib/python',
      'usr/lib/ssl',
      'etc/ssl/certs',
      'test',
      'tests',
      'testdata',
      'example',
      'examples',
      'fixtures',
    ].map((folder) => `${folder}/b.json`),
    ...['usr/lib/python3.12/a.py', 'python3.1/a.py', 'opt/python.9/a.py', 'opt/python3.12/a.py'],
  ])('does not look into "%s"', (path) => {
    expect(secrets.wants(entry(path))).toBeUndefined()
  })

  test('looks into files of 9 bytes to 64 KiB', () => {
    const wanted = [8, 9, 65_536, 65_537].map((size) => secrets.wants(entry('a.key', { size })) !== undefined)
    expect(wanted).toEqual([false, true, true, false])
    for (const kind of others) expect(secrets.wants(entry('a.key', { kind }))).toBeUndefined()
  })

  test('reports the kind of a secret, never its value', () => {
    expect(read(secrets, entry('a.key'), token)).toEqual([{ kind: 'secret', detail: 'a GitHub token' }])
    expect(read(secrets, entry('a.key'), 'nothing')).toEqual([])
    expect(read(secrets, entry('a.key'), `\0${token}`)).toEqual([])
  })
})

describe('virtual packages', () => {
  test('reads the database of apk, in its old and new place', () => {
    for (const path of ['lib/apk/db/installed', 'usr/lib/apk/db/installed']) {
      expect(virtualPackages.wants(entry(path))).toBe(8e6)
      for (const kind of others) expect(virtualPackages.wants(entry(path, { kind }))).toBeUndefined()
    }
    expect(virtualPackages.wants(entry('lib/apk/db/other'))).toBeUndefined()
  })

  test.each<[string, string, readonly string[]]>([
    ['its name and what it holds', 'P:.deps\nD:gcc musl-dev\n\nP:gcc\nD:zlib\n', ['.deps gcc musl-dev']],
    ['names without versions', 'P:.deps\nD:a>=1  b<2 c=3 d~4 so:libc.so.6 e.f_g+h-1\n', ['.deps a b c d e.f_g+h-1']],
    ['a name at the end of the text', 'P:a\n\nP:.b', ['.b']],
    ['several groups', 'P:.a\nD:x\n\nP:.b\nD:y\n\nP:c\nD:z', ['.a x', '.b y']],
    ['what is stated first', 'P:.a\nP:.b\nD:x\nD:y', ['.a x']],
    ['what it needs, whatever else stands there', 'P:.a\nV:1\nA:x\nD:b\nF:c', ['.a b']],
    ['needs before the name', 'D:x\nP:.a', ['.a x']],
    ['nothing of other packages', 'P:a\nD:.b\nA:.c\n', []],
    ['nothing of an empty text', '', []],
  ])('reads %s', (_, text, details) => {
    const notes = read(virtualPackages, entry('lib/apk/db/installed'), text)
    expect(notes).toEqual(details.map((detail) => ({ kind: 'virtual-package', detail })))
  })
})
