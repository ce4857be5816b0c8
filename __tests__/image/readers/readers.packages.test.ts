import { apk } from '../../../src/image/readers/apk.ts'
import { dpkg } from '../../../src/image/readers/dpkg.ts'
import { detached, linesOf } from '../../../src/image/readers/lines.ts'
import { node } from '../../../src/image/readers/node.ts'
import { python } from '../../../src/image/readers/python.ts'
import type { PackageFact, PackageReader } from '../../../src/image/readers/reader.ts'
import type { TarEntry } from '../../../src/image/tar/tar.ts'

const file = (path: string): TarEntry => ({ path, kind: 'file', size: 100, mode: 0o644 })
const read = (reader: PackageReader, path: string, text: string | Buffer): readonly PackageFact[] => [
  ...reader.read(file(path), Buffer.from(text as string)),
]
const long = 'x'.repeat(300)
const short = 'x'.repeat(256)
const status = 'var/lib/dpkg/status'

describe('a reader wants', () => {
  test.each<[string, PackageReader, string]>([
    ['apk', apk, 'lib/apk/db/installed'],
    ['apk', apk, 'usr/lib/apk/db/installed'],
    ['dpkg', dpkg, status],
    ['dpkg', dpkg, 'var/lib/dpkg/status.d/base'],
    ['dpkg', dpkg, 'var/lib/dpkg/status.d/base.md5sums'],
    ['dpkg', dpkg, 'var/lib/dpkg/info/coreutils:arm64.list'],
    ['Node', node, 'node_modules/ms/package.json'],
    ['Node', node, 'a/b/node_modules/ms/package.json'],
    ['Node', node, 'a/node_modules/@scope/name/package.json'],
    ['Node', node, 'node_modules/a/node_modules/b/package.json'],
    ['Node', node, 'node_modules/m/package.json'],
    ['Python', python, 'a.dist-info/METADATA'],
    ['Python', python, 'usr/lib/python3/site-packages/requests-2.32.dist-info/RECORD'],
  ])('%s', (_, reader, path) => {
    expect(reader.wants(file(path))).toBeGreaterThan(0)
  })

  test.each<[string, PackageReader, string]>([
    ['apk', apk, 'lib/apk/db/scripts.tar'],
    ['apk', apk, 'opt/lib/apk/db/installed'],
    ['dpkg', dpkg, 'var/lib/dpkg/status-old'],
    ['dpkg', dpkg, 'opt/var/lib/dpkg/status'],
    ['dpkg', dpkg, 'opt/var/lib/dpkg/info/a.list'],
    ['dpkg', dpkg, 'var/lib/dpkg/status.d/a/b'],
    ['dpkg', dpkg, 'var/lib/dpkg/info/a/b.list'],
    ['dpkg', dpkg, 'var/lib/dpkg/info/.list'],
    ['dpkg', dpkg, 'var/lib/dpkg/info/a.lists'],
    ['dpkg', dpkg, 'var/lib/dpkg/info/a.md5sums'],
    ['Node', node, 'app/package.json'],
    ['Node', node, 'node_modules/package.json'],
    ['Node', node, 'node_modules/ms/dist/package.json'],
    ['Node', node, 'my_node_modules/ms/package.json'],
    ['Node', node, 'node_modules/@scope/package.json'],
    ['Node', node, 'node_modules/@scope/name/dist/package.json'],
    ['Node', node, 'node_modules/ms/package.json.orig'],
    ['Python', python, '.dist-info/METADATA'],
    ['Python', python, 'a.dist-info/RECORD.jws'],
    ['Python', python, 'a.dist-info/x/METADATA'],
    ['Python', python, 'a.egg-info/METADATA'],
    ['Python', python, 'a.dist-info/WHEEL'],
  ])('for %s no %s', (_, reader, path) => {
    expect(reader.wants(file(path))).toBeUndefined()
  })
})

test('apk: paragraphs become packages', () => {
  const text = [
    ...['C:Q1=', 'P:a', 'V:1-r0', 'I:12', 'F:usr', 'F:usr/bin', 'R:x', 'R:y', 'F:', 'R:z', ''],
    ...['V:2', ''],
    ...['P:b', 'I:-1', ''],
    ...['P:c', 'I:1e999', ''],
    ...['P:d', 'I:0.5', ''],
    ...[`P:${long}`, `V:${long}`, 'I:9007199254740991'],
  ].join('\n')
  const fact = (name: string, version = '', bytes = 0, files: readonly string[] = []) => ({
    manager: 'apk',
    name,
    version,
    bytes,
    files,
  })
  expect(read(apk, 'lib/apk/db/installed', text)).toStrictEqual([
    fact('a', '1-r0', 12, ['usr/bin/x', 'usr/bin/y', 'z']),
    fact('b'),
    fact('c'),
    fact('d'),
    fact(short, short, 2 ** 53 - 1),
  ])
})

