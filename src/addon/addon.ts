import type { Architecture } from '../core/architecture.ts'
import type { SourceLocation } from '../core/diagnostics.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'

/** A text of a file, as it stands there, and where. `1.0` stays `1.0`. */
export interface Sourced<T = string> {
  readonly value: T
  readonly where: SourceLocation
}

/** Keys that are true or false in config.yaml, and false where they are missing. */
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
export type Wish = (typeof featureFlags)[number]

/** What the smoke test needs of config.yaml; see home-assistant.md, "At run time". Keys that the file does not have are undefined. */
export interface RunConfig {
  readonly init: boolean
  readonly startup: string
  readonly options: Readonly<Record<string, unknown>>
  /** `false`: the Supervisor does not check the options. */
  readonly schema?: Readonly<Record<string, unknown>> | false
  /** Places of the keys under `options`, else under `schema`, by path `a.b.0`, for messages. */
  readonly optionPlaces: ReadonlyMap<string, SourceLocation>
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
  readonly services: readonly string[]
  readonly hostNetwork: boolean
  readonly hassioApi: boolean
  readonly hassioRole: string
  readonly homeassistantApi: boolean
  readonly authApi: boolean
  readonly ulimits: ReadonlyMap<string, string>
  readonly apparmor: boolean
  /** Switches of config.yaml that are on, of those that ask for something of the machine or the Supervisor. */
  readonly wishes: ReadonlySet<Wish>
}

/** An add-on as its files describe it: read, checked, nothing decided yet. */
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
  /** From build.yaml, `{arch}` filled in. A string `build_from` is entered for every architecture. */
  readonly buildFrom: ReadonlyMap<Architecture, string>
  /** Where `build_from` stands. */
  readonly buildFromWhere?: SourceLocation
  readonly buildArguments: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  /** Places of the two above, by `args.NAME` and `labels.NAME`. */
  readonly places: ReadonlyMap<string, SourceLocation>
  /** Template from build.yaml or config.yaml, `{arch}` not filled in. */
  readonly image?: Sourced
  /** `image` of config.yaml: what the Supervisor pulls. */
  readonly configImage?: Sourced
  /** The Dockerfile of an architecture: `Dockerfile.{arch}` beats `Dockerfile`. */
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
