import { resolve } from 'node:path'

interface Licenses {
  packagesOf(modules: Iterable<string>): readonly string[]
  licenseOf(root: string, folder: string): string
  licensesOf(root: string, packages: readonly string[]): string
  missingLicenses(root: string, packages: readonly string[], list: string): readonly string[]
  packagesNeeded(root: string, entries: readonly string[]): Promise<readonly string[]>
}
const root = resolve(import.meta.dirname, '../..')
const { packagesOf, licenseOf, licensesOf, missingLicenses, packagesNeeded } = (await import(
  new URL('../../scripts/licenses.mjs', import.meta.url).href
)) as Licenses

test('packages are known by the paths of their modules, with a scope and within another package', () => {
  expect(
    packagesOf([
      '../node_modules/yaml/dist/index.js',
      'node_modules/yaml/dist/other.js',
      '/home/me/node_modules/@octokit/core/dist/index.js',
      '../node_modules/@actions/github/node_modules/@actions/http-client/lib/index.js',
      '../node_modules/@actions/github/lib/github.js',
      '/home/me/src/main.ts',
      '\0builtin:path',
      '\0rolldown/runtime.js',
    ]),
  ).toEqual([
    'node_modules/@actions/github',
    'node_modules/@actions/github/node_modules/@actions/http-client',
    'node_modules/@octokit/core',
    'node_modules/yaml',
  ])
})

test('the list has name, version and text of each licence, with any file name', () => {
  // LICENSE, license, License.txt, LICENSE.md
  const packages = ['yaml', 'p-limit', 'dockerfile-ast', '@actions/core'].map((name) => `node_modules/${name}`)
  const list = licensesOf(root, packages)
  expect(list.match(/^[@a-z/-]+ \d+\.\d+\.\d+$/gm)).toHaveLength(4)
  expect(list.match(/Permission (?:is hereby granted|to use)/g)).toHaveLength(4)
  expect(missingLicenses(root, packages, list)).toEqual([])
})

test('packages that are missing in the list or have another text are reported', () => {
  const packages = ['node_modules/yaml', 'node_modules/picomatch']
  expect(missingLicenses(root, packages, licensesOf(root, ['node_modules/picomatch']))).toEqual(['node_modules/yaml'])
  const altered = licensesOf(root, packages).replace('Permission to use', 'Permission to sell')
  expect(missingLicenses(root, packages, altered)).toEqual(['node_modules/yaml'])
  expect(missingLicenses(root, packages, '')).toEqual(packages)
})

test('a package without a licence ends the build', () => {
  expect(() => licenseOf(root, 'node_modules/yaml/dist')).toThrow()
  expect(() => licenseOf(root, '__tests__/fixtures/no-license')).toThrow(
    '__tests__/fixtures/no-license is bundled, but has no file with its license.',
  )
})

test('the command line needs what its files import, loaded at once or later', async () => {
  const needed = await packagesNeeded(root, ['cli/cli'])
  for (const name of ['yaml', 'dockerfile-ast', 'picomatch', 'p-limit', 're2js', '@actions/github'])
    expect(needed).toContain(`node_modules/${name}`)
  // Types alone are not bundled, and what is used for tests neither.
  expect(needed.filter((folder) => /jest|esbuild|typescript|@types/.test(folder))).toEqual([])
})

test('of @actions/core only what is used is bundled', async () => {
  const needed = await packagesNeeded(root, ['main'])
  expect(needed).toContain('node_modules/@actions/core')
  expect(needed).not.toContain('node_modules/@actions/exec')
})
