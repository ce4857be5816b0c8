import { join } from 'node:path'
import pLimit from 'p-limit'
import { changesDevice } from '../addon/device-files.ts'
import { type ChangedFiles, contextFolders, dockerfilePaths } from '../addon/discover.ts'
import { type Files, joinPath, workspaceFiles } from '../addon/files.ts'
import { parseVersion } from '../addon/version.ts'
import { readText } from '../addon/yaml/text.ts'
import { messageOf, type SourceLocation } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { enumerate } from '../core/text.ts'
import type { AddonOptions } from '../inputs/options.ts'
import { imageNames, type PlannedAddon } from '../plan/plan.ts'
import { describeVersion, hasEntry, versionProblem } from '../plan/version-gate.ts'
import type { Registry } from '../registry/client.ts'
import { isMissing, isUnreachable } from '../registry/error.ts'
import { parseRepository } from '../registry/name.ts'
import type { Reason } from '../report/model/report.ts'
import type { ChangesOfRun, RunContext, VersionFindings } from './stages.ts'

/** Milliseconds for everything. The run waits no longer, and builds run meanwhile. */
const limitMs = 15_000
const requestsAtOnce = 6
/** Bytes. Longer files are not searched. */
const largestChangelog = 1024 * 1024
/** Steps of the comparisons of one Dockerfile's ignore file: a tenth of a second. */
const mostSteps = 10_000_000
/** Names listed in one line. */
const mostNames = 6

type GateContext = Pick<RunContext, 'plan' | 'host'> & ChangesOfRun & { readonly options: Partial<AddonOptions> }

/** An add-on whose version config.yaml decides. */
interface VersionedAddon extends PlannedAddon {
  readonly versionWhere: SourceLocation
}

/**
 * Whether devices are offered what a pull request changes: the version in config.yaml must be new, and in the CHANGELOG if there is one. Asks GitHub for the changes,
 * and the registry for one list of tags for each add-on that has changed. What they do not say in time is not known, which is never a problem. Never rejects.
 */
export async function checkVersions(
  context: GateContext,
  registry: Pick<Registry, 'listTags'>,
  files: Files = workspaceFiles(context.host.workspace),
): Promise<VersionFindings> {
  const addons = context.plan.addons.filter(hasOwnVersion)
  if (addons.length === 0) return { problems: [], unknown: [] }
  const { clock, signal } = context.host
  const over = new AbortController()
  const late = clock.sleep(limitMs, AbortSignal.any([over.signal, signal])).then((): Unknown => ({ unknown: tooLate }))
  try {
    const changed = await Promise.race([context.changes(), late])
    if ('unknown' in changed) return noFindings(`Versions are not checked: ${changed.unknown}`)
    const touched = await filterAsync(addons, (addon) => isChanged(addon, changed.files, context))
    const ask = openQuestions(registry, late, over.signal)
    const found = await Promise.all(touched.map(async (addon) => ({ addon, ...(await checkAddon(addon, ask, files)) })))
    return { problems: found.flatMap(({ problems = [] }) => problems), unknown: describeUnknown(found) }
  } catch (thrown) {
    return noFindings(`Versions are not checked: ${messageOf(thrown)}`)
  } finally {
    over.abort()
  }
}

interface Unknown {
  readonly unknown: string
}

const tooLate = `no response within ${limitMs / 1000} s.`

const noFindings = (line: string): VersionFindings => ({ problems: [], unknown: [line] })

const hasOwnVersion = (addon: PlannedAddon): addon is VersionedAddon =>
  addon.versionWhere !== undefined && parseVersion(addon.version) !== undefined

async function filterAsync<T>(all: readonly T[], keeps: (one: T) => Promise<boolean>): Promise<readonly T[]> {
  const kept = await Promise.all(all.map(keeps))
  return all.filter((_, index) => kept[index])
}

async function isChanged(
  addon: PlannedAddon,
  changed: Extract<ChangedFiles, { readonly files: unknown }>['files'],
  { options, host }: Pick<GateContext, 'options' | 'host'>,
): Promise<boolean> {
  const { folder } = addon
  const paths = { folder, dockerfiles: dockerfilePaths(folder, options.file), contexts: contextFolders(options) }
  // Without the ignore files first: they are read only if they can make a difference.
  if (!changesDevice(paths, changed, () => false)) return false
  const isExcluded = await exclusionsOf(addon, host)
  return changesDevice(paths, changed, isExcluded)
}

