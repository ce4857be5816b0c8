import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { error, Failure, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { flag } from '../docker/arguments.ts'
import type { Options } from '../inputs/options.ts'
import { identityVariables } from '../platform/child-environment.ts'
import { findCosign, keyReference, registryArguments, runCosign, variablesOfKey } from './cosign.ts'

/** Signs images in a registry. @param references `name@sha256:…`, because a tag could move meanwhile. */
export interface Sign {
  (references: readonly string[]): Promise<void>
  /** The commands that verify these images. Never rejects; empty if they are not known. */
  readonly verifyCommands?: (references: readonly string[]) => Promise<readonly string[]>
}

type SignOptions = Pick<Options, 'sign' | 'push' | 'mode' | 'transparencyLog'>

interface SignArguments {
  /** A reference for cosign; undefined: keyless. */
  readonly key?: string
  /** Arguments that keep signatures out of the transparency log; empty: they are published there. */
  readonly noLog: readonly string[]
  readonly insecure: readonly string[]
}

export const signArguments = (reference: string, { key, noLog, insecure }: SignArguments): readonly string[] => [
  'sign',
  '--yes',
  ...flag('--key', key),
  ...noLog,
  ...registryArguments(reference, insecure),
  reference,
]

/** Keeps signatures out of the log. Older versions need the old option, which newer ones ignore. @param help output of `cosign sign --help`. Pure. */
export function withoutLog(help: string, file: string): readonly string[] {
  if (!help.includes('--signing-config')) return ['--tlog-upload=false']
  return ['--signing-config', file, ...flag('--new-bundle-format', help.includes('--new-bundle-format=false'))]
}

/** Source: sigstore protobuf-specs, `SigningConfig`. */
const noServices = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  rekorTlogConfig: {},
  tsaConfig: {},
}

const signaturesAtOnce = 3

/**
 * Checks, before anything is built, that signing is possible; undefined: this run signs nothing. Throws a Failure (`environment`).
 * @param host its processes must be logged in to the registries.
 */
export async function openSigner(
  options: SignOptions,
  insecure: readonly string[],
  host: Host,
): Promise<Sign | undefined> {
  // `mode: build` sets no tags; `mode: publish` sets and signs them.
  if (options.sign === false || !options.push || options.mode === 'build') return undefined
  const help = await findCosign('sign', '"sign"', host)
  let settings: SignArguments = { insecure, noLog: [] }
  if (options.sign.kind === 'keyless') checkIdentity(host.environment)
  else {
    const key = keyReference(options.sign.reference, host.workspace)
    maskKey(key, host)
    await checkKey(key, host)
    settings = { ...settings, key }
  }
  if (!options.transparencyLog) {
    const file = join(host.temporary, 'signing-config.json')
    await writeFile(file, JSON.stringify(noServices))
    settings = { ...settings, noLog: withoutLog(help, file) }
  }
  const pass = settings.key === undefined ? identityVariables : variablesOfKey(settings.key)
  const limit = pLimit(signaturesAtOnce)
  const { sign: choice, transparencyLog: log } = options
  const verifyCommands = async (references: readonly string[]): Promise<readonly string[]> => {
    const { signerOf, verifyCommand } = await import('./verify-command.ts')
    const signer = await signerOf(choice, host)
    return signer ? references.map((reference) => verifyCommand(reference, signer, { log, insecure })) : []
  }
  const sign = async (references: readonly string[]): Promise<void> => {
    let failure: { readonly reason: unknown } | undefined
    const work = references.map((reference) =>
      limit(async () => {
        if (failure) return
        try {
          await runCosign(signArguments(reference, settings), host, pass)
          host.log.info(`Signed ${reference}`)
        } catch (reason) {
          failure ??= { reason }
        }
      }),
    )
    // Waits for all of them even if one fails: a run must not end while cosign still writes to the registry.
    await Promise.all(work)
    if (failure) throw failure.reason
  }
  return Object.assign(sign, { verifyCommands })
}

/** Checks for the identity of the job. Without it cosign would open a browser, or wait for a login in one. */
function checkIdentity(environment: Host['environment']): void {
  if (environment.ACTIONS_ID_TOKEN_REQUEST_URL && environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN) return
  throw new Failure('environment', [
    error(
      'environment/no-id-token',
      '"sign: keyless" needs an identity token, and this job cannot request one.',
      'Give the job the permission "id-token: write" (in addition to "contents: read" and "packages: write"). Pull requests from forks cannot get it.',
    ),
  ])
}

function maskKey(key: string, { environment, log }: Host): void {
  const [variable] = variablesOfKey(key)
  const lines = (variable && environment[variable]?.split('\n').filter((line) => !line.startsWith('-----'))) || []
  for (const secret of [environment.COSIGN_PASSWORD ?? '', ...lines]) if (secret.trim() !== '') log.mask(secret.trim())
}

/** Reads the public key, which needs the same file, variable, password or KMS as signing does. */
async function checkKey(key: string, host: Host): Promise<void> {
  try {
    await runCosign(['public-key', '--key', key], host, variablesOfKey(key))
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown
    const message = host.log.redact(messageOf(thrown))
    throw new Failure(
      'environment',
      [error('environment/no-signing-key', `The signing key ${key} cannot be used: ${message}`, remedyFor(message))],
      thrown,
    )
  }
}

function remedyFor(message: string): string {
  if (/decrypt/i.test(message)) return 'Set COSIGN_PASSWORD in the "env" of this step to the password of the key.'
  if (/env var|no such file/i.test(message)) {
    return 'Set "sign" to "key:PATH", or to "key:env://NAME" with NAME in the "env" of this step. Secrets are empty in pull requests from forks.'
  }
  return 'Use a key that cosign has generated (cosign generate-key-pair), or a KMS to which this job is logged in: "key:awskms://…".'
}
