import type { FileTree, ImageContents } from '../../src/image/measure.ts'
import { mergeLayers, readMembers } from './samples/image.ts'
import type { Member } from './samples/tar.ts'

const contentsOf = async (...layers: (readonly Member[])[]): Promise<ImageContents> =>
  mergeLayers(await Promise.all(layers.map(readMembers)), { treeFrom: 0 })
const packagesOf = async (...layers: (readonly Member[])[]) => (await contentsOf(...layers)).packages

const apk = (...packages: readonly [name: string, version: string, bytes: number, file: string][]): Member => ({
  path: 'lib/apk/db/installed',
  content: packages
    .map(([name, version, bytes, file]) => {
      const [, folder, base] = /^(.*)\/([^/]*)$/.exec(file) ?? []
      return `C:Q1x=\nP:${name}\nV:${version}\nA:aarch64\nS:9\nI:${bytes}\nT:text\nF:${folder}\nR:${base}\nZ:Q1y=\n`
    })
    .join('\n'),
})

test('apk: name, version and installed bytes, and which layer brought it', async () => {
  const openssl = ['openssl', '3.1.4-r0', 500, 'usr/bin/openssl'] as const
  const gcc = ['gcc', '13.2.1_git20240309-r0', 3000, 'usr/bin/gcc'] as const
  expect(await packagesOf([apk([...openssl])], [apk([...openssl], [...gcc])])).toEqual([
    { manager: 'apk', name: 'gcc', version: '13.2.1_git20240309-r0', bytes: 3000, layer: 1 },
    { manager: 'apk', name: 'openssl', version: '3.1.4-r0', bytes: 500, layer: 0 },
  ])
})

test('apk: a package that is gone from the last database is gone; the new place of the database counts', async () => {
  const moved = { ...apk(['a', '2', 1, 'usr/a']), path: 'usr/lib/apk/db/installed' }
  expect(
    await packagesOf([apk(['a', '1', 1, 'usr/a'], ['b', '1', 1, 'usr/b'])], [apk(['a', '1', 1, 'usr/a'])]),
  ).toMatchObject([{ name: 'a' }])
  expect(await packagesOf([moved])).toMatchObject([{ name: 'a', version: '2' }])
})

const dpkg = (...paragraphs: readonly string[]): Member => ({
  path: 'var/lib/dpkg/status',
  content: paragraphs.map((paragraph) => `${paragraph}\n`).join('\n'),
})

test('dpkg: only what is installed, Installed-Size in KiB', async () => {
  const status = dpkg(
    'Package: libc6\nStatus: install ok installed\nInstalled-Size: 100\nArchitecture: arm64\nVersion: 2.36-9+deb12u4\nDescription: x\n Package: no',
    'Package: gone\nStatus: deinstall ok config-files\nInstalled-Size: 5\nVersion: 1',
    'Package: half\nStatus: install reinstreq half-installed\nVersion: 1',
    'Package: none\nStatus: unknown ok not-installed',
  )
  expect(await packagesOf([status])).toEqual([
    { manager: 'dpkg', name: 'libc6', version: '2.36-9+deb12u4', bytes: 102_400, layer: 0 },
  ])
})

test.each([
  'hold ok installed',
  'deinstall ok installed',
  'install ok triggers-pending',
  'install ok triggers-awaited',
  'install ok half-configured',
  'install ok unpacked',
])('dpkg: the files of a package in the state "%s" are there', async (state) => {
  expect(await packagesOf([dpkg(`Package: a\nStatus: ${state}\nInstalled-Size: 1\nVersion: 1`)])).toMatchObject([
    { name: 'a', bytes: 1024 },
  ])
})

test('dpkg: distroless images have a file for each package, without a status', async () => {
  const file = {
    path: 'var/lib/dpkg/status.d/base',
    content: 'Package: base-files\nVersion: 12.4\nInstalled-Size: 2\n',
  }
  const sums = { path: 'var/lib/dpkg/status.d/base-files.md5sums', content: `${'0'.repeat(32)}  etc/debian_version\n` }
  const { packages, tree } = await contentsOf([file, sums, { path: 'etc/debian_version', content: '12' }])
  expect(packages).toEqual([{ manager: 'dpkg', name: 'base-files', version: '12.4', bytes: 2048, layer: 0 }])
  expect(find(tree, 'etc', 'debian_version')?.package).toBe(0)
})

