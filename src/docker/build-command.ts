import { join } from 'node:path'
import { actionsCacheVariables } from '../child-environment.ts'
import type { Options } from '../options.ts'
import type { Target } from '../plan/plan.ts'
import { assignments, csv, flag } from './arguments.ts'
import type { Builder } from './builders/builder.ts'
import { type CachePlan, cachesOf } from './cache.ts'
import { secretMounts } from './secrets.ts'

/** Where the outputs of one build go. */
export interface BuildPaths {
  /** OCI layout: what is measured and published. */
  readonly layout: string
  readonly metadata: string
}

/** How a build is to be run, besides what the target says. */
export interface BuildSetting {
  readonly builder: Omit<Builder, 'nodes'>
  readonly cache: CachePlan
  readonly options: Pick<Options, 'cacheMode' | 'noCache' | 'pull' | 'secrets' | 'compression'>
  /** Undefined: the image is not to be started, so the engine need not have it. */
  readonly load?: string
  /** The builder can do no more than load, see `onlyLoads`: the layout is made afterwards, of what it loaded. */
  readonly onlyLoads?: boolean
  readonly paths: BuildPaths
  /** `SOURCE_DATE_EPOCH` is set: file times, too, become that time, and the same inputs give the same digests. */
  readonly reproducible?: boolean
  /** Absolute. */
  readonly workspace: string
}

/** What buildx goes by besides its arguments. */
export const buildxEnvironment = (secrets: BuildSetting['options']['secrets']): Readonly<Record<string, string>> => ({
  ...secretMounts(secrets).environment,
  BUILDX_METADATA_WARNINGS: '0',
  BUILDX_METADATA_PROVENANCE: 'disabled',
  // What git knows is for provenance, which is made by a later call; here buildx would wait for it.
  BUILDX_GIT_INFO: 'false',
})

/** Variables of the step that a build gets besides: those of the Actions cache where it uses that, and those that `secrets` names. */
export const passedToBuild = ({ cache, options }: Pick<BuildSetting, 'cache' | 'options'>): readonly string[] => [
  ...(cache.kinds.some(({ kind }) => kind === 'gha') ? actionsCacheVariables : []),
  ...options.secrets.flatMap((secret) => ('environment' in secret ? [secret.environment] : [])),
]

/** One build in the words that `buildx build` and `buildx bake` have in common. */
interface Description {
  readonly context: string
  readonly dockerfile: string
  readonly stage: string | undefined
  readonly args: ReadonlyMap<string, string>
  readonly contexts: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: readonly string[]
  readonly secrets: readonly string[]
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly outputs: readonly string[]
}

function describe(target: Target, setting: BuildSetting): Description {
  const { options, workspace } = setting
  const caches = cachesOf(target, setting.cache, options.cacheMode)
  return {
    context: join(workspace, target.context),
    dockerfile: join(workspace, target.dockerfile),
    stage: target.stage,
    args: target.buildArguments,
    contexts: target.buildContexts,
    labels: target.labels,
    annotations: setting.onlyLoads ? [] : assignments(target.annotations),
    secrets: secretMounts(options.secrets).mounts,
    cacheFrom: caches.from,
    cacheTo: caches.to,
    outputs: outputs(setting),
  }
}

/**
 * One build gives both outputs, so that what is tested and what is published are the same;
 * OCI media types in both make their manifests equal to the byte (measured with 28.5).
 */
function outputs({ load, onlyLoads, paths, options, builder, reproducible }: BuildSetting): readonly string[] {
  if (onlyLoads) return [csv({ type: 'docker', name: load })]
  const format = {
    'oci-mediatypes': 'true',
    compression: options.compression?.kind,
    'compression-level': options.compression?.level,
    'force-compression': options.compression && 'true',
    // The daemon's own BuildKit unpacks what it exports, and refuses to do both; there the times of the files are those of the build.
    'rewrite-timestamp': reproducible && builder.driver !== 'docker' ? 'true' : undefined,
  }
  return [
    ...(load === undefined ? [] : [csv({ type: 'docker', name: load, ...format })]),
    csv({ type: 'oci', tar: 'false', dest: paths.layout, ...format }),
  ]
}

/** The arguments of `docker buildx build` for one target. */
export function buildArguments(target: Target, setting: BuildSetting): readonly string[] {
  const { options } = setting
  const described = describe(target, setting)
  return [
    'buildx',
    'build',
    ...flag('--builder', setting.builder.name),
    ...flag('--platform', target.platform),
    ...flag('--file', described.dockerfile),
    ...flag('--target', described.stage),
    ...flag('--build-arg', assignments(described.args)),
    ...flag('--build-context', assignments(described.contexts)),
    ...flag('--label', assignments(described.labels)),
    ...flag('--annotation', described.annotations),
    ...flag('--secret', described.secrets),
    ...flag('--cache-from', described.cacheFrom),
    ...flag('--cache-to', described.cacheTo),
    ...flag('--no-cache', options.noCache),
    ...flag('--pull', options.pull),
    '--provenance=false',
    '--progress=rawjson',
    // A layout says itself what is in it.
    ...flag('--metadata-file', setting.onlyLoads && setting.paths.metadata),
    ...flag('--output', described.outputs),
    described.context,
  ]
}

/**
 * The definition that makes `docker buildx bake` do what `buildArguments` makes one build do, for each of these targets, by their name in it.
 * Source: buildx docs/bake-reference.md; the definition is HCL's JSON, which knows templates in every string (hcl json/spec.md).
 */
export function bakeDefinition(
  targets: ReadonlyMap<string, { readonly target: Target; readonly setting: BuildSetting }>,
): string {
  const entries = [...targets].map(([name, { target, setting }]) => {
    const { options } = setting
    const described = describe(target, setting)
    const definition = {
      context: described.context,
      dockerfile: described.dockerfile,
      target: described.stage,
      platforms: [target.platform],
      args: described.args,
      contexts: described.contexts,
      labels: described.labels,
      annotations: described.annotations,
      secret: described.secrets,
      'cache-from': described.cacheFrom,
      'cache-to': described.cacheTo,
      'no-cache': options.noCache,
      pull: options.pull,
      attest: ['type=provenance,disabled=true'],
      output: described.outputs,
    }
    return [name, definition] as const
  })
  return JSON.stringify({ target: literal(Object.fromEntries(entries)) })
}

/** The same value with no string that is a template, keys included. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[$%](?=\{)/g, (sign) => sign + sign)
  if (Array.isArray(value)) return value.map(literal)
  if (value instanceof Map) return literal(Object.fromEntries(value))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [literal(key), literal(one)]))
}
