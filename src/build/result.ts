import type { Diagnostic } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'

export interface BuildStep {
  /** `[builder 2/5] RUN pip install …`. */
  readonly name: string
  readonly durationMs: number
  readonly cached: boolean
}

/** A file system that builds write to. */
export interface DiskUse {
  readonly folder: string
  readonly totalBytes: number
  readonly freeBefore: number
  readonly freeAfter: number
}

export type BuildResult =
  | {
      readonly status: 'built'
      readonly durationMs: number
      readonly emulated: boolean
      readonly configDigest: Digest
      readonly manifestDigest: Digest
      readonly steps: readonly BuildStep[]
      /** Steps that came from the cache, of those that could. */
      readonly cache: { readonly hits: number; readonly total: number }
      /** Dockerfile checks. */
      readonly warnings: readonly Diagnostic[]
      /** Free space before and after; empty if it is unknown. */
      readonly disks?: readonly DiskUse[]
    }
  | {
      readonly status: 'failed' | 'cancelled'
      readonly durationMs: number
      readonly emulated: boolean
      /** One or a few lines: the error of buildx. */
      readonly reason: string
      readonly remedy?: string
      /** The cause is the machine, the builder or the registry, not the add-on. */
      readonly environment?: boolean
      readonly where?: Diagnostic['where']
      readonly log: readonly string[]
    }
