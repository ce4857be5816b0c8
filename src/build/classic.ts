import { type Diagnostic, error, Failure, notice } from '../core/diagnostics.ts'
import type { Options } from '../inputs/options.ts'
import { wantsAttestation } from './attest.ts'
import type { Builder } from './builders/builder.ts'
import type { CachePlan } from './cache/cache.ts'
import type { Engine } from '../docker/engine.ts'

/**
 * The daemon's own BuildKit on the classic image store has no OCI exporter, no cache export and no attestations: all it can do with an image is put it into
 * the engine's store. What is published is then made of what `docker save` gives. Source: buildx `build/opt.go`, moby `builder-next`.
 */
export const lacksOciExport = ({ driver }: Pick<Builder, 'driver'>, { store }: Pick<Engine, 'store'>): boolean =>
  store === 'classic' && driver === 'docker'

interface DecidedCache {
  readonly plan: CachePlan
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * What such a builder can do of what was decided: it reads a registry or a folder, and writes no cache but an inline one. Pure.
 * Throws a Failure (`input`) for attestations, which nothing else could make of a loaded image.
 */
export function limitToClassicStore(
  { plan, diagnostics }: DecidedCache,
  options: Pick<Options, 'push' | 'provenance' | 'sbom'>,
): DecidedCache {
  if (options.push && wantsAttestation(options)) {
    throw new Failure('input', [
      error(
        'input/classic-store',
        'The docker driver makes no provenance and no SBOM on this engine: its image store is the classic one.',
        `Use "driver: docker-container", or turn on the engine's containerd image store.`,
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
        'The docker driver writes no cache on this engine, whose image store is the classic one; the engine keeps what it built for itself.',
        'Use "driver: docker-container", or turn on the engine\'s containerd image store.',
      ),
    ],
  }
}
