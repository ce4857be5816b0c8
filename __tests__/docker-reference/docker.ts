import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Facts } from '../environment/facts.ts'
import { type Answer, run } from '../environment/machine/command.ts'

/** The reference add-on, and the files laid over its stacks. */
export const reference = resolve(import.meta.dirname, '../../docker')
export const standIns = resolve(import.meta.dirname, 'stand-ins')

export interface Docker {
  /** Rejects with what the command said when it fails. */
  (...args: string[]): Promise<string>
  /** Never rejects. */
  readonly try: (...args: string[]) => Promise<Answer>
}

/** The main engine. `environment`: for all of its commands. */
export const dockerOf = (facts: Facts, environment: Readonly<Record<string, string>> = {}): Docker =>
  dockerOn(facts.engine?.dockerHost, environment)

/** The engine at this address. */
export function dockerOn(host: string | undefined, environment: Readonly<Record<string, string>> = {}): Docker {
  const all = { ...environment, ...(host !== undefined && { DOCKER_HOST: host }) }
  const attempt = (...args: string[]) => run('docker', args, { environment: all, timeoutMs: 580_000 })
  const docker = async (...args: string[]) => {
    const answer = await attempt(...args)
    if (answer.code !== 0)
      throw new Error(`docker ${args.join(' ')}: exit ${answer.code}\n${answer.stderr}${answer.stdout}`)
    return answer.stdout.trim()
  }
  return Object.assign(docker, { try: attempt })
}

/** A name that no other run has: everything that a test makes carries it, and is removed by it. */
export const ownName = (what: string) => `aicleaner-ref-${what}-${process.pid}-${Math.trunc(Math.random() * 1e6)}`

/** The base that the test environment has for this machine. */
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

/** `target`: a stage other than the last one. The one for development needs MailHog. */
export async function buildStandIns(docker: Docker, facts: Facts, tag: string, target?: string): Promise<string> {
  await docker(
    ...['buildx', 'build', '--load', '--provenance=false', '-t', tag, `--build-arg=BASE=${pythonBase(facts)}`],
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...(facts.mailhog === undefined ? [] : [`--build-context=mailhog=${facts.mailhog}`]),
    standIns,
  )
  return tag
}

/** How long something may take until it is given up, so that its reason is shown and not only that the test took too long. No test waits for it to pass. */
const giveUpAfterMs = 240_000

/** Tries until `look` gives something. Throws its last error where it never does. */
export async function eventually<T>(look: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + giveUpAfterMs
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((wait) => setTimeout(wait, 250))
    }
  }
}

/** A folder for the test, and how to remove it. */
export function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'aicleaner-ref-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
