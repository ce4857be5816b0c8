import { Failure, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { flag } from '../docker/arguments.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, PlannedAddon, Target } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import { parseReference } from '../registry/name.ts'
import { findCosign, keyReference, registryArguments, runCosign, variablesOfKey } from './cosign.ts'

/** The required signer of base images. Identity and issuer are regular expressions, as in `build.yaml`. */
type Policy =
  | { readonly kind: 'keyless'; readonly identity: string; readonly issuer: string }
  | { readonly kind: 'key'; readonly reference: string }

type VerifyOptions = Pick<Options, 'verifyBase' | 'verifyBaseIssuer' | 'transparencyLog'>

/** The default of Home Assistant's retired builder for `base_issuer`. */
const githubIssuer = 'https://token.actions.githubusercontent.com'

/** The input wins over the `cosign` block of build.yaml. Pure. */
export function basePolicy(
  cosign: PlannedAddon['cosign'],
  { verifyBase, verifyBaseIssuer }: VerifyOptions,
): Policy | undefined {
  if (verifyBase === false) return undefined
  if (verifyBase?.kind === 'key') return verifyBase
  const identity = verifyBase?.identity ?? cosign?.baseIdentity
  if (identity === undefined) return undefined
  return { kind: 'keyless', identity, issuer: verifyBaseIssuer ?? cosign?.baseIssuer ?? githubIssuer }
}

interface VerifySettings {
  /** The signature must be in the transparency log. */
  readonly log: boolean
  readonly insecure: readonly string[]
  readonly workspace: string
}

export const verifyArguments = (
  reference: string,
  policy: Policy,
  { log, insecure, workspace }: VerifySettings,
): readonly string[] => [
  'verify',
  ...(policy.kind === 'key'
    ? // A keyless signature always needs the log: its certificate is valid for minutes, and the log proves when it was made.
      [...flag('--key', keyReference(policy.reference, workspace)), ...flag('--insecure-ignore-tlog', !log)]
    : [`--certificate-identity-regexp=${policy.identity}`, `--certificate-oidc-issuer-regexp=${policy.issuer}`]),
  '--output=text',
  ...registryArguments(reference, insecure),
  reference,
]

/** Returns the target, pinned to the verified base, or why it must not be built. */
type CheckBase = (target: Target) => Promise<Target | { readonly refused: string }>

const unchecked: CheckBase = async (target) => target

/**
 * Starts to verify the base images while the builder is prepared, each once. Throws a Failure (`environment`) if cosign is missing.
 * @param host its processes must be logged in to the registries.
 */
export async function openBaseCheck(
  plan: Plan,
  options: VerifyOptions,
  registry: Registry,
  insecure: readonly string[],
  host: Host,
): Promise<CheckBase> {
  const policies = new Map(plan.addons.map(({ slug, cosign }) => [slug, basePolicy(cosign, options)]))
  if (![...policies.values()].some((policy) => policy !== undefined)) return unchecked
  await findCosign('verify', 'Verifying the base images', host)
  const verified = new Map<string, Promise<string>>()

  const settings = { log: options.transparencyLog, insecure, workspace: host.workspace }

  /** @returns the verified image, by its digest. */
  const verifyOne = async (image: string, policy: Policy): Promise<string> => {
    const { reference, ...repository } = parseReference(image)
    const digest = reference.startsWith('sha256:') ? reference : await registry.digestOf(repository, reference)
    if (digest === undefined) throw new Error('The image does not exist.')
    const exact = `${repository.registry}/${repository.path}@${digest}`
    const pass = policy.kind === 'key' ? variablesOfKey(policy.reference) : []
    await runCosign(verifyArguments(exact, policy, settings), host, pass)
    host.log.info(`Verified ${image} (${digest})`)
    return exact
  }
  const verify = (image: string, policy: Policy): Promise<string> => {
    const key = JSON.stringify([image, policy])
    const known = verified.get(key)
    if (known !== undefined) return known
    const work = verifyOne(image, policy)
    // Its failure is reported when a target waits for it; until then it must not end the process.
    work.catch(() => {})
    verified.set(key, work)
    return work
  }
  for (const { slug, targets } of plan.addons) {
    const policy = policies.get(slug)
    for (const { baseImage } of targets) if (policy && isImage(baseImage)) void verify(baseImage, policy)
  }
  return async (target) => {
    const policy = policies.get(target.addon)
    if (policy === undefined || target.baseImage === 'scratch') return target
    if (target.baseImage === undefined) {
      return { refused: 'The base image cannot be verified, because its name is known only during the build.' }
    }
    try {
      return pinned(target, target.baseImage, await verify(target.baseImage, policy))
    } catch (thrown) {
      if (thrown instanceof Failure) throw thrown
      return {
        refused: host.log.redact(
          `The base image ${target.baseImage} was not verified. ${messageOf(thrown)} Use one with the required signature, or correct "verify-base".`,
        ),
      }
    }
  }
}

const isImage = (image: string | undefined): image is string => image !== undefined && image !== 'scratch'

/** The tag could move before the build, so a build context of that name replaces the base with the verified digest. */
function pinned(target: Target, image: string, exact: string): Target | { readonly refused: string } {
  if (image.includes('@')) return target
  if (target.buildContexts.has(image)) {
    return { refused: `"build-contexts" replaces the base image ${image}, so it cannot be verified.` }
  }
  return { ...target, buildContexts: new Map([...target.buildContexts, [image, `docker-image://${exact}`]]) }
}
