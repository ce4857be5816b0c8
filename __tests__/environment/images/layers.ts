import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../machine/command.ts'
import { type Machine, mustAsRoot } from '../machine/machine.ts'
import { readMachineSources } from '../packages/install.ts'
import { findMirror } from '../packages/sources.ts'
import { compressLayer, type Layer } from './oci.ts'
import { type DebianArchitecture, debootstrapArguments, type Recipe, recipeKey } from './recipes.ts'

const scripts = new URL('../recipes', import.meta.url).pathname
const certificates = '/etc/ssl/certs/ca-certificates.crt'
const monthMs = 30 * 24 * 3_600_000

/** A layer that can be built, or was built before. */
export interface LayerPlan {
  readonly recipe: Recipe
  readonly architecture: DebianArchitecture
  readonly key: string
  /** Path of the layer, which may not exist yet. */
  readonly file: string
}

/** `extra`: other data that the layer depends on, such as a version. */
export async function planLayer(
  machine: Machine,
  recipe: Recipe,
  architecture: DebianArchitecture,
  extra: readonly string[] = [],
): Promise<LayerPlan> {
  const sources = await Promise.all(
    [join(scripts, 'merge-usr.sh'), join(scripts, recipe.script), ...(await filesOf(recipe)), certificates]
      .filter((file) => existsSync(file))
      .map((file) => readFile(file, 'utf8')),
  )
  const configuration = JSON.stringify(recipe.configuration(architecture))
  const key = recipeKey(recipe, architecture, [configuration, ...sources, ...extra])
  return { recipe, architecture, key, file: join(machine.cache, `${recipe.name}-${architecture}-${key}.tar.gz`) }
}

/** The paths of the files that the recipe's script copies. */
async function filesOf({ files }: Recipe): Promise<readonly string[]> {
  if (files === undefined) return []
  const entries = await readdir(join(scripts, files), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** The layer of an earlier run, if it is cached and complete. */
export async function cachedLayer({ file }: LayerPlan): Promise<Layer | undefined> {
  try {
    const layer = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Layer
    if ((await stat(file)).size !== layer.size) return undefined
    await utimes(file, new Date(), new Date())
    return { ...layer, file }
  } catch {
    return undefined
  }
}

/** Unpacks the packages and caches the layer. `environment`: for the recipe's script. */
export async function makeLayer(
  machine: Machine,
  plan: LayerPlan,
  environment: Readonly<Record<string, string>> = {},
): Promise<Layer> {
  await mkdir(machine.cache, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-tree-'))
  try {
    // mmdebstrap drops its privileges for some steps.
    await chmod(folder, 0o755)
    const tar = join(folder, 'tree.tar')
    const mirror = findMirror(await readMachineSources(), plan.recipe.suite)
    await mustAsRoot(
      machine,
      // Unit tests run at the same time.
      'nice',
      ['-n10', 'mmdebstrap', ...debootstrapArguments(plan.recipe, plan.architecture, scripts, '-', mirror?.uri)],
      {
        environment: {
          TEST_ARCHITECTURE: plan.architecture,
          TEST_CERTIFICATES: existsSync(certificates) ? certificates : '',
          ...environment,
        },
        stdoutFile: tar,
      },
    )
    const { file: _, ...facts } = await compressLayer(tar, plan.file)
    await writeFile(`${plan.file}.json.part`, JSON.stringify(facts))
    await rename(`${plan.file}.json.part`, `${plan.file}.json`)
    await removeOldLayers(machine)
    return { ...facts, file: plan.file }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Unpacks a layer's Python and its libraries into `folder`, to be run from there. */
export async function unpackPython(layer: Layer, folder: string): Promise<void> {
  await must('tar', [
    '-xzf',
    layer.file,
    '-C',
    folder,
    '--wildcards',
    './usr/lib',
    './usr/lib64',
    './usr/bin/python3.*',
  ])
}

/** Removes layers that no run has used for a month. */
async function removeOldLayers(machine: Machine): Promise<void> {
  for (const name of await readdir(machine.cache)) {
    const file = join(machine.cache, name)
    if (!/\.tar\.gz(\.json)?$/.test(name)) continue
    const layer = file.replace(/\.json$/, '')
    const used = await stat(layer).catch(() => undefined)
    if (!used || Date.now() - used.mtimeMs > monthMs) await rm(file, { force: true })
  }
}
