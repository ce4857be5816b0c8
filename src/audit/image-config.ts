import { findManifest, parseJson, parsePlatform } from '../image/document.ts'
import { defaultLimits } from '../image/limits.ts'
import { type BlobSource, smallBlob } from '../image/sources/source.ts'

/** Times in ms, Docker's defaults filled in. */
export interface Healthcheck {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly startPeriodMs: number
  readonly startIntervalMs: number
  readonly retries: number
}

/** What the rules need of an image's config. Texts are not trusted. */
export interface ImageConfigFacts {
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  /** Undefined: none, or switched off. */
  readonly healthcheck?: Healthcheck
  /** `created_by` of every step. */
  readonly history: readonly string[]
}

/** Reads the config of the image of one platform. Throws a Failure (`image/…`) where it cannot be read. */
export async function readImageConfig(source: BlobSource, platform: string): Promise<ImageConfigFacts> {
  const manifest = await findManifest(source, parsePlatform(platform), defaultLimits)
  const bytes = await smallBlob(source, manifest.config.digest, defaultLimits.document, 'config')
  return configFacts(parseJson(bytes, 'config', defaultLimits))
}

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Pure: from the JSON of an OCI image config. What has another type than it should counts as not there. */
function configFacts(json: Json): ImageConfigFacts {
  const config = object(json.config)
  const healthcheck = healthcheckOf(object(config.Healthcheck))
  const labels = Object.entries(object(config.Labels)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  )
  return {
    user: text(config.User),
    entrypoint: texts(config.Entrypoint),
    command: texts(config.Cmd),
    environment: new Map(texts(config.Env).map(assignment)),
    labels: new Map(labels),
    ...(healthcheck && { healthcheck }),
    history: (Array.isArray(json.history) ? json.history : []).map((step) => text(object(step).created_by)),
  }
}

function healthcheckOf(value: Json): Healthcheck | undefined {
  const [kind] = texts(value.Test)
  if (kind === undefined || kind === 'NONE') return undefined
  // Nanoseconds; 0 means Docker's default.
  const ms = (key: string, otherwise: number): number => {
    const number = value[key]
    return typeof number === 'number' && number > 0 ? number / 1e6 : otherwise
  }
  const retries = value.Retries
  return {
    intervalMs: ms('Interval', 30_000),
    timeoutMs: ms('Timeout', 30_000),
    startPeriodMs: ms('StartPeriod', 0),
    startIntervalMs: ms('StartInterval', 5_000),
    retries: typeof retries === 'number' && retries > 0 ? retries : 3,
  }
}

function assignment(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}
