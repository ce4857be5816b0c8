import type { Architecture, Platform } from '../core/architecture.ts'
import type { LegacyArguments } from './legacy-args.ts'

export const modes = ['run', 'plan', 'build', 'publish', 'refresh'] as const
export type Mode = (typeof modes)[number]
export type GateAction = 'fail' | 'warn' | 'off'

/** Bytes, percent, or both (exceeding either one counts). `floorBytes`: growth below it never counts. */
export interface Increase {
  readonly bytes?: number
  readonly percent?: number
  readonly floorBytes?: number
}

/** A budget for all architectures, and exceptions for some. */
export interface PerArchitecture<T> {
  readonly all?: T
  readonly only: ReadonlyMap<Architecture, T>
}

/** A budget of the whole image, and one of only the author's own layers: those that do not come from the base image. */
export interface LayeredBudget<T> extends PerArchitecture<T> {
  readonly own?: PerArchitecture<T>
}

export type CacheKind =
  | { readonly kind: 'gha' }
  | { readonly kind: 'registry'; readonly reference?: string }
  | { readonly kind: 'local'; readonly folder: string }
  | { readonly kind: 'inline' }
  | { readonly kind: 'none' }

export type BaselineChoice =
  | { readonly kind: 'auto' }
  /** `detail`: every layer is read, not only the manifest. */
  | { readonly kind: 'registry'; readonly reference?: string; readonly detail?: true }
  | { readonly kind: 'cache' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'none' }

export interface HttpProbe {
  readonly port: number
  /** Begins with `/`. */
  readonly path: string
}

/** Services that the Supervisor mock offers under `/services/NAME`: `mqtt` → host, port, username, … */
export type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** `KEY=value` pairs keep their order; a later one wins. */
export type Assignments = ReadonlyMap<string, string>

/**
 * Every input of action.yml, read and checked. Frozen. An option that is undefined was not given: its value is inferred later. A stage takes the
 * slice that it needs.
 */
export interface Options
  extends AddonOptions,
    PlanOptions,
    BuildOptions,
    PublishOptions,
    SmokeOptions,
    AuditOptions,
    SizeOptions,
    VersionOptions,
    ReportOptions {}

/** Which add-ons to read, and from which files. */
export interface AddonOptions {
  readonly targets: readonly string[]
  readonly changedOnly: boolean
  /** Paths and patterns outside of the add-ons whose change builds all of them. Undefined: the file of the running workflow. */
  readonly changedPathsAll?: readonly string[]
  /** The Dockerfile. */
  readonly file?: string
  readonly buildContexts: Assignments
  /** `args`, the command line of the retired builder. Options that are inputs as well already have its values, unless the input was given. */
  readonly legacy?: LegacyArguments
}

/** The architectures, names, tags, labels and arguments of the images. */
export interface PlanOptions extends Pick<AddonOptions, 'buildContexts' | 'legacy'>, Pick<PublishOptions, 'push'> {
  readonly mode: Mode
  readonly architectures?: readonly Architecture[]
  readonly image?: string
  /** Further names under which every image is published, usually in other registries. */
  readonly otherImages: readonly string[]
  /** `false`: no manifest list. */
  readonly multiArchImage?: string | false
  readonly otherMultiArchImages: readonly string[]
  readonly version?: string
  readonly tags?: readonly string[]
  /** Value of `{channel}`. Undefined: it depends on the event. */
  readonly channel?: string
  readonly stage?: string
  readonly buildArguments: Assignments
  readonly labels: Assignments
  readonly annotations: Assignments
  /** Runner label by architecture, for the matrix. */
  readonly runners: ReadonlyMap<Architecture, string>
  readonly cacheScope?: string
}

/** How and where images are built. */
export interface BuildOptions {
  /** Docker's own syntax: `id=TOKEN,env=TOKEN` or `TOKEN=value`; values are never put into argv. */
  readonly secrets: readonly SecretOption[]
  readonly noCache: boolean
  readonly pull: boolean
  readonly driver: 'auto' | 'docker' | 'docker-container' | 'remote' | 'kubernetes'
  readonly builder?: string
  readonly driverOptions: readonly string[]
  /** Nodes of the builder; empty: only this machine. */
  readonly endpoints: readonly BuilderNode[]
  readonly endpointTls: EndpointTls
  readonly buildkitdConfig?: string
  readonly qemu: 'auto' | 'always' | 'never'
  readonly qemuImage: string
  /** Undefined: `gha` if the runner offers it, else none. */
  readonly cache?: readonly CacheKind[]
  readonly cacheMode: 'min' | 'max'
  readonly parallel?: number
  readonly provenance: string | false
  readonly sbom: string | false
  readonly compression?: { readonly kind: 'gzip' | 'zstd'; readonly level?: number }
}

