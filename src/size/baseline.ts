import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { LimitFunction } from 'p-limit'
import { messageOf } from '../core/diagnostics.ts'
import type { GitHubEvent, Host } from '../core/host.ts'
import { measureImage } from '../image/image.ts'
import { smallestInTree } from '../image/limits.ts'
import { archiveSource } from '../image/sources/archive.ts'
import { layoutSource } from '../image/sources/layout.ts'
import { type BlobSource, registrySource } from '../image/sources/source.ts'
import type { BaselineChoice } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { locate, openInputPath, readUpTo, relativeToWorkspace } from '../platform/workspace-path.ts'
import type { Registry } from '../registry/client.ts'
import { isMissing, isRefused } from '../registry/error.ts'
import { parseReference, parseRepository } from '../registry/name.ts'
import { previousVersion } from './previous-version.ts'
import type { Baseline } from './result.ts'
import { type Stored, toStored } from './stored.ts'

/** The image to compare with, or why there is none: `first measurement: …`. */
type BaselineLookup = { readonly baseline: Baseline } | { readonly none: string }

type BaselineTarget = Pick<Target, 'addon' | 'architecture' | 'platform' | 'image' | 'tags'> & {
  /** The version that is built: its baseline is the published version before it. Undefined: the highest one. */
  readonly version?: string
}

/** Keeps small texts between runs. */
export interface SizeCache {
  /** The newest entry whose key begins with `prefix`. */
  find(prefix: string): Promise<{ readonly key: string; readonly text: string } | undefined>
  save(key: string, text: string): Promise<void>
}

type BaselineHost = Pick<Host, 'workspace' | 'signal'> & {
  readonly event: Pick<GitHubEvent, 'ref' | 'sha' | 'defaultBranch' | 'pullRequest'>
}

/** Where baselines are looked for. */
interface BaselineSources {
  readonly registry: Registry
  readonly host: BaselineHost
  readonly cache?: SizeCache
  /** Limits how many images are read at the same time; shared by everything that reads images in this run. */
  readonly queue?: LimitFunction
}

/** Starts to look for all baselines, and gives a function that waits for one. Never rejects: without a baseline this is the first measurement. */
export function loadBaselines(
  targets: readonly BaselineTarget[],
  choice: BaselineChoice,
  sources: BaselineSources,
): (target: BaselineTarget) => Promise<BaselineLookup> {
  const keyOf = ({ addon, architecture }: BaselineTarget) => `${addon}/${architecture}`
  const load = (target: BaselineTarget) => loadBaseline(target, choice, sources)
  const found = new Map(targets.map((target) => [keyOf(target), load(target)]))
  return (target) => found.get(keyOf(target)) ?? load(target)
}

export async function loadBaseline(
  target: BaselineTarget,
  choice: BaselineChoice,
  sources: BaselineSources,
): Promise<BaselineLookup> {
  try {
    switch (choice.kind) {
      case 'none':
        return noBaseline('baseline is set to none')
      case 'file':
        return await fromFile(target, choice.path, sources)
      case 'cache':
        return await fromCache(target, sources)
      case 'registry':
        return await fromRegistry(target, choice, sources)
      case 'auto': {
        const cached = await fromCache(target, sources).catch((thrown) => noBaseline(messageOf(thrown)))
        if ('baseline' in cached) return cached
        const published = await fromRegistry(target, {}, sources)
        return 'baseline' in published ? published : noBaseline(`${reasonOf(cached)}, and ${reasonOf(published)}`)
      }
    }
  } catch (thrown) {
    return noBaseline(messageOf(thrown))
  }
}

const reading = ({ host, queue }: BaselineSources) => ({ signal: host.signal, ...(queue && { queue }) })

const noBaseline = (why: string): { readonly none: string } => ({ none: `first measurement: ${why}` })
const reasonOf = ({ none }: { readonly none: string }): string => none.replace(/^first measurement: /, '')

