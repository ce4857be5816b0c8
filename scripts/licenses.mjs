// The licenses of the bundled packages. Each of them requires its text to be part of every copy.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * The packages that modules are from, as folders below `root`: `node_modules/@actions/core`. Sorted, each once.
 * @param {Iterable<string>} modules paths of modules as a bundler names them, with `/`; modules outside of packages are ignored
 */
export function packagesOf(modules) {
  const folders = [...modules].flatMap(
    (path) => /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  )
  return [...new Set(folders)].sort()
}

/**
 * The entry of a package in the list: name, version, license and its texts.
 * @throws if the package has no text of its license
 */
export function licenseOf(root, folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const texts = readdirSync(join(root, folder))
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[-.](?:md|txt|mit|apache))*$/i.test(file))
    .sort()
    .map((file) =>
      readFileSync(join(root, folder, file), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim(),
    )
  if (texts.length === 0) throw new Error(`${folder} is bundled, but has no file with its license.`)
  return `${name} ${version}\n${license}\n\n${texts.join('\n\n')}\n`
}

/** The list that goes with a bundle. */
export const licensesOf = (root, packages) => packages.map((folder) => licenseOf(root, folder)).join('\n')

/** The packages whose license is not in the list. */
export const missingLicenses = (root, packages, list) =>
  packages.filter((folder) => !list.includes(licenseOf(root, folder)))

/** The entries of the bundle: folder of dist/ and file of src/, without its ending. */
export const entries = { main: 'main', post: 'post', cli: 'cli/cli' }

/**
 * Whether loading a module has no side effects, so that a bundle can leave it out if nothing of it is used. That holds for our modules and for
 * those of @actions/core, whose package.json does not declare it.
 * @param {string} path of the module
 */
export const loadsWithoutEffect = (path) =>
  /\/node_modules\/@actions\/core\/|^(?!.*\/node_modules\/).*\/src\//.test(path)

/** The modules that contribute to the output, from esbuild's metafile. */
const modulesOf = ({ outputs }) =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  )

const withoutEffect = {
  name: 'without-effect',
  setup({ onResolve, resolve: find }) {
    // These modules import each other with file extensions, so the path needs no resolution.
    onResolve({ filter: /^\.{1,2}\/.*\.[jt]s$/ }, ({ path, resolveDir, importer }) =>
      loadsWithoutEffect(importer) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    )
    onResolve({ filter: /^@actions\/core$/ }, async ({ path, pluginData, ...where }) =>
      pluginData === withoutEffect
        ? undefined
        : { ...(await find(path, { ...where, pluginData: withoutEffect })), sideEffects: false },
    )
  },
}

/**
 * The packages that entries of `src/` need, as esbuild finds them: dist/ is made by another bundler, so this does not depend on
 * how its list was made.
 * @param {readonly string[]} names of files of src/, without their endings
 */
export async function packagesNeeded(root, names) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => join(root, 'src', `${name}.ts`)),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    metafile: true,
    write: false,
    logLevel: 'error',
    outdir: 'needed',
    plugins: [withoutEffect],
  })
  return packagesOf(modulesOf(metafile))
}