/** Where images are pushed, how they are signed, and which signatures base images must have. */
export interface PublishOptions {
  readonly push: boolean
  /** What happens to a version that is already published. */
  readonly existing: 'replace' | 'keep' | 'fail'
  readonly pullCheck: GateAction
  readonly logins: readonly Login[]
  readonly sign: { readonly kind: 'keyless' } | { readonly kind: 'key'; readonly reference: string } | false
  /** Signatures made with a key go into the public transparency log, and are expected there. */
  readonly transparencyLog: boolean
  /** `false`: no base image is verified; undefined: as in the `cosign` block of build.yaml. */
  readonly verifyBase?: false | BaseSigner
  readonly verifyBaseIssuer?: string
}

/** How images are started and tested. */
export interface SmokeOptions {
  readonly smokeTest: boolean
  readonly smokeHttp?: HttpProbe
  readonly smokeCommand?: string
  /** Options of the add-on, parsed from JSON or YAML, that are merged into options.json. */
  readonly smokeOptions: Readonly<Record<string, unknown>>
  /** Folder with files for mapped folders, relative to the workspace. */
  readonly smokeFiles?: string
  readonly smokeEnvironment: Assignments
  readonly smokeRunArguments: readonly string[]
  /** Capabilities and paths under /dev that the workflow grants to tested containers that request them. */
  readonly smokePrivileges: readonly string[]
  /** Protection mode, as the Supervisor API tells it. */
  readonly smokeProtected: boolean
  readonly smokeTimeoutMs: number
  readonly smokeEmulationFactor: number
  /** Further tries of a smoke test that fails. */
  readonly smokeRetries: number
  /** Check name → what to do when the check fails; other checks keep their default. */
  readonly smokeChecks: ReadonlyMap<string, GateAction>
  /** Services that the test provides; all others are off. */
  readonly smokeServices?: Services
  readonly supervisor: 'auto' | 'on' | 'off'
}

/** Whether images are audited, and by which rules. */
export interface AuditOptions {
  readonly audit: 'off' | 'warn' | 'fail'
  /** Rules that are not reported: `image/root-user`, `hadolint/DL3008`. */
  readonly auditIgnore: readonly string[]
}

/** Size limits, and the image to compare sizes with. */
export interface SizeOptions {
  readonly baseline: BaselineChoice
  /** Bytes. */
  readonly maxSize: LayeredBudget<number>
  readonly maxIncrease: LayeredBudget<Increase>
  readonly sizeGate: GateAction
}

/** Whether a pull request must have a new version. */
export interface VersionOptions {
  readonly versionGate: GateAction
}

/** Where results are written and reported. */
export interface ReportOptions {
  readonly comment: 'auto' | 'always' | 'on-change' | 'never'
  readonly commentKey?: string
  readonly githubToken?: string
  /** Absolute, or relative to the workspace. Undefined: `$RUNNER_TEMP/aicleaner-build`. */
  readonly reportPath?: string
  /** `mode: publish`: folder of the result files. */
  readonly results?: string
}

/** The signer of base images. `identity`: a regular expression, as in build.yaml. */
type BaseSigner =
  | { readonly kind: 'keyless'; readonly identity: string }
  | { readonly kind: 'key'; readonly reference: string }

/** A machine that builds. */
export interface BuilderNode {
  /** As buildx accepts it: `tcp://host:1234`, `ssh://user@host`, or the name of a Docker context. */
  readonly endpoint: string
  /** Platforms that are built there; empty: all that the node supports. */
  readonly platforms: readonly Platform[]
}

/** For BuildKit daemons that require certificates: PEM text, or the path of a file with it. */
export interface EndpointTls {
  readonly cacert?: string
  readonly cert?: string
  readonly key?: string
}

export interface Login {
  /** Undefined: the registry of the image name. */
  readonly registry?: string
  /** Undefined: the actor. */
  readonly username?: string
  readonly password: string
}

export type SecretOption =
  | { readonly id: string; readonly value: string }
  | { readonly id: string; readonly environment: string }
  | { readonly id: string; readonly file: string }
