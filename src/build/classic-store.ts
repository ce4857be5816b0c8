import { type Diagnostic, error, Failure, notice } from '../core/diagnostics.ts'
import type { Engine } from '../docker/engine.ts'
import type { Options } from '../inputs/options.ts'
import { wantsAttestation } from './attest.ts'
import type { Builder } from './builders/builder.ts'
import type { CachePlan } from './cache/cache.ts'

/**
 * The daemon's own BuildKit on the classic image store has no OCI exporter, no cache export and no attestations: it can only load an image into
 * the engine's store. The published image is then made from the output of `docker save`. Source: buildx `build/opt.go`, moby `builder-next`.
 */
export const lacksOciExport = ({ driver }: Pick<Builder, 'driver'>, { store }: Pick<Engine, 'store'>): boolean =>
  store === 'classic' && driver === 'docker'

interface DecidedCache {
  readonly plan: CachePlan
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * The part of the decided cache that such a builder supports: it reads a registry or a folder, and writes only an inline cache. Pure.
 * Throws a Failure (`input`) for attestations, which cannot be made from a loaded image.
 */
export function limitToClassicStore(
  { plan, diagnostics }: DecidedCache,
  options: Pick<Options, 'push' | 'provenance' | 'sbom'>,
): DecidedCache {
  if (options.push && wantsAttestation(options)) {
    throw new Failure('input', [
      error(
        'input/classic-store',
        'The docker driver cannot make provenance or an SBOM on this engine, because the engine uses the classic image store.',
        `Use "driver: docker-container", or enable the engine's containerd image store.`,
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
        'Use "driver: docker-container", or enable the engine\'s containerd image store.',
      ),
    ],
  }
}
