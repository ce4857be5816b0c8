import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { querySocket } from '../../src/docker/engine-socket.ts'
import { type AddonOptions, addonFiles } from '../e2e/addon.ts'
import { readRegistry } from '../e2e/registry.ts'
import { readFacts } from '../environment/facts.ts'
import { type Job, type JobOptions, type StepResult, startJob } from '../fakes/runner/runner.ts'
import type { BuildDriver } from './drivers.ts'

const facts = readFacts()
/** Looks past every fake, at what the registry has. */
const reader = readRegistry(facts.registry ?? '')

export interface FaultOptions extends JobOptions {
  readonly addon?: Partial<AddonOptions>
  /** Where the images go. Default: the test environment's registry itself. */
  readonly registry?: string
  /** Default: one of its own. */
  readonly repository?: string
  /** Default: the machine's own engine, and the driver that fits it. */
  readonly driver?: BuildDriver
  /** Files beside those of the add-on. */
  readonly more?: Readonly<Record<string, string>>
}

/** Inputs for a builder that has never built anything, and that reaches what listens on this machine's loopback. */
export const freshBuilder = {
  driver: 'docker-container',
  'driver-opts': 'network=host',
  'buildkitd-config': `[registry."${facts.registry}"]\nhttp = true\n`,
} as const

/** Inputs for a smoke test without the further starts of a container that has passed: the report only warns of what these find. */
export const usualStart = { 'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off' } as const

export const anyRepository = (): string => `faults-${randomBytes(4).toString('hex')}`

/** A job that builds, tests and publishes a small add-on, for one architecture unless the test says otherwise. */
export async function startFault(options: FaultOptions = {}): Promise<Job> {
  const { addon, registry = facts.registry ?? '', repository = anyRepository(), driver, more = {}, ...job } = options
  const image = `${registry}/${repository}/{arch}-tiny`
  return startJob({
    ...job,
    files: { ...addonFiles({ base: facts.bases?.tiny ?? '', image, architectures: ['amd64'], ...addon }), ...more },
    inputs: { target: 'tiny', push: 'true', comment: 'never', ...driver?.inputs, ...job.inputs },
    environment: { ...driver?.environment, ...job.environment },
  })
}

/** Ends the job and checks what must be true of every run, however it went. */
export async function finish(job: Job, result: StepResult, dockerHost?: string): Promise<StepResult> {
  const post = await job.post()
  expect([post.exitCode, post.log]).toEqual([0, ''])
  expect(await job.orphans()).toEqual([])
  expect((await job.leftovers()).filter((name) => name !== 'aicleaner-build')).toEqual([])
  expect(await leftInDocker(result, dockerHost)).toEqual([])
  await job.end()
  return result
}

export async function runFault(options: FaultOptions = {}): Promise<StepResult> {
  const job = await startFault(options)
  const result = await job.main().done
  expect(result.problems).toEqual([])
  return finish(job, result, options.driver?.dockerHost)
}

type Filters = Readonly<Record<string, readonly string[]>>

