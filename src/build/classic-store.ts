import { error, Failure, notice } from '../core/diagnostics.ts'
import type { Engine } from '../docker/engine.ts'
import type { Options } from '../inputs/options.ts'
import { wantsAttestation } from './attest.ts'
import type { Builder } from './builders/builder.ts'
import type { DecidedCache } from './cache/decision.ts'

/** The daemon's own BuildKit on the classic store can only load an image: no OCI or cache export, no attestations. Source: buildx `build/opt.go`. */
export const lacksOciExport = ({ driver }: Pick<Builder, 'driver'>, { store }: Pick<Engine, 'store'>): boolean =>
  store === 'classic' && driver === 'docker'

const remedy = 'Use "driver: docker-container", or enable the engine\'s containerd image store.'

/** The part of the cache that such a builder supports. Throws a Failure (`input`) for attestations, which cannot be made from a loaded image. Pure. */
export function limitToClassicStore(
  { plan, diagnostics }: DecidedCache,
  options: Pick<Options, 'push' | 'provenance' | 'sbom'>,
): DecidedCache {
  if (options.push && wantsAttestation(options)) {
    throw new Failure('input', [
      error(
        'input/classic-store',
        'The docker driver cannot make provenance or an SBOM on this engine, because the engine uses the classic image store.',
        remedy,
      ),
    ])
  }
  const kinds = plan.kinds.filter(({ kind }) => kind !== 'gha')
  const write = plan.write && kinds.every(({ kind }) => kind === 'inline')
  if (kinds.length === plan.kinds.length && write === plan.write) return { plan, diagnostics }
  return {
    plan: { ...plan, kinds, write },
    diagnostics: [
      ...diagnostics,
      notice(
        'cache/classic-store',
        'The docker driver cannot write this cache on this engine, because the engine uses the classic image store. The engine keeps its own build cache.',
        remedy,
      ),
    ],
  }
}
