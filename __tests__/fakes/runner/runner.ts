import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type ActionFile, inputVariables, readActionFile } from './action-file.ts'
import { contextOf, contextVariables, type JobEvent, type RunContext } from './context.ts'
import type { Contexts } from './expressions.ts'
import { createMasker } from './masks.ts'
import { kill, processesWith } from './process-tree.ts'
import { type Step, type StepResult, startStep } from './step.ts'

export type { Command } from './commands.ts'
export type { JobEvent, RunContext } from './context.ts'
export type { Step, StepResult } from './step.ts'

const root = resolve(import.meta.dirname, '../../..')

export interface JobOptions {
  /** Folder with the `action.yml`. Default: the folder in AICLEANER_ACTION (to try another bundle without committing it), otherwise this repository. */
  readonly action?: string
  /** The inputs, or a function that computes them from the contexts of the job, as `with:` does. */
  readonly inputs?: Readonly<Record<string, string>> | ((contexts: Contexts) => Readonly<Record<string, string>>)
  /** Default: a push to `main`. */
  readonly event?: JobEvent
  /** Overrides values of the event: repository, URLs of GitHub, workflow, job. */
  readonly context?: Partial<RunContext>
  /** Files of the checkout, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  /** A folder that is copied into the checkout first. */
  readonly copy?: string
  /** Uses an existing checkout, which is not removed. */
  readonly workspace?: string
  /** Added to the variables of the runner: ACTIONS_*, GITHUB_API_URL, DOCKER_HOST, PATH, HOME, … Other variables of the developer's environment are not passed on. */
  readonly environment?: Readonly<Record<string, string>>
  /** The token of the job, `github.token`. */
  readonly token?: string
  /** The secrets of the workflow, which are masked from the start, like the token. */
  readonly secrets?: readonly string[]
  /** Step debugging: `RUNNER_DEBUG=1`, and `::debug::` messages are shown in the log. */
  readonly debug?: boolean
}

export interface Job {
  readonly workspace: string
  /** `RUNNER_TEMP` */
  readonly temporary: string
  /** `github`, `runner`, `job`: the contexts for expressions in its steps. */
  readonly contexts: Contexts
  main(): Step
  /** Runs the post step with the state, the variables and the PATH that `main` set. */
  post(): Promise<StepResult>
  startPost(): Promise<Step>
  /** Names of the files left in RUNNER_TEMP, without the runner's own files. */
  leftovers(): Promise<readonly string[]>
  /** A text with `***` for all values that are masked so far. */
  mask(text: string): string
  /** Processes that the job started and that are still running. */
  orphans(): Promise<readonly { readonly pid: number; readonly command: string }[]>
  /** Kills the remaining processes of the job and removes its folders. */
  end(): Promise<void>
}