/** Whether no architecture's build context has a path. A build context without a usable ignore file has all of them. */
async function exclusionsOf({ targets }: PlannedAddon, { workspace }: Host): Promise<(path: string) => boolean> {
  const contexts = new Map(
    targets.map(({ context, dockerfile }) => [JSON.stringify([context, dockerfile]), { context, dockerfile }]),
  )
  const { readIgnoreRules } = await import('../context/context.ts')
  const rules = await Promise.all(
    [...contexts.values()].map(({ context, dockerfile }) =>
      readIgnoreRules(join(workspace, context), join(workspace, dockerfile), workspace, mostSteps).catch(
        () => undefined,
      ),
    ),
  )
  return (path) => {
    try {
      return rules.length > 0 && rules.every((one) => one?.ignores(path) === true)
    } catch {
      return false
    }
  }
}

/** The tags of a published image; empty if it was never published. */
type Ask = (image: string) => Promise<{ readonly tags: readonly string[] } | Unknown>

/** A registry that does not respond is not asked again, and none is asked after the end. */
function openQuestions(registry: Pick<Registry, 'listTags'>, late: Promise<Unknown>, over: AbortSignal): Ask {
  const limit = pLimit(requestsAtOnce)
  const unreachable = new Map<string, string>()
  const ask: Ask = async (image) => {
    const repository = parseRepository(image)
    const known = over.aborted ? tooLate : unreachable.get(repository.host)
    if (known !== undefined) return { unknown: known }
    try {
      return { tags: await registry.listTags(repository) }
    } catch (thrown) {
      if (isMissing(thrown)) return { tags: [] }
      if (isUnreachable(thrown)) unreachable.set(repository.host, messageOf(thrown))
      return { unknown: messageOf(thrown) }
    }
  }
  return (image) => Promise.race([limit(() => ask(image)), late])
}

interface Checked {
  readonly problems?: readonly Reason[]
  /** Why it is not known whether the version is new. */
  readonly unknown?: string
  /** Why the CHANGELOG was not searched. */
  readonly unread?: string
}

async function checkAddon(addon: VersionedAddon, ask: Ask, files: Files): Promise<Checked> {
  const answer = await ask(publishedName(addon))
  if ('unknown' in answer) return answer
  const { slug, version, versionWhere: where } = addon
  const problem = versionProblem(version, answer.tags)
  if (problem) {
    const remedy = 'The Supervisor offers an update only if the version changes.'
    return { problems: [{ gate: 'version', addon: slug, message: describeVersion(version, problem), remedy, where }] }
  }
  return checkChangelog(addon, files)
}

/** The name that devices pull, if this run would publish it. Otherwise, any of the names: they have the same versions. */
function publishedName(addon: PlannedAddon): string {
  const names = imageNames(addon)
  const { pulledImage, multiArch } = addon
  if (pulledImage !== undefined && names.includes(pulledImage)) return pulledImage
  return multiArch?.image ?? names[0] ?? ''
}

/** The version is new, so a CHANGELOG needs an entry for it. */
async function checkChangelog({ slug, version, folder }: PlannedAddon, files: Files): Promise<Checked> {
  const file = joinPath(folder, 'CHANGELOG.md')
  const read = await readText(file, files, largestChangelog)
  if (read === undefined) return {}
  if ('diagnostic' in read) return { unread: `${file} was not searched for ${version}: ${read.diagnostic.message}` }
  if (hasEntry(read.text, version)) return {}
  const message = `CHANGELOG.md has no entry for ${version}.`
  const remedy = 'Add one. Home Assistant shows it with the update.'
  return { problems: [{ gate: 'version', addon: slug, message, remedy, where: { file, line: 1, column: 1 } }] }
}

/** One line for all add-ons with the same reason, and one for each file that was not searched. */
function describeUnknown(found: readonly (Checked & { readonly addon: PlannedAddon })[]): readonly string[] {
  const groups = Map.groupBy(found, ({ unknown }) => unknown)
  const lines = [...groups].flatMap(([unknown, group]) => {
    if (unknown === undefined) return []
    const names = group.map(({ addon: { slug, version } }) => `${version} of ${slug}`)
    return `It is not known whether ${enumerate(names, mostNames)} ${names.length > 1 ? 'are' : 'is'} new: ${unknown}`
  })
  return [...lines, ...found.flatMap(({ unread = [] }) => unread)]
}
