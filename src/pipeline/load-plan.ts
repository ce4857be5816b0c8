import { type Files, workspaceFiles } from '../addon/files.ts'
import { readAddons } from '../addon/read.ts'
import { hasSeveralAddons } from '../addon/repository.ts'
import { Failure, isError, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { ChangedFiles } from '../github/changed-files.ts'
import { clientOf } from '../github/open-client.ts'
import type { Options } from '../inputs/options.ts'
import type { ReadInputs } from '../inputs/read-inputs.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { releaseTag } from '../plan/version.ts'
import { commitTime } from '../platform/commit-time.ts'
import { checkPaths } from './check-paths.ts'

/**
 * What will be done, decided from inputs, files and event, before anything is made in Docker.
 * Throws a Failure (`input`) with every error there is: those of the inputs and those of the files together.
 * @param tolerated codes of the plan's errors that are warnings here.
 */
export async function readPlan(
  inputs: ReadInputs,
  host: Host,
  files: Files = workspaceFiles(host.workspace),
  tolerated?: ReadonlySet<string>,
): Promise<{ readonly plan: Plan; readonly options: Options }> {
  const { options, readable } = inputs
  if (readable === undefined) throw new Failure('input', inputs.diagnostics)
  const changed = readable.changedOnly ? await changedFilesOf(readable, host) : undefined
  const [{ addons, folders, diagnostics }, time] = await Promise.all([
    readAddons(readable, files, changed),
    commitTime(host),
  ])
  const known = [...inputs.diagnostics, ...diagnostics]
  if (options === undefined) throw new Failure('input', known)
  const event = { ...host.event, timestamp: time ?? host.event.timestamp }
  const single = folders === 1
  // Only a release has a version of its own.
  const asks =
    single && options.version === undefined && options.legacy === undefined && releaseTag(event) !== undefined
  const alone = single && !(asks && (await hasSeveralAddons(files)))
  const made = makePlan(addons, options, event, { single, alone, ...(tolerated && { downgraded: tolerated }) })
  // One add-on that cannot be read does not hide what is wrong with another; what only a whole plan can tell is left out.
  if (known.some(isError)) throw new Failure('input', [...known, ...made.diagnostics.filter(isError)])
  if (made.plan === undefined) throw new Failure('input', [...known, ...made.diagnostics])
  const refused = await checkPaths(made.plan, options, host)
  if (refused.length > 0) throw new Failure('input', [...known, ...made.diagnostics, ...refused])
  return { plan: { ...made.plan, diagnostics: [...known, ...made.diagnostics] }, options }
}

/** Who cannot be asked leaves everything to be built: a change must never be missed for that. */
async function changedFilesOf(options: Pick<Options, 'githubToken'>, host: Host): Promise<ChangedFiles> {
  if (!options.githubToken) return { unknown: 'There is no token to ask GitHub with.' }
  const { changedFiles } = await import('../github/changed-files.ts')
  try {
    return await changedFiles(await clientOf(options, host), host.event)
  } catch (thrown) {
    return { unknown: messageOf(thrown) }
  }
}
