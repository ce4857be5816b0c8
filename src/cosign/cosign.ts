import { isAbsolute, join } from 'node:path'
import { error, Failure } from '../core/diagnostics.ts'
import type { Host, ProcessResult } from '../core/host.ts'
import { cosignInstaller } from '../core/pins.ts'
import { RegistryError } from '../registry/error.ts'
import { schemeOf } from '../registry/name.ts'
import { retry } from '../registry/retry.ts'

/** The sigstore packages for Node sign neither with cosign's keys nor with those of a KMS, so it is the program. */
const program = 'cosign'

/**
 * What the one that is installed can do, from its help for a command. A Failure (`environment`) when there is none: found out before anything is built.
 * Versions say nothing: distributions build it without one.
 */
export async function findCosign(command: 'sign' | 'verify', what: string, host: Host): Promise<string> {
  const answer = await host.processes.exec(program, [command, '--help']).catch(() => undefined)
  if (answer?.exitCode === 0) return answer.stdout + answer.stderr
  throw new Failure('environment', [
    error(
      'environment/no-cosign',
      `${what}, and there is no cosign on this machine.`,
      `Add "- uses: ${cosignInstaller}" before this step, or ${command === 'sign' ? 'remove the input "sign"' : 'set "verify-base: false"'}.`,
    ),
  ])
}

/** Files are those of the workspace; anything with a scheme (`env://`, `awskms://`, `k8s://`) is cosign's own. Pure. */
export const keyReference = (reference: string, workspace: string): string =>
  /^[a-z0-9]+:\/\//i.test(reference) || isAbsolute(reference) ? reference : join(workspace, reference)

/** Speaks plain HTTP only where docker does as well. */
export const registryArguments = (reference: string, insecure: readonly string[]): readonly string[] =>
  schemeOf(reference.slice(0, reference.indexOf('/')), insecure) === 'http' ? ['--allow-http-registry'] : []

/** The variable that a key is in: `env://NAME`. Only a workflow's inputs name keys. Pure. */
export const variablesOfKey = (key: string | undefined): readonly string[] =>
  /^env:\/\/(.+)$/.exec(key ?? '')?.slice(1) ?? []

/**
 * Asks cosign, again where that may help. Rejects with a RegistryError in cosign's own words.
 * @param pass names of variables that only this call needs: the key, or what gives it the job's identity.
 */
export function askCosign(args: readonly string[], host: Host, pass: readonly string[] = []): Promise<ProcessResult> {
  // Without a terminal it must not ask for a password; an empty one is what keys for machines often have.
  const environment = { COSIGN_PASSWORD: host.environment.COSIGN_PASSWORD ?? '' }
  const setting = {
    clock: host.clock,
    signal: host.signal,
    onRetry: (message: string, waitMs: number) =>
      host.log.info(`${message} Trying again in ${Math.ceil(waitMs / 1000)} s.`),
  }
  return retry(setting, async () => {
    const answer = await host.processes.exec(program, args, { environment, pass, timeoutMs: 180_000 })
    if (answer.exitCode === 0) return answer
    throw failureOf(answer.stderr)
  })
}

/** Pure. A status says whether another try may help, as that of a registry's answer does. */
export function failureOf(stderr: string): RegistryError {
  const lines = stderr.split('\n').map((line) => line.trim())
  const said = (
    lines.find((line) => line.startsWith('Error: ')) ??
    lines.findLast((line) => line !== '') ??
    ''
  ).replace(/^Error: /, '')
  const refused = /\b(UNAUTHORIZED|DENIED|401 Unauthorized|403 Forbidden)\b/i.test(said)
  const passing =
    /timeout|timed out|connection (refused|reset)|EOF|TLS handshake|\b(408|429|5\d\d)\b|tuf refresh failed|no such host/i
  return new RegistryError(
    `cosign: ${said || 'it said nothing'}.`,
    refused ? 403 : passing.test(said) ? undefined : 400,
  )
}
