import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, run } from '../machine/command.ts'
import type { Machine } from '../machine/machine.ts'
import { createImage } from './imagetools.ts'
import { cachedLayer, makeLayer, planLayer, unpackPython } from './layers.ts'
import { type Layer, makeImage, makeIndex } from './oci.ts'
import { pushImage, pushManifest } from './push.ts'
import { python, type Recipe, s6, type Target, targets, tiny } from './recipes.ts'

/** Where bases are copied from if they are not built here. */
export interface BaseOrigin {
  /** An index of several platforms. */
  readonly tiny: string
  /** By Home Assistant's name of the architecture. */
  readonly python: (architecture: string) => string
  readonly s6: (architecture: string) => string
}

/** The published bases, for a machine that reaches public registries. */
const publicOrigin: BaseOrigin = {
  tiny: 'busybox:1.37',
  python: (architecture) => `ghcr.io/home-assistant/${architecture}-base-python:3.12-alpine3.19`,
  s6: (architecture) => `ghcr.io/home-assistant/${architecture}-base:3.19`,
}

export interface Bases {
  readonly tiny: string
  readonly python: string
  /** For this machine's architecture only. */
  readonly s6: string
}

/** Are the layers of all bases cached? */
export async function basesAreCached(machine: Machine): Promise<boolean> {
  for (const recipe of [tiny, python]) if (!(await allCached(machine, recipe))) return false
  return (await cachedLayer(await planLayer(machine, s6, native(machine).debian))) !== undefined
}

/** Builds the layers that are not cached, and pushes the bases to the registry (`localhost:5000`). */
export async function prepareBases(machine: Machine, registry: string): Promise<Bases> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-bases-'))
  try {
    await publish(registry, tiny, await tinyLayers(machine, folder))
    await publish(registry, python, await pythonLayers(machine, folder))
    await publish(registry, s6, await layersOf(machine, s6, () => ({}), [native(machine)]))
    return namesOf(registry)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const namesOf = (registry: string): Bases => ({
  tiny: `${registry}/${tiny.name}`,
  python: `${registry}/${python.name}`,
  s6: `${registry}/${s6.name}`,
})

type Layers = ReadonlyMap<Target, Layer>

const native = (machine: Machine) => targets.find((target) => target.debian === machine.architecture) as Target

async function tinyLayers(machine: Machine, folder: string): Promise<Layers> {
  const applets = { TEST_APPLETS: join(folder, 'applets') }
  // The names of the applets come from the native busybox, so its layer is always built together with the others.
  if (await allCached(machine, tiny)) return layersOf(machine, tiny, () => ({}))
  const own = native(machine)
  const first = await makeLayer(machine, await planLayer(machine, tiny, own.debian), applets)
  const rest = await layersOf(machine, tiny, () => ({ ...applets, TEST_FOREIGN: 'yes' }), foreignTo(own))
  return new Map([[own, first], ...rest])
}

async function pythonLayers(machine: Machine, folder: string): Promise<Layers> {
  if (await allCached(machine, python)) return layersOf(machine, python, () => ({}))
  const own = native(machine)
  const plan = await planLayer(machine, python, own.debian)
  const first = (await cachedLayer(plan)) ?? (await makeLayer(machine, plan))
  await unpackPython(first, folder)
  const rest = await layersOf(machine, python, () => ({ TEST_PYTHON_ROOT: folder }), foreignTo(own))
  return new Map([[own, first], ...rest])
}

const foreignTo = (own: Target) => targets.filter((target) => target !== own)

const allCached = async (machine: Machine, recipe: Recipe): Promise<boolean> => {
  const plans = await Promise.all(targets.map((target) => planLayer(machine, recipe, target.debian)))
  const layers = await Promise.all(plans.map(cachedLayer))
  return layers.every((layer) => layer !== undefined)
}

async function layersOf(
  machine: Machine,
  recipe: Recipe,
  environment: () => Readonly<Record<string, string>>,
  wanted = targets,
): Promise<Layers> {
  const layers = await Promise.all(
    wanted.map(async (target) => {
      const plan = await planLayer(machine, recipe, target.debian)
      return [target, (await cachedLayer(plan)) ?? (await makeLayer(machine, plan, environment()))] as const
    }),
  )
  return new Map(layers)
}

async function publish(registry: string, recipe: Recipe, layers: Layers): Promise<void> {
  const images = []
  for (const [target, layer] of layers) {
    const image = makeImage(target.platform, [layer], recipe.configuration(target.debian))
    await pushImage(`http://${registry}`, recipe.name, [target.architecture], image)
    images.push(image)
  }
  await pushManifest(`http://${registry}`, recipe.name, 'latest', makeIndex(images))
}

/** Does this machine reach the public registries? */
export const reachesPublicRegistry = async (): Promise<boolean> =>
  (await run('docker', ['buildx', 'imagetools', 'inspect', publicOrigin.tiny], { timeoutMs: 20_000 })).code === 0

/** Copies published bases to the registry, under the same names as those built here. */
export async function copyBases(machine: Machine, registry: string, origin: BaseOrigin = publicOrigin): Promise<Bases> {
  const copy = (from: string, to: string) => createImage(`${registry}/${to}`, [from])
  for (const { architecture } of targets) await copy(origin.python(architecture), `${python.name}:${architecture}`)
  await createImage(
    `${registry}/${python.name}:latest`,
    targets.map(({ architecture }) => `${registry}/${python.name}:${architecture}`),
  )
  const own = native(machine).architecture
  for (const tag of [own, 'latest']) await copy(origin.s6(own), `${s6.name}:${tag}`)
  await copy(origin.tiny, `${tiny.name}:latest`)
  const inspected = await must('docker', [
    'buildx',
    'imagetools',
    'inspect',
    '--raw',
    `${registry}/${tiny.name}:latest`,
  ])
  for (const { architecture, platform } of targets) {
    const digest = digestFor(inspected, platform.architecture, platform.variant)
    if (digest === undefined) throw new Error(`${origin.tiny} has no image for ${architecture}`)
    await copy(`${registry}/${tiny.name}@${digest}`, `${tiny.name}:${architecture}`)
  }
  return namesOf(registry)
}

interface Index {
  readonly manifests: readonly {
    readonly digest: string
    readonly platform?: { readonly architecture: string; readonly variant?: string }
  }[]
}

/** The digest of an index's image for an architecture. The variant of arm64 is ignored, because it is often omitted. Pure. */
export function digestFor(index: string, architecture: string, variant?: string): string | undefined {
  const { manifests } = JSON.parse(index) as Index
  return manifests.find(
    ({ platform }) =>
      platform?.architecture === architecture && (architecture !== 'arm' || platform.variant === variant),
  )?.digest
}
