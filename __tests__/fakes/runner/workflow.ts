import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { parse } from 'yaml'
import { allows, filledIn, type Status, textOf } from './evaluate.ts'
import type { Contexts } from './expressions.ts'
import { type Job, type JobOptions, type StepResult, startJob } from './runner.ts'
import { type Cells, cellsOf, inParallel, NotSupported, type Strategy } from './strategy.ts'
import { type WorkflowInput, workflowInputs } from './workflow-inputs.ts'

/** Artifacts of a run: name → path → contents. */
export type Artifacts = Map<string, ReadonlyMap<string, Buffer>>

export interface WorkflowOptions extends Omit<JobOptions, 'inputs' | 'secrets' | 'environment'> {
  /** The reusable workflow file (`workflow_call`). */
  readonly file: string
  readonly inputs?: Readonly<Record<string, string | number | boolean>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Environment of all jobs, or a function of the name of a job: `plan`, `build tiny-amd64`. */
  readonly environment?: Readonly<Record<string, string>> | ((job: string) => Readonly<Record<string, string>>)
  /** Called before a job starts. Changes to the artifacts are visible to the job. */
  readonly before?: (job: string, artifacts: Artifacts) => unknown
  /** Number of runners for the jobs of a matrix; `max-parallel` may allow fewer. Default: 1, because all of them run on this machine. */
  readonly runners?: number
  /** "Re-run failed jobs" of this run: successful jobs are kept, with their artifacts. */
  readonly again?: WorkflowResult
}

export interface JobResult {
  /** `plan`, or with a matrix `build tiny-amd64`. */
  readonly name: string
  readonly result: 'success' | 'failure' | 'skipped'
  /** The action's step; absent if it was not reached. */
  readonly step?: StepResult
  /** Without the outputs that the runner drops: those that are empty or contain a masked value. */
  readonly outputs: Readonly<Record<string, string>>
  /** Warnings of the runner, not of the action. */
  readonly warnings: readonly string[]
  /** Why the job failed, if it was caused neither by the action nor by a step. */
  readonly errors: readonly string[]
}

export interface WorkflowResult {
  readonly jobs: readonly JobResult[]
  readonly artifacts: Artifacts
  readonly outputs: Readonly<Record<string, string>>
  /** Leftovers and failed clean-up of a job on its machine. Tests expect it to be empty. */
  readonly problems: readonly string[]
}

