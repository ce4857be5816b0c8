import { fieldOf, listOf, numberOf, parseJsonText, textOf } from '../../core/json-fields.ts'

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

/** Pure: from `docker image inspect`. Undefined if there is no such image. */
export function readImage(stdout: string): ImageFacts | undefined {
  const [image] = listOf(parseJsonText(stdout))
  const id = textOf(image, 'Id')
  if (id === '') return undefined
  const config = fieldOf(image, 'Config')
  const variant = textOf(image, 'Variant')
  const test = textsOf(config, 'Healthcheck', 'Test')
  const milliseconds = (name: string, otherwise: number): number =>
    (numberOf(config, 'Healthcheck', name) || otherwise * 1_000_000) / 1_000_000
  return {
    id,
    os: textOf(image, 'Os'),
    architecture: textOf(image, 'Architecture'),
    ...(variant && { variant }),
    entrypoint: textsOf(config, 'Entrypoint'),
    command: textsOf(config, 'Cmd'),
    environment: new Map(textsOf(config, 'Env').map(split)),
    workingFolder: textOf(config, 'WorkingDir') || '/',
    exposed: Object.keys(fieldOf(config, 'ExposedPorts') ?? {}),
    labels: new Map(Object.entries(fieldOf(config, 'Labels') ?? {}).map(([name, value]) => [name, String(value)])),
    ...(test.length > 0 &&
      test[0] !== 'NONE' && {
        healthcheck: {
          test,
          intervalMs: milliseconds('Interval', 30_000),
          timeoutMs: milliseconds('Timeout', 30_000),
          startPeriodMs: milliseconds('StartPeriod', 0),
          startIntervalMs: milliseconds('StartInterval', 5000),
          retries: numberOf(config, 'Healthcheck', 'Retries') || 3,
        },
      }),
  }
}

const textsOf = (value: unknown, ...path: readonly string[]): readonly string[] => listOf(value, ...path).map(String)

function split(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}
