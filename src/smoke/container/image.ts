import { listOf } from '../../core/json-fields.ts'
import { parseJson } from '../json.ts'

/** The part of an image's config that the smoke test uses. */
export interface ImageFacts {
  /** `sha256:…`. */
  readonly id: string
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly user: string
  readonly workingFolder: string
  /** `8099/tcp`. */
  readonly exposed: readonly string[]
  readonly labels: ReadonlyMap<string, string>
  /** Absent: none, or disabled by `HEALTHCHECK NONE`. Times in ms, with Docker's defaults. */
  readonly healthcheck?: {
    readonly test: readonly string[]
    readonly intervalMs: number
    readonly timeoutMs: number
    readonly startPeriodMs: number
    /** The interval within the start period. */
    readonly startIntervalMs: number
    readonly retries: number
  }
}

interface Inspected {
  readonly Id?: string
  readonly Os?: string
  readonly Architecture?: string
  readonly Variant?: string
  readonly Config?: {
    readonly Entrypoint?: readonly string[] | null
    readonly Cmd?: readonly string[] | null
    readonly Env?: readonly string[] | null
    readonly User?: string
    readonly WorkingDir?: string
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null
    readonly Labels?: Readonly<Record<string, string>> | null
    readonly Healthcheck?: {
      readonly Test?: readonly string[] | null
      readonly Interval?: number
      readonly Timeout?: number
      readonly StartPeriod?: number
      readonly StartInterval?: number
      readonly Retries?: number
    } | null
  } | null
}

/** Pure: from `docker image inspect`. Undefined if there is no such image. */
export function readImage(stdout: string): ImageFacts | undefined {
  const [image] = listOf(parseJson(stdout)) as readonly Inspected[]
  if (!image?.Id) return undefined
  const config = image.Config ?? {}
  const test = config.Healthcheck?.Test ?? []
  return {
    id: image.Id,
    os: image.Os ?? '',
    architecture: image.Architecture ?? '',
    ...(image.Variant && { variant: image.Variant }),
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    environment: new Map((config.Env ?? []).map(split)),
    user: config.User ?? '',
    workingFolder: config.WorkingDir || '/',
    exposed: Object.keys(config.ExposedPorts ?? {}),
    labels: new Map(Object.entries(config.Labels ?? {})),
    ...(test.length > 0 &&
      test[0] !== 'NONE' && {
        healthcheck: {
          test,
          intervalMs: milliseconds(config.Healthcheck?.Interval, 30_000),
          timeoutMs: milliseconds(config.Healthcheck?.Timeout, 30_000),
          startPeriodMs: milliseconds(config.Healthcheck?.StartPeriod, 0),
          startIntervalMs: milliseconds(config.Healthcheck?.StartInterval, 5000),
          retries: config.Healthcheck?.Retries || 3,
        },
      }),
  }
}

const milliseconds = (nanoseconds: number | undefined, otherwise: number): number =>
  nanoseconds ? nanoseconds / 1_000_000 : otherwise

function split(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}
