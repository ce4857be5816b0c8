import type { Finding } from '../../audit/finding.ts'
import type { BuildResult } from '../../build/result.ts'
import type { ContextReport } from '../../context/context-measure.ts'
import type { Architecture, Platform } from '../../core/architecture.ts'
import type { Diagnostic, SourceLocation } from '../../core/diagnostics.ts'
import type { Digest } from '../../core/digest.ts'
import type { Mode } from '../../inputs/options.ts'
import type { PublishedTag } from '../../registry/published-tag.ts'
import type { SizeResult } from '../../size/result.ts'
import type { SmokeResult } from '../../smoke/result.ts'

/** The results of one image at the end of a run. A stage that was not reached is absent. */
export interface TargetReport {
  readonly addon: string
  readonly architecture: Architecture
  readonly platform: Platform
  readonly image: string
  readonly tags: readonly string[]
  readonly build: BuildResult
  readonly smoke?: SmokeResult
  readonly size?: SizeResult
  /** Why the size of a built image is not known. */
  readonly sizeError?: string
  readonly audit?: readonly Finding[]
  /** Its build context. Absent in a report, which lists each context once, with the add-on. */
  readonly context?: ContextReport
  /** Digest of the manifest of its provenance or SBOM. */
  readonly attestation?: Digest
  /** Digest of the manifest in the registry; absent if the image was not published. */
  readonly published?: Digest
}

export interface AddonReport {
  readonly slug: string
  readonly name: string
  readonly folder: string
  readonly version: string
  readonly targets: readonly TargetReport[]
  /** The build contexts: several if architectures have different Dockerfiles. Absent if nothing was built. */
  readonly contexts?: readonly ContextReport[]
  readonly manifest?: {
    readonly image: string
    readonly tags: readonly string[]
    /** Absent if it was not published. */
    readonly digest?: Digest
  }
  /** Every tag of every name in every registry, after the run. Absent if nothing was published. */
  readonly tags?: readonly PublishedTag[]
}

const faults = ['input', 'artifact', 'publish', 'environment', 'cancelled'] as const
const checks = ['build', 'smoke', 'measure', 'size', 'audit', 'version', 'pull'] as const

/** In the order in which reasons are listed: first those that explain why there is no image. */
export const gates = [...faults, ...checks] as const
export type Gate = (typeof gates)[number]

/** Compares two reasons for `sort`. */
export const byGate = (a: Reason, b: Reason): number => gates.indexOf(a.gate) - gates.indexOf(b.gate)

/** Why a run did not pass, most important first: `aarch64: not healthy within 60 s`. */
export interface Reason {
  readonly gate: Gate
  readonly addon?: string
  readonly architecture?: Architecture
  readonly message: string
  /** What to do, if the usual advice for this gate does not apply. */
  readonly remedy?: string
  /** Line of the file that causes it, if it is not that of a build or a smoke test. */
  readonly where?: SourceLocation
}

export interface Verdict {
  readonly passed: boolean
  readonly reasons: readonly Reason[]
  /** Failed gates that are set to warn, or that a label turned into warnings. */
  readonly warnings: readonly Reason[]
}

export type Publication =
  /** `verify`: the commands that verify the signatures. Absent if nothing was signed. */
  | { readonly status: 'published'; readonly verify?: readonly string[] }
  /** The reason, in one sentence: `push` is off, or a gate failed. */
  | { readonly status: 'not-published'; readonly reason: string }

/** The result of a run. Comment, summary, HTML, outputs and `mode: publish` are all made from it; `report.json` is its JSON. */
export interface Report {
  readonly schemaVersion: 1
  readonly tool: { readonly name: 'aicleaner-build'; readonly version: string }
  readonly run: {
    readonly mode: Mode
    readonly event: string
    readonly repository: string
    readonly ref: string
    readonly sha: string
    readonly headSha?: string
    readonly pullRequest?: number
    readonly baseRef?: string
    readonly baseSha?: string
    readonly workflow: string
    readonly runId: string
    readonly runAttempt: number
    readonly url: string
    /** ISO 8601. */
    readonly startedAt: string
    readonly finishedAt: string
  }
  readonly addons: readonly AddonReport[]
  readonly verdict: Verdict
  readonly publication: Publication
  readonly diagnostics: readonly Diagnostic[]
}
