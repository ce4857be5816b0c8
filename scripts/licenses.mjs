// The licences of what is bundled. Each of them asks for its text to go with every copy.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * The packages that modules are from, as folders below `root`: `node_modules/@actions/core`. Sorted, each once.
 * @param {Iterable<string>} modules paths of modules as a bundler names them, with `/`; those of no package are passed over
 */
export function packagesOf(modules) {
  const folders = [...modules].flatMap(
    (path) => /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  )
  return [...new Set(folders)].sort()
}

/**
 * What stands in the list for a package: name, version, licence, and its texts.
 * @throws where the package brings no text: then somebody has to look for it.
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
  if (texts.length === 0) throw new Error(`${folder} is bundled, but has no file with its licence.`)
  return `${name} ${version}\n${license}\n\n${texts.join('\n\n')}\n`
}

/** The list that goes with a bundle. */
export const licensesOf = (root, packages) => packages.map((folder) => licenseOf(root, folder)).join('\n')

/** The packages whose licence is not in the list. */
export const missingLicenses = (root, packages, list) =>
  packages.filter((folder) => !list.includes(licenseOf(root, folder)))

/** @actions/core does not say that its files do nothing by being loaded. They do nothing, and a bundler would have to take them all. */
const harmless = {
  name: 'harmless',
  setup({ onResolve, resolve: find }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...where }) =>
      pluginData === harmless || where.kind === 'entry-point'
        ? undefined
        : { ...(await find(path, { ...where, pluginData: harmless })), sideEffects: false },
    )
  },
}

/** How esbuild takes what is used of @actions/core out of the file that names it. */
export const coreBundle = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  metafile: true,
  plugins: [harmless],
}

/** The modules that came into the output, of what esbuild tells of a build. */
export const modulesOf = ({ outputs }) =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  )

/**
 * The packages that an entry of `src/` needs, as esbuild finds them: the bundles are ncc's, so this knows nothing of how their lists were made.
 * @param {string} entry `main` or `cli/cli`, without ending
 */
export async function packagesNeeded(root, entry) {
  const core = join(root, 'src', 'platform', 'log', 'actions-core.ts')
  const settings = { absWorkingDir: root, write: false, logLevel: 'error', outdir: 'needed' }
  let takesCore = false
  const coreApart = {
    name: 'core-apart',
    setup({ onResolve }) {
      onResolve({ filter: /\/actions-core\.ts$/ }, ({ path, resolveDir }) => {
        if (join(resolveDir, path) !== core) return undefined
        takesCore = true
        return { path: core, external: true }
      })
    },
  }
  const { metafile } = await build({
    ...settings,
    entryPoints: [join(root, 'src', `${entry}.ts`)],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    metafile: true,
    plugins: [coreApart],
  })
  const { metafile: ofCore } = takesCore ? await build({ ...settings, ...coreBundle, entryPoints: [core] }) : {}
  return packagesOf([...modulesOf(metafile), ...(ofCore ? modulesOf(ofCore) : [])])
}
