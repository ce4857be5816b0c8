import { isAbsolute, join } from 'node:path'
import { error, Failure } from '../core/diagnostics.ts'
import type { Host, ProcessResult } from '../core/host.ts'
import { cosignInstaller } from '../core/pins.ts'
import { RegistryError, type RegistryErrorCode } from '../registry/error.ts'
import { schemeOf } from '../registry/name.ts'
import { loggedRetries, retryRequest } from '../registry/retry.ts'

/** The cosign program is used because the sigstore packages for Node sign neither with cosign's keys nor with those of a KMS. */
const program = 'cosign'

/**
 * The help text of the installed cosign, which tells its features. Its version does not: distributions build it without one.
 * Rejects with a Failure (`environment`) if cosign is not installed. @param purpose starts the message: `Signing`.
 */
export async function findCosign(command: 'sign' | 'verify', purpose: string, host: Host): Promise<string> {
  const result = await host.processes.exec(program, [command, '--help']).catch(() => undefined)
  if (result?.exitCode === 0) return result.stdout + result.stderr
  throw new Failure('environment', [
    error(
      'environment/no-cosign',
      `${purpose} needs cosign, which is not installed on this machine.`,
      `Add "- uses: ${cosignInstaller}" before this step, or ${command === 'sign' ? 'remove the input "sign"' : 'set "verify-base: false"'}.`,
    ),
  ])
}

/** A file is relative to the workspace; a reference with a scheme (`env://`, `awskms://`, `k8s://`) is passed on. Pure. */
export const keyReference = (reference: string, workspace: string): string =>
  /^[a-z0-9]+:\/\//i.test(reference) || isAbsolute(reference) ? reference : join(workspace, reference)

/** Plain HTTP is used only for registries that docker reaches without TLS as well. */
export const registryArguments = (reference: string, insecure: readonly string[]): readonly string[] =>
  schemeOf(reference.slice(0, reference.indexOf('/')), insecure) === 'http' ? ['--allow-http-registry'] : []

/** The variable with a key: `env://NAME`. Only inputs of the workflow name keys. Pure. */
export const variablesOfKey = (key: string | undefined): readonly string[] =>
  /^env:\/\/(.+)$/.exec(key ?? '')?.slice(1) ?? []

/** Runs cosign, with retries if they may help. Rejects with a RegistryError. @param pass variables for this call: the key or the job's identity. */
export function runCosign(args: readonly string[], host: Host, pass: readonly string[] = []): Promise<ProcessResult> {
  // Without a terminal it must not ask for a password. Keys for CI often have an empty one.
  const environment = { COSIGN_PASSWORD: host.environment.COSIGN_PASSWORD ?? '' }
  return retryRequest(loggedRetries(host), async () => {
    const answer = await host.processes.exec(program, args, { environment, pass, timeoutMs: 180_000 })
    if (answer.exitCode === 0) return answer
    throw failureOf(answer.stderr)
  })
}

/** Pure. The code says whether another attempt may help. */
export function failureOf(stderr: string): RegistryError {
  const lines = stderr.split('\n').map((line) => line.trim())
  const message = (
    lines.find((line) => line.startsWith('Error: ')) ??
    lines.findLast((line) => line !== '') ??
    ''
  ).replace(/^Error: /, '')
  const refused = /\b(UNAUTHORIZED|DENIED|401 Unauthorized|403 Forbidden)\b/i.test(message)
  const passing =
    /timeout|timed out|connection (refused|reset)|EOF|TLS handshake|\b(408|429|5\d\d)\b|tuf refresh failed|no such host/i
  const code: RegistryErrorCode = refused ? 'DENIED' : passing.test(message) ? 'UNAVAILABLE' : 'REJECTED'
  return new RegistryError(code, `cosign: ${message || 'no error message'}.`)
}