/** Not by `docker`: these are asked again and again, and each process takes a tenth of a second of the processor. */
async function askEngine(dockerHost: string, path: string, filters: Filters) {
  const asked = `${path}filters=${encodeURIComponent(JSON.stringify(filters))}`
  // One question has ten seconds, which a busy machine may need.
  for (let tries = 0; tries < 5; tries += 1) {
    const answer = await querySocket(dockerHost.replace(/^unix:\/\//, ''), asked)
    if (answer !== undefined) return JSON.parse(answer)
  }
  throw new Error(`The engine at ${dockerHost} does not answer ${asked}`)
}

/** Whether a container runs with this in its name. */
export const isRunning = async (name: string, dockerHost = facts.engine?.dockerHost ?? ''): Promise<boolean> =>
  (await askEngine(dockerHost, '/containers/json?', { name: [name] })).length > 0

/** What this run left in an engine: `container aicleaner-…`, `network …`. Other tests use the same engine at the same time. */
export async function leftInDocker(
  { state: { runId = '' } }: StepResult,
  dockerHost = facts.engine?.dockerHost ?? '',
): Promise<readonly string[]> {
  expect(runId).toMatch(/^[0-9a-f]{12}$/)
  const label = [`aicleaner-build.run=${runId}`]
  const name = [`aicleaner-build-${runId}`]
  const reference = [`aicleaner-build.invalid/*:*-${runId}`]
  const kinds: readonly (readonly [kind: string, path: string, filters: Filters])[] = [
    ['container', '/containers/json?all=true&', { label }],
    ['container', '/containers/json?all=true&', { name }],
    ['network', '/networks?', { label }],
    ['volume', '/volumes?', { label }],
    ['volume', '/volumes?', { name }],
    ['image', '/images/json?', { reference }],
  ]
  const found = await Promise.all(
    kinds.map(async ([kind, path, filters]) => {
      const answer = await askEngine(dockerHost, path, filters)
      const list: readonly { Name?: string; Names?: string[]; RepoTags?: string[] }[] =
        'Volumes' in answer ? (answer.Volumes ?? []) : answer
      return list.map(({ Name, Names, RepoTags }) => `${kind} ${Name ?? Names?.[0] ?? RepoTags?.[0]}`)
    }),
  )
  return [...new Set(found.flat())]
}

/** Of a step that is still at work: what it has told the runner to keep for the post step. */
export async function runIdOf(job: Job): Promise<string> {
  const state = await readFile(join(job.temporary, '_runner_file_commands', 'main', 'state'), 'utf8')
  const runId = /^runId<<(\S+)\n([0-9a-f]{12})\n\1$/m.exec(state)?.[2]
  if (runId === undefined) throw new Error(`the state has no run: ${state}`)
  return runId
}

/** Tag → digest of what a repository of `startFault` has: `tiny`, `amd64-tiny`, … Empty for one that is not there. */
export async function tagsOf(repository: string, name: string): Promise<Readonly<Record<string, string>>> {
  const image = `${facts.registry}/${repository}/${name}`
  const found: Record<string, string> = {}
  for (const tag of await reader.tags(image)) found[tag] = (await reader.manifest(`${image}:${tag}`)).digest
  return found
}

/** All tags of the images of an add-on with these architectures, as one plain object. */
export async function published(
  repository: string,
  architectures: readonly string[] = ['amd64'],
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const name of [...architectures.map((architecture) => `${architecture}-tiny`), 'tiny']) {
    for (const [tag, digest] of Object.entries(await tagsOf(repository, name))) found[`${name}:${tag}`] = digest
  }
  return found
}

export const errorsOf = ({ commands }: StepResult): string =>
  commands
    .filter(({ name }) => name === 'error')
    .map(({ message }) => message)
    .join('\n')

/**
 * The RUN steps with this text in them, and how many of them came from the cache. Where another build has the same base under another name, BuildKit
 * shows a step once more, and steps of the other.
 */
export function runsOf(log: string, text: string): { readonly cached: number; readonly total: number } {
  const steps = [...log.matchAll(/^#(\d+) \[[^\]\n]*\] RUN .*$/gm)].filter(([line]) => line.includes(text))
  const cached = steps.filter(({ 0: line, 1: number, index }) => {
    const end = /\n##\[endgroup\]/.exec(log.slice(index))?.index
    return log.slice(index + line.length, end && index + end).includes(`\n#${number} CACHED\n`)
  })
  return { cached: cached.length, total: steps.length }
}

/** `deadlineMs` is for what hangs, however busy the machine is. */
export async function until(condition: () => boolean | Promise<boolean>, deadlineMs = 180_000): Promise<void> {
  for (const end = Date.now() + deadlineMs; !(await condition()); ) {
    if (Date.now() > end) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
