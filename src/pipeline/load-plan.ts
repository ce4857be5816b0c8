import type { ChangedFiles } from '../addon/discover.ts'
import { type Files, workspaceFiles } from '../addon/files.ts'
import { readAddons } from '../addon/read.ts'
import { hasSeveralAddons } from '../addon/repository.ts'
import { Failure, isError, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { clientOf } from '../github/open-client.ts'
import type { AddonOptions, Options } from '../inputs/options.ts'
import type { ReadInputs } from '../inputs/read-inputs.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { releaseTag } from '../plan/version.ts'
import { commitTime } from '../platform/commit-time.ts'
import { mountConflicts } from '../smoke/container/mount-conflicts.ts'
import { checkPaths } from './check-paths.ts'

/** How a plan is loaded by another command than the action. */
export interface LoadPlanOptions {
  readonly files?: Files
  /** Codes of errors of the plan that are warnings here. */
  readonly tolerated?: ReadonlySet<string>
  /** Asks GitHub which files the event changed. */
  readonly findChanges?: typeof fetchChangedFiles
}

interface LoadedPlan {
  readonly plan: Plan
  readonly options: Options
  /** The files that the event changed. GitHub is asked at the first call only. Never rejects. */
  readonly changes: () => Promise<ChangedFiles>
}

/**
 * Decides from inputs, files and event what will be done, before Docker is used.
 * Throws a Failure (`input`) with all errors: those of the inputs and those of the files together.
 */
export async function loadPlan(
  inputs: ReadInputs,
  host: Host,
  { files = workspaceFiles(host.workspace), tolerated, findChanges = fetchChangedFiles }: LoadPlanOptions = {},
): Promise<LoadedPlan> {
  const { options, readable } = inputs
  if (readable === undefined) throw new Failure('input', inputs.diagnostics)
  let asked: Promise<ChangedFiles> | undefined
  const changes = (): Promise<ChangedFiles> => {
    asked ??= changesOf(readable, host, findChanges)
    return asked
  }
  const changed = readable.changedOnly ? await changes() : undefined
  const [{ addons, folders, diagnostics }, time] = await Promise.all([
    readAddons(withSharedPaths(readable, host), files, changed),
    commitTime(host),
  ])
  const known = [...inputs.diagnostics, ...diagnostics]
  if (options === undefined) throw new Failure('input', known)
  const event = { ...host.event, timestamp: time ?? host.event.timestamp }
  const single = folders === 1
  // Only a release gives an add-on its version, and only if it is the only add-on of the repository.
  const isReleased =
    single && options.version === undefined && options.legacy === undefined && releaseTag(event) !== undefined
  const alone = single && !(isReleased && (await hasSeveralAddons(files)))
  const planned = makePlan(addons, options, event, { single, alone, ...(tolerated && { downgraded: tolerated }) })
  // An add-on that cannot be read does not hide the errors of another. Warnings of an incomplete plan are left out.
  if (known.some(isError)) throw new Failure('input', [...known, ...planned.diagnostics.filter(isError)])
  if (planned.plan === undefined) throw new Failure('input', [...known, ...planned.diagnostics])
  const refused = [...(await checkPaths(planned.plan, options, host)), ...mountConflicts(planned.plan, options)]
  if (refused.length > 0) throw new Failure('input', [...known, ...planned.diagnostics, ...refused])
  return { plan: { ...planned.plan, diagnostics: [...known, ...planned.diagnostics] }, options, changes }
}

/** The default of `changed-paths-all`: a workflow decides how every add-on is built. */
const withSharedPaths = <T extends Partial<AddonOptions>>(options: T, { event: { workflowFile } }: Host): T =>
  options.changedPathsAll === undefined && workflowFile !== undefined
    ? { ...options, changedPathsAll: [workflowFile] }
    : options

/** If changes cannot be determined, build everything: a change must never be missed. */
async function changesOf(
  options: Pick<Options, 'githubToken'>,
  host: Host,
  findChanges: typeof fetchChangedFiles,
): Promise<ChangedFiles> {
  if (!options.githubToken) return { unknown: 'There is no token to ask GitHub with.' }
  try {
    return await findChanges(options, host)
  } catch (thrown) {
    return { unknown: messageOf(thrown) }
  }
}

async function fetchChangedFiles(options: Pick<Options, 'githubToken'>, host: Host): Promise<ChangedFiles> {
  const { changedFiles } = await import('../github/changed-files.ts')
  return changedFiles(await clientOf(options, host), host.event)
}
