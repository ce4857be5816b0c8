import { fieldOf, listOf, numberOf, textOf } from '../core/json-fields.ts'
import { findManifest, parseJson, parsePlatform } from '../image/document.ts'
import { defaultLimits } from '../image/limits.ts'
import { type BlobSource, smallBlob } from '../image/sources/source.ts'

/** Times in ms, with Docker's defaults filled in. */
export interface Healthcheck {
  readonly intervalMs: number
  readonly startPeriodMs: number
  readonly startIntervalMs: number
}

/** The parts of an image's config that the rules need. Texts are not trusted. */
export interface AuditedConfig {
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

/** Reads the config of the image of one platform. Throws a Failure (`image/…`) if it cannot be read. */
export async function readImageConfig(source: BlobSource, platform: string): Promise<AuditedConfig> {
  const manifest = await findManifest(source, parsePlatform(platform), defaultLimits)
  const bytes = await smallBlob(source, manifest.config.digest, defaultLimits.document, 'config')
  return auditedConfig(parseJson(bytes, 'config', defaultLimits))
}

/** From the JSON of an OCI image config. A value of the wrong type counts as missing. */
function auditedConfig(json: unknown): AuditedConfig {
  const healthcheck = healthcheckOf(fieldOf(json, 'config', 'Healthcheck'))
  const labels = Object.entries(fieldOf(json, 'config', 'Labels') ?? {}).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  )
  return {
    user: textOf(json, 'config', 'User'),
    entrypoint: texts(json, 'config', 'Entrypoint'),
    command: texts(json, 'config', 'Cmd'),
    environment: new Map(texts(json, 'config', 'Env').map(assignment)),
    labels: new Map(labels),
    ...(healthcheck && { healthcheck }),
    history: listOf(json, 'history').map((step) => textOf(step, 'created_by')),
  }
}

const texts = (value: unknown, ...path: readonly string[]): readonly string[] =>
  listOf(value, ...path).filter((one) => typeof one === 'string')

function healthcheckOf(value: unknown): Healthcheck | undefined {
  const [kind] = texts(value, 'Test')
  if (kind === undefined || kind === 'NONE') return undefined
  // Nanoseconds; 0 means Docker's default.
  const ms = (key: string, otherwise: number): number => {
    const nanoseconds = numberOf(value, key) ?? 0
    return nanoseconds > 0 ? nanoseconds / 1e6 : otherwise
  }
  return {
    intervalMs: ms('Interval', 30_000),
    startPeriodMs: ms('StartPeriod', 0),
    startIntervalMs: ms('StartInterval', 5_000),
  }
}

function assignment(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}
