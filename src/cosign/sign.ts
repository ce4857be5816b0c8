import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { error, Failure, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { flag } from '../docker/arguments.ts'
import type { Options } from '../inputs/options.ts'
import { identityVariables } from '../platform/child-environment.ts'
import { askCosign, findCosign, keyReference, registryArguments, variablesOfKey } from './cosign.ts'

/** Signs what lies in a registry. @param references `name@sha256:…`: a tag could be moved in between. */
export type Sign = (references: readonly string[]) => Promise<void>

type SignOptions = Pick<Options, 'sign' | 'push' | 'mode' | 'transparencyLog'>

export interface SignSetting {
  /** As cosign takes it; undefined: keyless. */
  readonly key?: string
  /** What keeps signatures out of the transparency log; empty: they go there. */
  readonly noLog: readonly string[]
  readonly insecure: readonly string[]
}

export const signArguments = (reference: string, { key, noLog, insecure }: SignSetting): readonly string[] => [
  'sign',
  '--yes',
  ...flag('--key', key),
  ...noLog,
  ...registryArguments(reference, insecure),
  reference,
]

/**
 * How this cosign is told not to write into the log: by a configuration without services, and where it knows no such thing by the old option,
 * which the newer ones refuse or, worse, ignore. @param help of `cosign sign`. Pure.
 */
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
 * Makes sure, before anything is built, that signing will be possible: cosign is there, and the key can be read or the job has an identity.
 * Throws a Failure (`environment`). Undefined: nothing is to be signed here.
 * @param host whose processes are logged in.
 */
export async function openSigner(
  options: SignOptions,
  insecure: readonly string[],
  host: Host,
): Promise<Sign | undefined> {
  // `mode: build` tags nothing and is not the last word; `publish` signs.
  if (options.sign === false || !options.push || options.mode === 'build') return undefined
  const help = await findCosign('sign', 'The images are to be signed', host)
  let setting: SignSetting = { insecure, noLog: [] }
  if (options.sign.kind === 'keyless') checkIdentity(host.environment)
  else {
    const key = keyReference(options.sign.reference, host.workspace)
    maskKey(key, host)
    await checkKey(key, host)
    setting = { ...setting, key }
  }
  if (!options.transparencyLog) {
    const file = join(host.temporary, 'signing-config.json')
    await writeFile(file, JSON.stringify(noServices))
    setting = { ...setting, noLog: withoutLog(help, file) }
  }
  const pass = setting.key === undefined ? identityVariables : variablesOfKey(setting.key)
  const limit = pLimit(signaturesAtOnce)
  return async (references) => {
    let refused: { readonly reason: unknown } | undefined
    const work = references.map((reference) =>
      limit(async () => {
        if (refused) return
        try {
          await askCosign(signArguments(reference, setting), host, pass)
          host.log.info(`Signed ${reference}`)
        } catch (reason) {
          refused ??= { reason }
        }
      }),
    )
    // After a failure too: a run that ends must leave no program behind that still writes to the registry.
    await Promise.all(work)
    if (refused) throw refused.reason
  }
}

/** Without them cosign would open a browser, or wait for somebody who does. */
function checkIdentity(environment: Host['environment']): void {
  if (environment.ACTIONS_ID_TOKEN_REQUEST_URL && environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN) return
  throw new Failure('environment', [
    error(
      'environment/no-id-token',
      '"sign: keyless" needs the identity of this job, and GitHub gave it none.',
      'Give the job the permission "id-token: write" (beside "contents: read" and "packages: write"). Runs for pull requests from forks cannot have it.',
    ),
  ])
}

function maskKey(key: string, { environment, log }: Host): void {
  const [variable] = variablesOfKey(key)
  const lines = (variable && environment[variable]?.split('\n').filter((line) => !line.startsWith('-----'))) || []
  for (const secret of [environment.COSIGN_PASSWORD ?? '', ...lines]) if (secret.trim() !== '') log.mask(secret.trim())
}

/** Reads the public half, which takes the same file, variable, password or KMS as signing does. */
async function checkKey(key: string, host: Host): Promise<void> {
  try {
    await askCosign(['public-key', '--key', key], host, variablesOfKey(key))
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown
    const said = host.log.redact(messageOf(thrown))
    throw new Failure(
      'environment',
      [error('environment/no-signing-key', `The key to sign with (${key}) cannot be used: ${said}`, remedyFor(said))],
      thrown,
    )
  }
}

function remedyFor(said: string): string {
  if (/decrypt/i.test(said)) return 'Set COSIGN_PASSWORD in the "env" of this step to the password of the key.'
  if (/env var|no such file/i.test(said)) {
    return 'Write "key:PATH", or "key:env://NAME" and set NAME in the "env" of this step. Secrets are empty in pull requests from forks.'
  }
  return 'Use a key of cosign (cosign generate-key-pair), or a KMS that this job is logged in to: "key:awskms://…".'
}
