import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Facts } from '../environment/facts.ts'
import { type ProcessResult, run } from '../environment/machine/command.ts'

/** Folder of the reference add-on. */
export const reference = resolve(import.meta.dirname, '../../docker')
/** Folder of the Compose files that replace public images with images that the tests can build. */
export const fakes = resolve(import.meta.dirname, 'fakes')

export interface Docker {
  /** Resolves with the standard output. Rejects with the full output if the command fails. */
  (...args: string[]): Promise<string>
  /** Never rejects. */
  readonly try: (...args: string[]) => Promise<ProcessResult>
}

/** The CLI for the main engine. All commands get `environment`. */
export const dockerOf = (facts: Facts, environment: Readonly<Record<string, string>> = {}): Docker =>
  dockerOn(facts.engine?.dockerHost, environment)

/** The CLI for the engine at this address. */
export function dockerOn(host: string | undefined, environment: Readonly<Record<string, string>> = {}): Docker {
  const fullEnvironment = { ...environment, ...(host !== undefined && { DOCKER_HOST: host }) }
  const attempt = (...args: string[]) => run('docker', args, { environment: fullEnvironment, timeoutMs: 580_000 })
  const docker = async (...args: string[]) => {
    const { code, stdout, stderr } = await attempt(...args)
    if (code !== 0) throw new Error(`docker ${args.join(' ')} exited with code ${code}\n${stderr}${stdout}`)
    return stdout.trim()
  }
  return Object.assign(docker, { try: attempt })
}

/** A unique name for the Docker objects that a test creates and removes. */
export const uniqueName = (what: string) => `aicleaner-ref-${what}-${process.pid}-${Math.trunc(Math.random() * 1e6)}`

/** The Python base image for the architecture of this machine. */
export const pythonBase = (facts: Facts) => `${facts.bases?.python}:latest`

export async function buildReference(docker: Docker, facts: Facts, tag: string, ...options: string[]): Promise<string> {
  await docker(
    'buildx',
    'build',
    '--load',
    '--provenance=false',
    '-t',
    tag,
    `--build-arg=BUILD_FROM=${pythonBase(facts)}`,
    ...options,
    reference,
  )
  return tag
}

/** Builds the image with Redis, Prometheus and Nginx. The target `development` adds Adminer and MailHog, and needs `facts.mailhog`. */
export async function buildFakes(docker: Docker, facts: Facts, tag: string, target?: string): Promise<string> {
  await docker(
    ...['buildx', 'build', '--load', '--provenance=false', '-t', tag, `--build-arg=BASE=${pythonBase(facts)}`],
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...(facts.mailhog === undefined ? [] : [`--build-context=mailhog=${facts.mailhog}`]),
    fakes,
  )
  return tag
}

/** Below the timeout of the tests, so that a failing test reports the last error and not only that it timed out. */
const eventuallyTimeoutMs = 240_000

/** Retries `attempt` until it resolves. After the timeout, throws its last error. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + eventuallyTimeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((wait) => setTimeout(wait, 250))
    }
  }
}

/** Creates a temporary folder. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'aicleaner-ref-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
