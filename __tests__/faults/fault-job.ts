import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { type AddonOptions, addonFiles } from '../e2e/addon.ts'
import { readRegistry } from '../e2e/registry.ts'
import { type Job, type JobOptions, type StepResult, startJob } from '../standins/runner/runner.ts'
import { readFacts } from '../testbed/facts.ts'
import type { Way } from './ways.ts'

const facts = readFacts()
/** Looks past every stand-in, at what the registry has. */
const reader = readRegistry(facts.registry ?? '')

export interface FaultOptions extends JobOptions {
  readonly addon?: Partial<AddonOptions>
  /** Where the images go. Default: the testbed's registry itself. */
  readonly registry?: string
  /** Default: one of its own. */
  readonly repository?: string
  /** Default: the machine's own engine, and the driver that fits it. */
  readonly way?: Way
  /** Files beside those of the add-on. */
  readonly more?: Readonly<Record<string, string>>
}

/** Inputs for a builder that has never built anything, and that reaches what listens on this machine's loopback. */
export const freshBuilder = {
  driver: 'docker-container',
  'driver-opts': 'network=host',
  'buildkitd-config': `[registry."${facts.registry}"]\nhttp = true\n`,
} as const

export const anyRepository = (): string => `faults-${randomBytes(4).toString('hex')}`

/** A job that builds, tests and publishes a small add-on, for one architecture unless the test says otherwise. */
export async function startFault(options: FaultOptions = {}): Promise<Job> {
  const { addon, registry = facts.registry ?? '', repository = anyRepository(), way, more = {}, ...job } = options
  const image = `${registry}/${repository}/{arch}-tiny`
  return startJob({
    ...job,
    files: { ...addonFiles({ base: facts.bases?.tiny ?? '', image, architectures: ['amd64'], ...addon }), ...more },
    inputs: { target: 'tiny', push: 'true', comment: 'never', ...way?.inputs, ...job.inputs },
    environment: { ...way?.environment, ...job.environment },
  })
}

/** Ends the job and checks what must be true of every run, however it went. */
export async function finish(job: Job, result: StepResult, dockerHost?: string): Promise<StepResult> {
  const post = await job.post()
  expect([post.exitCode, post.log]).toEqual([0, ''])
  expect(await job.orphans()).toEqual([])
  expect((await job.leftovers()).filter((name) => name !== 'aicleaner-build')).toEqual([])
  expect(leftInDocker(result, dockerHost)).toEqual([])
  await job.end()
  return result
}

export async function runFault(options: FaultOptions = {}): Promise<StepResult> {
  const job = await startFault(options)
  const result = await job.main().done
  expect(result.problems).toEqual([])
  return finish(job, result, options.way?.dockerHost)
}

/** What this run left in an engine. Other tests use the same engine at the same time. */
export function leftInDocker({ state: { runId = '' } }: StepResult, dockerHost?: string): readonly string[] {
  expect(runId).toMatch(/^[0-9a-f]{12}$/)
  const label = `label=aicleaner-build.run=${runId}`
  const environment = { ...process.env, ...(dockerHost && { DOCKER_HOST: dockerHost }) }
  const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8', env: environment })
  return [
    docker('ps', '-a', '--format', '{{.Names}}', '--filter', label),
    docker('ps', '-a', '--format', '{{.Names}}', '--filter', `name=aicleaner-build-${runId}`),
    docker('network', 'ls', '--format', '{{.Name}}', '--filter', label),
    docker('volume', 'ls', '--format', '{{.Name}}', '--filter', label),
    docker('volume', 'ls', '--format', '{{.Name}}', '--filter', `name=aicleaner-build-${runId}`),
    docker('image', 'ls', '--format', '{{.Repository}}', '--filter', `reference=aicleaner-build.invalid/*:*-${runId}`),
  ].flatMap((text) => text.split('\n').filter(Boolean))
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

export async function until(condition: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> {
  for (const end = Date.now() + deadlineMs; !(await condition()); ) {
    if (Date.now() > end) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
