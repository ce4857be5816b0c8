import { Failure, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { flag } from '../docker/arguments.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, PlannedAddon, Target } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import { parseReference } from '../registry/name.ts'
import { askCosign, findCosign, keyReference, registryArguments, variablesOfKey } from './cosign.ts'

/** Who must have signed a base image. Identity and issuer are regular expressions, as in `build.yaml`. */
export type Policy =
  | { readonly kind: 'keyless'; readonly identity: string; readonly issuer: string }
  | { readonly kind: 'key'; readonly reference: string }

type VerifyOptions = Pick<Options, 'verifyBase' | 'verifyBaseIssuer' | 'transparencyLog'>

/** Of the retired builder, where `base_issuer` was left out. */
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

export const verifyArguments = (
  reference: string,
  policy: Policy,
  {
    log,
    insecure,
    workspace,
  }: { readonly log: boolean; readonly insecure: readonly string[]; readonly workspace: string },
): readonly string[] => [
  'verify',
  ...(policy.kind === 'key'
    ? // Certificates of a keyless signature are valid for minutes: without the log nobody could tell when it was made.
      [...flag('--key', keyReference(policy.reference, workspace)), ...flag('--insecure-ignore-tlog', !log)]
    : [`--certificate-identity-regexp=${policy.identity}`, `--certificate-oidc-issuer-regexp=${policy.issuer}`]),
  '--output=text',
  ...registryArguments(reference, insecure),
  reference,
]

/** The target, held to the very base that was verified; or why it must not be built. */
export type CheckBase = (target: Target) => Promise<Target | { readonly refused: string }>

const unchecked: CheckBase = async (target) => target

/**
 * Begins to verify the bases of all targets, each image once, while the builder is made ready.
 * Throws a Failure (`environment`) where cosign is wanted and not there.
 * @param host whose processes are logged in.
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
  await findCosign('verify', 'Base images are to be verified', host)
  const verified = new Map<string, Promise<string>>()

  const verify = (image: string, policy: Policy): Promise<string> => {
    const key = JSON.stringify([image, policy])
    const known = verified.get(key)
    if (known) return known
    const work = verifyOne(image, policy, { options, registry, insecure, host })
    // Whoever waits for it hears of it; before that it must not end the process.
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
      return { refused: 'The base image is to be verified, and which one it is only the build itself can tell.' }
    }
    try {
      return pinned(target, target.baseImage, await verify(target.baseImage, policy))
    } catch (thrown) {
      if (thrown instanceof Failure) throw thrown
      return {
        refused: host.log.redact(
          `The base image ${target.baseImage} was not verified. ${messageOf(thrown)} Use one that is signed as is asked for, or correct "verify-base".`,
        ),
      }
    }
  }
}

const isImage = (image: string | undefined): image is string => image !== undefined && image !== 'scratch'

interface Verifying {
  readonly options: VerifyOptions
  readonly registry: Registry
  readonly insecure: readonly string[]
  readonly host: Host
}

/** @returns the base by its digest: what was verified. */
async function verifyOne(
  image: string,
  policy: Policy,
  { options, registry, insecure, host }: Verifying,
): Promise<string> {
  const { reference, ...repository } = parseReference(image)
  const digest = reference.startsWith('sha256:') ? reference : await registry.digestOf(repository, reference)
  if (digest === undefined) throw new Error('There is no such image.')
  const exact = `${repository.registry}/${repository.path}@${digest}`
  const setting = { log: options.transparencyLog, insecure, workspace: host.workspace }
  const pass = policy.kind === 'key' ? variablesOfKey(policy.reference) : []
  await askCosign(verifyArguments(exact, policy, setting), host, pass)
  host.log.info(`Verified ${image} (${digest})`)
  return exact
}

/**
 * The tag could be moved between the look at its signature and the build, so the build is told what the name means.
 * Whoever gives a context of that name builds on that, and it is theirs.
 */
function pinned(target: Target, image: string, exact: string): Target | { readonly refused: string } {
  if (image.includes('@')) return target
  if (target.buildContexts.has(image)) {
    return { refused: `"build-contexts" puts another image in the place of ${image}, which cannot be verified so.` }
  }
  return { ...target, buildContexts: new Map([...target.buildContexts, [image, `docker-image://${exact}`]]) }
}