/** A saved measurement, a report.json, an OCI layout or a docker archive, relative to the workspace. */
async function fromFile(target: BaselineTarget, path: string, sources: BaselineSources): Promise<BaselineLookup> {
  const { host } = sources
  const absolute = resolve(host.workspace, path)
  if (
    (await relativeToWorkspace(host.workspace, path)) !== undefined &&
    (await locate(host.workspace, path)) === 'outside'
  )
    return noBaseline(`${path} is a link that leads out of the workspace`)
  const info = await stat(absolute).catch(() => undefined)
  if (!info) return noBaseline(`${path} does not exist`)
  const baseline = { source: 'file', reference: path } as const
  if (info.isFile() && path.endsWith('.json')) {
    const stored = await parse(await readStored(host.workspace, path), target, path)
    return stored
      ? { baseline: { ...baseline, ...stored } }
      : noBaseline(`${path} has no ${target.addon} for ${target.architecture}`)
  }
  const source = info.isDirectory() ? layoutSource(absolute) : await archiveSource(absolute)
  const measure = await measureImage(source, target.platform, { treeFrom: smallestInTree, ...reading(sources) })
  return { baseline: { ...baseline, measure } }
}

/** Maximum bytes of a stored measurement or report. A report of a hundred images has a tenth of this. */
const largestStored = 64e6

async function readStored(workspace: string, path: string): Promise<string> {
  const file = await openInputPath(workspace, path)
  if (file === undefined || file === 'outside') throw new Error(`${path} is not a regular file`)
  try {
    const bytes = await readUpTo(file, largestStored)
    if ('tooLarge' in bytes) throw new Error(`${path} is larger than ${largestStored} bytes`)
    return bytes.toString('utf8')
  } finally {
    await file.close()
  }
}

async function parse(
  text: string,
  { addon, architecture }: BaselineTarget,
  from: string,
): Promise<Pick<Stored, 'commit' | 'measure'> | undefined> {
  const { fromStored } = await import('./read-stored.ts')
  try {
    const stored = fromStored(text, addon, architecture)
    return stored && { measure: stored.measure, ...(stored.commit !== undefined && { commit: stored.commit }) }
  } catch (thrown) {
    throw new Error(`${from} cannot be read: ${messageOf(thrown)}`)
  }
}

async function fromCache(target: BaselineTarget, { host, cache }: BaselineSources): Promise<BaselineLookup> {
  if (!cache) return noBaseline('this run has no cache')
  const branch = baseBranch(host.event)
  const entry = await cache.find(keyPrefix(target, branch))
  if (!entry) return noBaseline(`the cache has no sizes of branch ${branch}`)
  const stored = await parse(entry.text, target, `cache entry ${entry.key}`)
  return stored
    ? { baseline: { source: 'cache', reference: entry.key, chosen: `the last build of branch ${branch}`, ...stored } }
    : noBaseline('the cache entry is of another image')
}

/** Keeps a measurement for the runs that follow. Only images that a branch builds are baselines; those of pull requests are compared with them. */
export async function saveBaseline(
  target: BaselineTarget,
  measure: Baseline['measure'],
  event: BaselineHost['event'],
  cache: SizeCache,
): Promise<void> {
  if (event.pullRequest || !event.ref.startsWith('refs/heads/')) return
  const branch = event.ref.slice('refs/heads/'.length)
  const { addon, architecture } = target
  await cache.save(
    `${keyPrefix(target, branch)}${event.sha}`,
    toStored({ addon, architecture, commit: event.sha, measure }),
  )
}

/** The branch to compare with: the target of the pull request, the branch itself, or for a tag the default one. */
export function baseBranch({ pullRequest, ref, defaultBranch }: BaselineHost['event']): string {
  if (pullRequest) return pullRequest.baseRef
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : defaultBranch
}

/** `@` ends the branch, so that `main` never finds `main-2`; encoding keeps out commas, which keys must not have. */
export const keyPrefix = ({ addon, architecture }: BaselineTarget, branch: string): string =>
  `aicleaner-build-size-1-${addon}-${architecture}-${encodeURIComponent(branch)}@`

