import type { Architecture, Platform } from '../core/architecture.ts'
import type { LegacyArguments } from './legacy-args.ts'

export const modes = ['run', 'plan', 'build', 'publish'] as const
export type Mode = (typeof modes)[number]
export type Gate = 'fail' | 'warn' | 'off'

/** Bytes, percent, or both (over either one is over). `floorBytes`: growth below it never counts. */
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

/** A budget of the whole image, and one of the author's own layers alone: those that do not come from the base image. */
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
  /** `detail`: every layer is read, not the manifest alone. */
  | { readonly kind: 'registry'; readonly reference?: string; readonly detail?: true }
  | { readonly kind: 'cache' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'none' }

export interface HttpProbe {
  readonly port: number
  /** Begins with `/`. */
  readonly path: string
}

/** What the Supervisor stand-in offers under `/services/NAME`: `mqtt` → host, port, username, … */
export type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** `KEY=value` pairs keep their order; a later one wins. */
export type Assignments = ReadonlyMap<string, string>

/** Every input of action.yml, read and checked. Undefined: the user said nothing, so what is inferred holds. Frozen. */
export interface Options {
  readonly mode: Mode
  readonly targets: readonly string[]
  readonly changedOnly: boolean
  readonly architectures?: readonly Architecture[]
  readonly image?: string
  /** `false`: no manifest list. */
  readonly multiArchImage?: string | false
  readonly version?: string
  readonly tags?: readonly string[]
  readonly file?: string
  readonly stage?: string
  readonly buildArguments: Assignments
  readonly buildContexts: Assignments
  readonly labels: Assignments
  readonly annotations: Assignments
  /** Docker's own syntax: `id=TOKEN,env=TOKEN` or `TOKEN=value`; values are never put into argv. */
  readonly secrets: readonly SecretOption[]
  readonly noCache: boolean
  readonly pull: boolean
  /** Command line of the retired home-assistant/builder, not yet split. */
  readonly args?: string
  /** `args`, read. What of it has an input of its own is in that option already, unless the input was given. */
  readonly legacy?: LegacyArguments
  /** Runner label by architecture, for the matrix. */
  readonly runners: ReadonlyMap<Architecture, string>

  readonly push: boolean
  readonly logins: readonly Login[]
  readonly driver: 'auto' | 'docker' | 'docker-container' | 'remote' | 'kubernetes'
  readonly builder?: string
  readonly driverOptions: readonly string[]
  /** Nodes of the builder; empty: this machine alone. */
  readonly endpoints: readonly BuilderNode[]
  readonly endpointTls: EndpointTls
  readonly buildkitdConfig?: string
  readonly qemu: 'auto' | 'always' | 'never'
  readonly qemuImage: string
  /** Undefined: `gha` where the runner offers it, else none. */
  readonly cache?: readonly CacheKind[]
  readonly cacheScope?: string
  readonly cacheMode: 'min' | 'max'
  readonly parallel?: number
  readonly provenance: string | false
  readonly sbom: string | false
  readonly sign: { readonly kind: 'keyless' } | { readonly kind: 'key'; readonly reference: string } | false
  /** Signatures made with a key go into the public transparency log, and are expected there. */
  readonly transparencyLog: boolean
  /** `false`: no base image is verified; undefined: as the `cosign` block of build.yaml says. */
  readonly verifyBase?: false | BaseSigner
  readonly verifyBaseIssuer?: string
  readonly compression?: { readonly kind: 'gzip' | 'zstd'; readonly level?: number }

  readonly smokeTest: boolean
  readonly smokeHttp?: HttpProbe
  readonly smokeCommand?: string
  /** Parsed JSON or YAML, merged into options.json. */
  readonly smokeOptions: Readonly<Record<string, unknown>>
  readonly smokeEnvironment: Assignments
  readonly smokeRunArguments: readonly string[]
  /** What the workflow's owner grants to tested containers that ask for it: capabilities, and paths of devices under /dev. */
  readonly smokePrivileges: readonly string[]
  readonly smokeTimeoutMs: number
  readonly smokeEmulationFactor: number
  /** Check name → what a failing check does; names not in the map keep their default. */
  readonly smokeChecks: ReadonlyMap<string, Gate>
  /** Services that the test provides; every other one is off. */
  readonly smokeServices?: Services
  readonly supervisor: 'auto' | 'on' | 'off'
  readonly audit: 'off' | 'warn' | 'fail'
  /** Rules that have nothing to say: `image/root-user`, `hadolint/DL3008`. */
  readonly auditIgnore: readonly string[]
  readonly baseline: BaselineChoice
  /** Bytes. */
  readonly maxSize: LayeredBudget<number>
  readonly maxIncrease: LayeredBudget<Increase>
  readonly sizeGate: Gate

  readonly comment: 'auto' | 'always' | 'on-change' | 'never'
  readonly commentKey?: string
  readonly githubToken?: string
  /** Absolute, or relative to the workspace. Undefined: `$RUNNER_TEMP/aicleaner-build`. */
  readonly reportPath?: string
  /** `mode: publish`: folder of the result files. */
  readonly results?: string
}

/** Who signs base images. `identity`: a regular expression, as in build.yaml. */
export type BaseSigner =
  | { readonly kind: 'keyless'; readonly identity: string }
  | { readonly kind: 'key'; readonly reference: string }

/** A machine that builds. */
export interface BuilderNode {
  /** As buildx takes it: `tcp://host:1234`, `ssh://user@host`, or the name of a Docker context. */
  readonly endpoint: string
  /** What is built there; empty: whatever the node can. */
  readonly platforms: readonly Platform[]
}

/** For BuildKit daemons that ask for certificates: PEM text, or the path of a file with it. */
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
