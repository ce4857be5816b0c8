import { defaultQemuImage } from '../core/pins.ts'
import { builderInputs } from './builder.ts'
import { parseAttestation, parseCache, parseCompression, parseSecret } from './kinds.ts'
import type { LegacyArguments } from './legacy-args.ts'
import type { BuildOptions, CacheKind } from './options.ts'
import { type InputReader, sliceOf } from './reader.ts'

export const buildInputs = (read: InputReader, legacy: LegacyArguments | undefined): BuildOptions =>
  sliceOf<BuildOptions>({
    secrets: read.assignmentLines('secrets', 'bad-secret', parseSecret) ?? [],
    noCache: read.boolean('no-cache', legacy?.noCache ?? false),
    pull: read.boolean('pull', legacy !== undefined),
    ...builderInputs(read),
    qemu: read.choice('qemu', ['auto', 'always', 'never'], 'auto'),
    qemuImage: read.text('qemu-image') ?? defaultQemuImage,
    cache: caches(read),
    cacheMode: read.choice('cache-mode', ['max', 'min'], 'max'),
    parallel: read.number('parallel', 1, 64, true),
    provenance: read.one('provenance', 'not-an-attestation', parseAttestation) ?? false,
    sbom: read.one('sbom', 'not-an-attestation', parseAttestation) ?? false,
    compression: read.one('compression', 'not-a-choice', parseCompression),
  })

function caches(read: InputReader): readonly CacheKind[] | undefined {
  const kinds = read.items('cache', 'not-a-cache', parseCache)
  if (kinds && kinds.length > 1 && kinds.some(({ kind }) => kind === 'none')) {
    return read.refuse('cache', 'conflict', '"none" cannot be combined with another kind.', 'Remove one of them.')
  }
  return kinds
}