type RegistryChoice = Pick<Extract<BaselineChoice, { readonly kind: 'registry' }>, 'reference' | 'detail'>

/** The published image. Manifest and config are enough for download sizes, layers and the update; layers are pulled only for `detail`. */
async function fromRegistry(
  target: BaselineTarget,
  { reference, detail }: RegistryChoice,
  sources: BaselineSources,
): Promise<BaselineLookup> {
  const measured = (name: string) => published(name, target, detail === true, sources)
  // Before the first release there may be a version but no `latest`.
  const tags = [...new Set(['latest', ...target.tags])]
  const candidates = reference
    ? [reference.replaceAll('{arch}', target.architecture)]
    : tags.map((tag) => `${target.image}:${tag}`)
  let why = ''
  for (const candidate of candidates) {
    const found = await measured(candidate)
    if ('baseline' in found) return found
    why ||= found.none
  }
  return (reference ? undefined : await earlier(target, sources.registry, measured)) ?? { none: why }
}

/** The version before this one, if neither `latest` nor a tag of this one is published. Undefined if there is none. */
async function earlier(
  target: BaselineTarget,
  registry: Registry,
  measured: (name: string) => Promise<BaselineLookup>,
): Promise<BaselineLookup | undefined> {
  try {
    const previous = previousVersion(await registry.listTags(parseRepository(target.image)), target.version ?? '')
    if (!previous) return undefined
    const found = await measured(`${target.image}:${previous.tag}`)
    return 'baseline' in found ? { baseline: { ...found.baseline, chosen: previous.chosen } } : found
  } catch (thrown) {
    if (isMissing(thrown) || isRefused(thrown)) return undefined
    return noBaseline(`the tags of ${target.image} cannot be listed: ${messageOf(thrown)}`)
  }
}

async function published(
  name: string,
  target: BaselineTarget,
  detail: boolean,
  sources: BaselineSources,
): Promise<BaselineLookup> {
  try {
    const source = openReference(name, sources.registry)
    const measure = await measureImage(source, target.platform, {
      ...(detail ? { treeFrom: smallestInTree } : { contents: false }),
      ...reading(sources),
    })
    const commit = measure.revision
    return { baseline: { source: 'registry', reference: name, ...(commit && { commit }), measure } }
  } catch (thrown) {
    if (isMissing(thrown)) return noBaseline(`${name} is not published`)
    // Registries refuse access to repositories that do not exist.
    if (isRefused(thrown)) return noBaseline(`${name} is not published, or this run may not read it`)
    return noBaseline(`${name} cannot be read: ${messageOf(thrown)}`)
  }
}

/** An image in a registry, by its whole name. */
export function openReference(name: string, registry: Pick<Registry, 'manifest' | 'blob'>): BlobSource {
  const { reference, ...repository } = parseReference(name)
  return registrySource(
    {
      manifest: (wanted) => registry.manifest(repository, wanted),
      blob: (digest) => registry.blob(repository, digest),
    },
    reference,
  )
}

/** The layers that a base image brings, by diff ID; undefined if its registry cannot be read. Never rejects. */
export async function baseLayers(
  { baseImage, platform }: Pick<Target, 'baseImage' | 'platform'>,
  registry: Pick<Registry, 'manifest' | 'blob'>,
  signal?: AbortSignal,
): Promise<{ readonly reference: string; readonly diffIds: readonly string[] } | undefined> {
  if (!baseImage) return undefined
  if (baseImage === 'scratch') return { reference: baseImage, diffIds: [] }
  try {
    const source = openReference(baseImage, registry)
    const { layers } = await measureImage(source, platform, { contents: false, ...(signal && { signal }) })
    return { reference: baseImage, diffIds: layers.map(({ diffId }) => diffId) }
  } catch {
    return undefined
  }
}