test('dpkg: the files of a package are known in the tree, through the link from bin to usr/bin', async () => {
  const { tree } = await contentsOf([
    dpkg('Package: coreutils\nStatus: install ok installed\nInstalled-Size: 1\nVersion: 9'),
    { path: 'var/lib/dpkg/info/coreutils:arm64.list', content: '/.\n/bin\n/bin/ls\n' },
    { path: 'bin', type: '2', link: 'usr/bin' },
    { path: 'usr/bin/ls', content: 'ls' },
    { path: 'usr/bin/own', content: 'own' },
  ])
  expect(find(tree, 'usr', 'bin', 'ls')?.package).toBe(0)
  expect(find(tree, 'usr', 'bin', 'own')?.package).toBeUndefined()
  expect(find(tree, 'usr', 'bin')).toMatchObject({ bytes: 5, packaged: 2 })
})

const site = 'usr/lib/python3.13/site-packages'

test('Python: name and version from METADATA, bytes from the files that RECORD names', async () => {
  const members = [
    {
      path: `${site}/requests-2.32.0.dist-info/METADATA`,
      content: 'Metadata-Version: 2.1\nName: requests\nVersion: 2.32.0\n\nName: not this',
    },
    {
      path: `${site}/requests-2.32.0.dist-info/RECORD`,
      content: 'requests/api.py,sha256=x,6\r\n"requests/a,b.py",,\n../../../bin/req,,\nmissing.py,,\n',
    },
    { path: `${site}/requests/api.py`, content: '123456' },
    { path: `${site}/requests/a,b.py`, content: '1234' },
    { path: 'usr/bin/req', content: '12' },
  ]
  const { packages, tree } = await contentsOf(members)
  expect(packages).toEqual([{ manager: 'python', name: 'requests', version: '2.32.0', bytes: 12, layer: 0 }])
  expect(find(tree, 'usr', 'bin', 'req')?.package).toBe(0)
})

test.each(['1.0', '1.10', '2024.01.05', '1e3'])('Python: the version %s stays as it is written', async (version) => {
  const metadata = { path: `${site}/a.dist-info/METADATA`, content: `Name: a\nVersion: ${version}\n\n` }
  expect(await packagesOf([metadata])).toMatchObject([{ version }])
})

test('Node: package roots only, scoped ones too, without what is nested in them', async () => {
  const root = 'opt/app/node_modules'
  const manifest = (name: string, version: string) => JSON.stringify({ name, version })
  const { packages, tree } = await contentsOf([
    { path: 'opt/app/package.json', content: manifest('app', '1') },
    { path: `${root}/ms/package.json`, content: manifest('ms', '2.1.3') },
    { path: `${root}/ms/index.js`, content: 'x'.repeat(100) },
    { path: `${root}/ms/dist/package.json`, content: '{"type":"module"}' },
    { path: `${root}/ms/node_modules/deep/package.json`, content: manifest('deep', '1') },
    { path: `${root}/@scope/name/package.json`, content: manifest('@scope/name', '0.1.0') },
    { path: `${root}/broken/package.json`, content: '{' },
  ])
  expect(packages.map(({ name, version }) => [name, version])).toEqual([
    ['ms', '2.1.3'],
    ['@scope/name', '0.1.0'],
    ['deep', '1'],
  ])
  expect(packages[0]?.bytes).toBe(100 + manifest('ms', '2.1.3').length + '{"type":"module"}'.length)
  const owner = (...path: string[]) => packages[find(tree, 'opt', 'app', 'node_modules', ...path)?.package ?? -1]?.name
  expect(owner('ms', 'dist', 'package.json')).toBe('ms')
  expect(owner('ms', 'node_modules', 'deep', 'package.json')).toBe('deep')
})

test('a package whose folder a later layer deleted is gone', async () => {
  const ms = { path: 'a/node_modules/ms/package.json', content: '{"name":"ms","version":"1"}' }
  expect(await packagesOf([ms], [{ path: 'a/.wh.node_modules' }])).toEqual([])
})

test.each([
  ['lib/apk/db/installed', 'P:\nV:\nI:-5\n\nP:x\nI:abc'],
  ['lib/apk/db/installed', '\0\0\0'],
  ['var/lib/dpkg/status', 'Package: x\nStatus: install ok installed\nInstalled-Size: 1e999'],
  ['a/node_modules/x/package.json', '{"name":5}'],
  ['a/x.dist-info/METADATA', ' '.repeat(100_000)],
  ['a/x.dist-info/RECORD', '../../../../../../etc/passwd,,\n"unclosed'],
])('%s with nonsense in it breaks nothing', async (path, content) => {
  for (const { bytes } of await packagesOf([{ path, content }]))
    expect(Number.isSafeInteger(bytes) && bytes >= 0).toBe(true)
})

function find(tree: FileTree | undefined, ...path: string[]): FileTree | undefined {
  return path.reduce<FileTree | undefined>((at, name) => at?.children?.find((child) => child.name === name), tree)
}
