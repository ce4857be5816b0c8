import { messageOf } from '../core/diagnostics.ts'
import { type Digest, isDigest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import { basePolicy } from '../cosign/verify-base.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan, Target } from '../plan/plan.ts'
import { type BaseImage, baseDigestKey, baseImageOf, baseNameKey } from '../registry/base-image.ts'
import type { Registry } from '../registry/client.ts'

/** How long builds may wait for the digests of their base images. The requests run while the builder is prepared. */
const waitMs = 5_000

/** Returns the target with annotations that name its base image. Never rejects. */
type RecordBase = (target: Target) => Promise<Target>

type RecordOptions = Pick<Options, 'push' | 'buildContexts' | 'verifyBase' | 'verifyBaseIssuer' | 'transparencyLog'>

/**
 * Records the base image in every image that will be published, for `mode: refresh`. Starts one request for each different base image at once; a digest
 * that is not known in time is left out. A target gets the same annotations each time, so that a second build of it has the same digest.
 */
export function openBaseRecord(
  plan: Pick<Plan, 'addons'>,
  options: RecordOptions,
  registry: Pick<Registry, 'digestOf'>,
  host: Pick<Host, 'clock' | 'log' | 'signal'>,
): RecordBase {
  if (!options.push) return async (target) => target
  const recorded = (target: Target): BaseImage | undefined =>
    target.annotations.has(baseNameKey) || target.annotations.has(baseDigestKey)
      ? undefined
      : baseImageOf(target, options.buildContexts)
  // The digest of a base image that is verified is found by the verification.
  const targets = plan.addons.flatMap((addon) => (basePolicy(addon.cosign, options) ? [] : addon.targets))
  const bases = targets.map(recorded).flatMap((base) => (base === undefined || base.digest ? [] : [base]))
  const digests = askAll(new Map(bases.map((base) => [base.name, base])), registry, host)
  return async (target) => {
    const base = recorded(target)
    if (base === undefined) return target
    const digest = base.digest ?? verifiedDigest(target) ?? (await digests.get(base.name))
    const annotations = new Map(target.annotations).set(baseNameKey, base.name)
    return { ...target, annotations: digest === undefined ? annotations : annotations.set(baseDigestKey, digest) }
  }
}

/** `checkBase` replaces a verified base image by its digest. */
function verifiedDigest({ baseImage = '', buildContexts }: Target): Digest | undefined {
  const digest = buildContexts.get(baseImage)?.split('@').at(-1)
  return isDigest(digest) ? digest : undefined
}

function askAll(
  bases: ReadonlyMap<string, BaseImage>,
  registry: Pick<Registry, 'digestOf'>,
  { clock, log, signal }: Pick<Host, 'clock' | 'log' | 'signal'>,
): ReadonlyMap<string, Promise<Digest | undefined>> {
  if (bases.size === 0) return new Map()
  const done = new AbortController()
  const late = clock.sleep(waitMs, AbortSignal.any([signal, done.signal]))
  const ask = async ({ name, repository, reference }: BaseImage): Promise<Digest | undefined> => {
    const unknown = (why: string): undefined => {
      if (!signal.aborted) log.info(`The digest of the base image ${name} is not recorded: ${why}`)
    }
    const answer = registry.digestOf(repository, reference).then(
      (digest) => () => digest ?? unknown('it is not in its registry.'),
      (thrown: unknown) => () => unknown(messageOf(thrown)),
    )
    const tooLate = late.then(() => () => unknown(`its registry did not answer within ${waitMs / 1000} s.`))
    return (await Promise.race([answer, tooLate]))()
  }
  const asked = new Map([...bases].map(([name, base]) => [name, ask(base)]))
  void Promise.all(asked.values()).then(() => done.abort())
  return asked
}