/** Starts a job with this action as its only step: the committed bundle under Node 24, with only the variables and files of a GitHub runner. */
export async function startJob(options: JobOptions = {}): Promise<Job> {
  const { event = { name: 'push' }, debug = false } = options
  const folder = options.action ?? process.env.AICLEANER_ACTION ?? root
  const action = await readActionFile(folder)
  if (action.using !== 'node24') throw new Error(`The fake runner runs node24, not ${action.using}.`)
  const run = contextOf(event, { ...(options.token !== undefined && { token: options.token }), ...options.context })
  const home = await mkdtemp(join(tmpdir(), 'aicleaner-job-'))
  const place = await layOut(home, run, event, options)
  const tracking = `github_${randomUUID()}`
  const contexts = contextsOf(run, event, place)
  const given = typeof options.inputs === 'function' ? options.inputs(contexts) : options.inputs
  const inputs = inputVariables(action, given ?? {}, contexts)
  const environment: Readonly<Record<string, string>> = {
    PATH: machinePath(process.env.PATH ?? ''),
    HOME: place.home,
    ...contextVariables(run, event.name),
    GITHUB_EVENT_PATH: place.event,
    GITHUB_WORKSPACE: place.workspace,
    RUNNER_WORKSPACE: dirname(place.workspace),
    RUNNER_TEMP: place.temporary,
    RUNNER_TOOL_CACHE: place.tools,
    RUNNER_TRACKING_ID: tracking,
    ...(debug && { RUNNER_DEBUG: '1' }),
    ...inputs,
    ...options.environment,
  }
  // The last one is the form in which git sends the token. Source: actions/runner `ExecutionContext.InitializeJob`.
  const credentials = Buffer.from(`x-access-token:${run.token}`).toString('base64')
  const masker = createMasker([...(options.secrets ?? []), run.token, credentials])
  let mainStep: Step | undefined

  const begin = (script: string, name: string, more: Readonly<Record<string, string>>): Step => {
    const step = startStep({
      node: nodeBinary(),
      script: join(folder, script),
      workspace: place.workspace,
      environment: { ...environment, ...more },
      folder: join(place.temporary, '_runner_file_commands', name),
      masker,
      debug,
    })
    const complete = (result: StepResult): StepResult => ({
      ...result,
      problems: [...result.problems, ...undeclared(action, result)],
    })
    const done = step.done.then(complete)
    done.catch(() => {})
    return { ...step, done, cancel: () => step.cancel().then(complete), kill: () => step.kill().then(complete) }
  }
  const startPost: Job['startPost'] = async () => {
    if (!mainStep || action.post === undefined) throw new Error('There is no post step to run.')
    const { state, env, path } = await mainStep.done
    const states = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])
    const PATH = [...path.toReversed(), environment.PATH].join(':')
    return begin(action.post, 'post', { ...env, PATH, ...Object.fromEntries(states) })
  }
  const orphans = () => processesWith(`RUNNER_TRACKING_ID=${tracking}`)
  return {
    workspace: place.workspace,
    temporary: place.temporary,
    contexts,
    main() {
      mainStep = begin(action.main, 'main', {})
      return mainStep
    },
    startPost,
    post: async () => (await startPost()).done,
    leftovers: async () => (await readdir(place.temporary)).filter((name) => !ownFolders.has(name)),
    mask: masker.mask,
    orphans,
    async end() {
      await kill((await orphans()).map(({ pid }) => pid))
      await mainStep?.done.catch(() => {})
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Runs `main` until it exits; returns the job to continue with `post()` and `end()`. */
export async function runJob(options: JobOptions = {}): Promise<StepResult & { readonly job: Job }> {
  const job = await startJob(options)
  return { ...(await job.main().done), job }
}

/** The runner's own files in its temporary folder. */
const ownFolders = new Set(['_runner_file_commands', '_github_workflow'])

interface Place {
  readonly workspace: string
  readonly temporary: string
  readonly tools: string
  readonly home: string
  /** File with the event payload. */
  readonly event: string
}

/** The folders of a runner: `_work/REPO/REPO`, `_work/_temp`, `_work/_tool`. */
async function layOut(home: string, run: RunContext, event: JobEvent, options: JobOptions): Promise<Place> {
  const name = run.repository.split('/')[1] ?? 'repository'
  const place = {
    workspace: options.workspace ?? join(home, '_work', name, name),
    temporary: join(home, '_work', '_temp'),
    tools: join(home, '_work', '_tool'),
    home: join(home, 'home'),
  }
  const workflow = join(place.temporary, '_github_workflow')
  for (const folder of [...Object.values(place), workflow]) await mkdir(folder, { recursive: true })
  if (options.copy !== undefined) await cp(options.copy, place.workspace, { recursive: true, verbatimSymlinks: true })
  for (const [path, contents] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(place.workspace, path)), { recursive: true })
    await writeFile(join(place.workspace, path), contents)
  }
  await writeFile(join(workflow, 'event.json'), JSON.stringify(event.payload ?? {}, null, 2))
  return { ...place, event: join(workflow, 'event.json') }
}

/** The contexts for defaults of inputs. Source: GitHub, "Contexts reference". */
const contextsOf = (run: RunContext, event: JobEvent, place: Place) => ({
  github: {
    token: run.token,
    repository: run.repository,
    repository_owner: run.repository.split('/')[0],
    actor: run.actor,
    workflow: run.workflow,
    job: run.job,
    run_id: run.runId,
    run_number: String(run.runNumber),
    run_attempt: String(run.runAttempt),
    ref: run.ref,
    sha: run.sha,
    head_ref: run.headRef,
    base_ref: run.baseRef,
    server_url: run.serverUrl,
    api_url: run.apiUrl,
    graphql_url: run.graphqlUrl,
    event_name: event.name,
    event: event.payload ?? {},
    workspace: place.workspace,
  },
  runner: { temp: place.temporary, tool_cache: place.tools, os: 'Linux', environment: 'github-hosted' },
  job: { status: 'success' },
})

const undeclared = (action: ActionFile, { outputs }: StepResult): readonly string[] =>
  Object.keys(outputs)
    .filter((name) => !action.outputs.includes(name))
    .map((name) => `The output '${name}' is not in action.yml`)

/** The PATH of this machine without the folders of the project, which npm prepends. */
const machinePath = (path: string): string =>
  path
    .split(':')
    .filter((folder) => !folder.includes('node_modules') && !folder.includes('node-gyp-bin'))
    .join(':')

/** The program that a runner uses as `node24`. */
const nodeBinary = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