describe('dpkg', () => {
  const fact = (name: string, version = '', bytes = 0) => ({ manager: 'dpkg', name, version, bytes })
  test('a status of each package decides', () => {
    const installed = 'Status: install ok installed'
    const text = [
      `package:  a \nVERSION: 1:2.0 \n${installed}\nInstalled-Size: 3`,
      `Package: b\n${installed}\nPackage: not b\nInstalled-Size: -1`,
      `Package: c\n${installed}\nInstalled-Size: 9007199254740991\nDescription: x\n Version: 5`,
      `Package: ${long}\nVersion: ${long}\n${installed}`,
      `Package: e\nStatus: x install ok installed`,
      `Package: f\nStatus: install ok installed x`,
      `Package: h\nStatus: install ok half-installed`,
      'Package: i',
      `${installed}`,
      `Package: j\n${installed}`,
    ].join('\n\n\n')
    expect(read(dpkg, status, text)).toStrictEqual([
      fact('a', '1:2.0', 3072),
      fact('b'),
      fact('c'),
      fact(short, short),
      fact('j'),
    ])
  })

  test('distroless images state no status, and one that is stated counts', () => {
    const path = 'var/lib/dpkg/status.d/a'
    expect(read(dpkg, path, 'Package: a\n')).toStrictEqual([fact('a')])
    expect(read(dpkg, path, 'Package: a\nStatus: deinstall ok config-files')).toEqual([])
  })

  test('lists of files and sums are those of a package', () => {
    const owner = (name: string, files: readonly string[]) => [{ manager: 'dpkg', name, version: '', files }]
    const text = '/.\n/bin/ls\nbin/x\n\n//y\n'
    expect(read(dpkg, 'var/lib/dpkg/info/core:utils:arm64.list', text)).toStrictEqual(
      owner('core:utils', ['.', 'bin/ls', 'bin/x', '/y']),
    )
    expect(read(dpkg, 'var/lib/dpkg/info/a.list', '')).toStrictEqual(owner('a', []))
    const sum = '0123456789abcdef'.repeat(2)
    const sums = `${sum}  usr/a\n${sum} ./usr/b\n${sum}\t/usr/c\n x${sum}  d\n`
    expect(read(dpkg, 'var/lib/dpkg/status.d/a.b.md5sums', sums)).toStrictEqual(
      owner('a.b', ['usr/a', 'usr/b', 'usr/c', ` x${sum}  d`]),
    )
  })
})

describe('Node', () => {
  const path = 'a/node_modules/ms/package.json'
  const fact = (name: string, version = '') => [{ manager: 'node', name, version, folder: 'a/node_modules/ms' }]
  test.each([
    ['{"name":"ms","version":"2"}', fact('ms', '2')],
    ['{"name":"ms","version":2}', fact('ms')],
    ['{"name":"ms"}', fact('ms')],
    [JSON.stringify({ name: long, version: long }), fact(short, short)],
    ['{"name":""}', []],
    ['{"name":5}', []],
    ['{}', []],
    ['null', []],
    ['{', []],
  ])('%s', (text, facts) => {
    expect(read(node, path, text)).toStrictEqual(facts)
  })
})

describe('Python', () => {
  const info = 'lib/a-1.dist-info'
  const fact = (name: string, version = '') => [{ manager: 'python', name, version, folder: info }]
  test.each([
    ['Name: a\nVersion: 1.0\n\nName: b', fact('a', '1.0')],
    ['name:a\r\nVERSION:  1 \r\n\r\nVersion: 2', fact('a', '1')],
    ['Metadata-Version: 2\nX-Name: b\nName: a', fact('a')],
    ['Version: 1', []],
    ['Name: \nVersion: 1', []],
    ['\n\nName: a', []],
    [`Name: ${long}\nVersion: ${long}`, fact(short, short)],
    [`${'x'.repeat(65_536)}\nName: a`, []],
  ])('reads %j', (text, facts) => {
    expect(read(python, `${info}/METADATA`, text)).toStrictEqual(facts)
  })

  test('RECORD lists files, relative to the folder of packages', () => {
    const text = 'a/b.py,sha256=x,6\r\n"a/c,""d"".py",,\n../../bin/e,,\n/etc/f,,\n\n,,\nplain\n../../../../g,,\n"open,,'
    expect(read(python, `${info}/RECORD`, text)).toStrictEqual([
      {
        manager: 'python',
        name: info,
        version: '',
        files: ['lib/a/b.py', 'lib/a/c,"d".py', 'bin/e', 'etc/f', 'lib/plain', 'g', 'lib/"open'],
      },
    ])
  })
})

test.each<[string, readonly string[]]>([
  ['', ['']],
  ['a', ['a']],
  ['a\n', ['a', '']],
  ['\na\n\nb', ['', 'a', '', 'b']],
  [`${'x'.repeat(8193)}\n${'y'.repeat(8192)}`, ['x'.repeat(8192), 'y'.repeat(8192)]],
])('linesOf cuts lines at 8192 characters', (text, lines) => {
  expect([...linesOf(text)]).toEqual(lines)
})

test('detached gives the first characters of a text', () => {
  expect(['', 'ab', 'abc', 'äöü'].map((text) => detached(text, 2))).toEqual(['', 'ab', 'ab', 'äö'])
})