interface WorkflowStep {
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface WorkflowJob {
  readonly name?: string
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly strategy?: Strategy
  readonly outputs?: Readonly<Record<string, string>>
  readonly steps: readonly WorkflowStep[]
}

interface WorkflowFile {
  readonly on: {
    readonly workflow_call: {
      readonly inputs?: Readonly<Record<string, WorkflowInput>>
      readonly outputs?: Readonly<Record<string, { readonly value: string }>>
    }
  }
  readonly jobs: Readonly<Record<string, WorkflowJob>>
}

/** Runs a reusable workflow from its file: each job, and each job of a matrix, on a separate machine; jobs share only artifacts. */
export async function runWorkflow(options: WorkflowOptions): Promise<WorkflowResult> {
  const { on, jobs } = parse(await readFile(options.file, 'utf8')) as WorkflowFile
  const inputs = workflowInputs(on.workflow_call.inputs ?? {}, options.inputs ?? {})
  const artifacts: Artifacts = options.again?.artifacts ?? new Map()
  const done: JobResult[] = []
  const problems: string[] = []
  const needs: Record<string, { result: string; outputs: Readonly<Record<string, string>> }> = {}
  for (const [id, job] of Object.entries(jobs)) {
    const wanted = [job.needs ?? []].flat()
    const contexts = { inputs, needs: Object.fromEntries(wanted.map((name) => [name, needs[name]])) } as Contexts
    const cells = begin(id, job, contexts, statusOf(wanted.map((name) => needs[name]?.result)))
    if ('ended' in cells) {
      done.push(cells.ended)
      needs[id] = cells.ended
      continue
    }
    const finished = await inParallel(cells.matrices, Math.min(cells.atOnce, options.runners ?? 1), async (matrix) => {
      const own = { ...contexts, ...(matrix && { matrix }) } as Contexts
      const name = matrix ? `${id} ${textOf(filledIn(job.name ?? '', own))}` : id
      const before = options.again?.jobs.find((one) => one.name === name)
      if (before?.result === 'success' && id !== 'publish') return before
      await options.before?.(name, artifacts)
      const { result, wrong } = await runJob(name, job, own, options, artifacts)
      problems.push(...wrong.map((text) => `${name}: ${text}`))
      return result
    })
    done.push(...finished)
    needs[id] = {
      result: finished.every(({ result }) => result === 'success') ? 'success' : 'failure',
      outputs: Object.assign({}, ...finished.map(({ outputs }) => outputs)),
    }
  }
  const outputs = Object.entries(on.workflow_call.outputs ?? {}).map(([name, { value }]) => [
    name,
    textOf(filledIn(value, { jobs: needs } as Contexts)),
  ])
  return { jobs: done, artifacts, outputs: Object.fromEntries(outputs), problems }
}

const statusOf = (results: readonly (string | undefined)[]): Status => ({
  success: results.every((result) => result === 'success'),
  failure: results.includes('failure'),
  cancelled: false,
  always: true,
})

/** The matrix jobs of a job (a single one without a strategy), or its result if it gets no machine because of its `if` or its matrix. */
function begin(
  id: string,
  job: WorkflowJob,
  contexts: Contexts,
  status: Status,
): { readonly matrices: readonly (Cells['matrices'][number] | undefined)[]; readonly atOnce: number } | Ended {
  const ended = (result: JobResult['result'], ...errors: string[]): Ended => ({
    ended: { name: id, result, outputs: {}, warnings: [], errors },
  })
  const failed = (key: string, thrown: unknown): Ended => {
    if (thrown instanceof NotSupported) throw thrown
    return ended('failure', `Error when evaluating '${key}' for job '${id}'. ${(thrown as Error).message}`)
  }
  try {
    if (!allows(job.if, contexts, status)) return ended('skipped')
  } catch (thrown) {
    return failed('if', thrown)
  }
  try {
    return job.strategy ? cellsOf(job.strategy, contexts) : { matrices: [undefined], atOnce: 1 }
  } catch (thrown) {
    return failed('strategy', thrown)
  }
}

interface Ended {
  readonly ended: JobResult
}

/** Runs one job. Other steps than the action are implemented here, as far as this project's workflow uses them. */
async function runJob(
  name: string,
  job: WorkflowJob,
  given: Contexts,
  options: WorkflowOptions,
  artifacts: Artifacts,
): Promise<{ readonly result: JobResult; readonly wrong: readonly string[] }> {
  const { file: _, inputs: __, before: ___, runners: ____, again, secrets = {}, environment = {}, ...rest } = options
  const at = job.steps.findIndex(({ uses }) => uses?.startsWith('org/aicleaner-build@'))
  const action = job.steps[at]
  if (!action) throw new Error(`The job ${name} does not use the action.`)
  const all = (of: Contexts): Contexts => ({ ...of, ...given, secrets })
  const variables = Object.entries(action.env ?? {})
  const machine = await startJob({
    ...rest,
    ...(again && { event: { name: 'push', ...rest.event, runAttempt: 2 } }),
    secrets: Object.values(secrets),
    inputs: (contexts) => texts(action.with ?? {}, all(contexts)),
    environment: {
      ...Object.fromEntries(variables.map(([key, value]) => [key, textOf(filledIn(value, { ...given, secrets }))])),
      ...(typeof environment === 'function' ? environment(name) : environment),
    },
  })
  const contexts = all(machine.contexts)
  const status = { success: true, failure: false, cancelled: false, always: true }
  let step: StepResult | undefined
  const wrong: string[] = []
  for (const [index, one] of job.steps.entries()) {
    if (!allows(one.if, contexts, { ...status, success: status.success, failure: !status.success })) continue
    if (index === at) {
      step = await machine.main().done
      wrong.push(...step.problems)
      status.success = step.exitCode === 0
    } else await runWorkflowStep(one, contexts, artifacts)
  }
  const post = await machine.post()
  if (post.exitCode !== 0) wrong.push(`the post step ended with ${post.exitCode}`)
  const steps = { [action.id ?? '']: { outputs: step?.outputs ?? {} } }
  const outputs = jobOutputs(job, { ...contexts, steps } as Contexts, machine)
  wrong.push(...(await machine.orphans()).map(({ command }) => `still running: ${command}`))
  await machine.end()
  const success = status.success && outputs.errors.length === 0
  return { result: { name, result: success ? 'success' : 'failure', ...outputs, ...(step && { step }) }, wrong }
}

/** Source: actions/runner `JobExtension.FinalizeJob`. */
function jobOutputs(
  job: WorkflowJob,
  contexts: Contexts,
  machine: Job,
): Pick<JobResult, 'outputs' | 'warnings' | 'errors'> {
  try {
    const outputs = Object.entries(texts(job.outputs ?? {}, contexts)).filter(([, value]) => value !== '')
    const masked = outputs.filter(([, value]) => machine.mask(value) !== value).map(([name]) => name)
    return {
      outputs: Object.fromEntries(outputs.filter(([name]) => !masked.includes(name))),
      warnings: masked.map((name) => `Skip output '${name}' since it may contain secret.`),
      errors: [],
    }
  } catch (thrown) {
    return { outputs: {}, warnings: [], errors: [`Fail to evaluate job outputs: ${(thrown as Error).message}`] }
  }
}

const texts = (values: Readonly<Record<string, unknown>>, contexts: Contexts): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(filledIn(String(value), contexts))]))

/** The parts of GitHub's own actions that the workflow uses. */
async function runWorkflowStep(step: WorkflowStep, contexts: Contexts, artifacts: Artifacts): Promise<void> {
  const given = texts(step.with ?? {}, contexts)
  const name = step.uses?.split('@')[0]
  // Nothing to do: `startJob` has created the files.
  if (name === 'actions/checkout') return
  // Nothing to do: the program is installed if a test needs it.
  if (name === 'sigstore/cosign-installer') return
  if (name === 'actions/upload-artifact') {
    const files = await filesBelow(given.path ?? '')
    if (files.size === 0) return
    const title = given.name ?? ''
    if (/["':<>|*?\r\n\\/]/.test(title) || title.length > 256)
      throw new Error(`"${title}" is not a valid name of an artifact.`)
    if (artifacts.has(title) && given.overwrite !== 'true') throw new Error(`An artifact "${title}" already exists.`)
    artifacts.set(title, files)
    return
  }
  if (name === 'actions/download-artifact') {
    const pattern = new RegExp(`^${(given.pattern ?? '').replace(/[.+^$(){}|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
    for (const [title, files] of artifacts) {
      if (!pattern.test(title)) continue
      for (const [path, contents] of files) {
        const file = join(given.path ?? '', title, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, contents)
      }
    }
    return
  }
  throw new Error(`The fake workflow runner does not support ${step.uses}.`)
}

async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(files.map(async (file) => [relative(folder, file), await readFile(file)] as const)))
}
