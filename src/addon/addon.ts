import type { Architecture } from '../core/architecture.ts'
import type { SourceLocation } from '../core/diagnostics.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'

/** A string of a file, as it is written, and its location. `1.0` stays `1.0`. */
export interface Sourced<T = string> {
  readonly value: T
  readonly where: SourceLocation
}

/** Keys of config.yaml that are true or false, and false if they are missing. */
export const featureFlags = [
  'audio',
  'devicetree',
  'docker_api',
  'gpio',
  'host_dbus',
  'host_ipc',
  'host_pid',
  'host_uts',
  'journald',
  'kernel_modules',
  'legacy',
  'realtime',
  'stdin',
  'uart',
  'udev',
  'usb',
  'video',
] as const
export type FeatureFlag = (typeof featureFlags)[number]

/** The keys of config.yaml that the smoke test uses. Keys that the file does not have are undefined. */
export interface RunConfig {
  readonly init: boolean
  readonly startup: string
  readonly options: Readonly<Record<string, unknown>>
  /** `false`: the Supervisor does not check the options. */
  readonly schema?: Readonly<Record<string, unknown>> | false
  /** Locations of the keys under `options`, else under `schema`, by path `a.b.0`, for messages. */
  readonly optionLocations: ReadonlyMap<string, SourceLocation>
  /** `8080/tcp` → host port, null when it is not mapped by default. */
  readonly ports: ReadonlyMap<string, number | null>
  readonly ingress: boolean
  readonly ingressPort: number
  readonly ingressEntry?: string
  readonly webui?: string
  readonly watchdog?: string
  /** Seconds the Supervisor waits for a stop. Default 10. */
  readonly timeout: number
  readonly environment: ReadonlyMap<string, string>
  readonly tmpfs: boolean
  readonly map: readonly { readonly type: string; readonly readOnly: boolean; readonly path?: string }[]
  readonly privileged: readonly string[]
  readonly fullAccess: boolean
  readonly devices: readonly string[]
  /** `mqtt:need`. */
  readonly services: readonly string[]
  /** The services that it may announce to Home Assistant. */
  readonly discovery: readonly string[]
  /** `manual`: a user starts it, such as an add-on that runs a task and ends. */
  readonly boot: 'auto' | 'manual'
  readonly hostNetwork: boolean
  readonly hassioApi: boolean
  readonly hassioRole: string
  readonly homeassistantApi: boolean
  readonly authApi: boolean
  readonly ulimits: ReadonlyMap<string, string>
  readonly apparmor: boolean
  /** The `featureFlags` that are true. They request something from the machine or the Supervisor. */
  readonly featureFlags: ReadonlySet<FeatureFlag>
}

/** An add-on as its files describe it: read and checked, but nothing is decided yet. */
export interface Addon {
  /** Relative to the workspace, `/` between parts, `.` for the root. */
  readonly folder: string
  readonly slug: string
  readonly slugWhere?: SourceLocation
  readonly name: string
  readonly description?: string
  readonly version?: Sourced
  readonly url?: string
  /** As the files declare them; empty: none declared. */
  readonly architectures: readonly Architecture[]
  /** Where they are declared. */
  readonly architecturesWhere?: SourceLocation
  /** From build.yaml, with `{arch}` replaced. A string in `build_from` is set for every architecture. */
  readonly buildFrom: ReadonlyMap<Architecture, string>
  /** Location of `build_from`. */
  readonly buildFromWhere?: SourceLocation
  readonly buildArguments: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  /** Locations of the two above, by `args.NAME` and `labels.NAME`. */
  readonly locations: ReadonlyMap<string, SourceLocation>
  /** Template from build.yaml or config.yaml, with `{arch}` in it. */
  readonly image?: Sourced
  /** `image` in config.yaml: the image that the Supervisor pulls. */
  readonly configImage?: Sourced
  /** The Dockerfile of an architecture: `Dockerfile.{arch}` comes before `Dockerfile`. */
  readonly dockerfiles: ReadonlyMap<Architecture | 'default', Dockerfile>
  readonly run: RunConfig
  readonly cosign?: {
    readonly baseIdentity?: string
    readonly identity?: string
    readonly baseIssuer?: string
    readonly issuer?: string
  }
  /** Relative paths of the files that were read, `config.yaml` and `build.yaml` first. */
  readonly files: { readonly config?: string; readonly build?: string }
}
