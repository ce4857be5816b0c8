import { join } from 'node:path'
import { actionsCacheVariables } from '../platform/child-environment.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { assignments, csv, flag } from '../docker/arguments.ts'
import type { Builder } from './builders/builder.ts'
import { type CachePlan, cachesOf } from './cache/cache.ts'
import { secretMounts } from './secrets.ts'

/** Where the outputs of one build go. */
export interface BuildPaths {
  /** OCI layout: what is measured and published. */
  readonly layout: string
  readonly metadata: string
}

/** How a build is to be run, besides what the target says. */
export interface BuildxOptions {
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
export const buildxEnvironment = (secrets: BuildxOptions['options']['secrets']): Readonly<Record<string, string>> => ({
  ...secretMounts(secrets).environment,
  BUILDX_METADATA_WARNINGS: '0',
  BUILDX_METADATA_PROVENANCE: 'disabled',
  // What git knows is for provenance, which is made by a later call; here buildx would wait for it.
  BUILDX_GIT_INFO: 'false',
})

/** Variables of the step that a build gets besides: those of the Actions cache where it uses that, and those that `secrets` names. */
export const passedToBuild = ({ cache, options }: Pick<BuildxOptions, 'cache' | 'options'>): readonly string[] => [
  ...(cache.kinds.some(({ kind }) => kind === 'gha') ? actionsCacheVariables : []),
  ...options.secrets.flatMap((secret) => ('environment' in secret ? [secret.environment] : [])),
]

/**
 * One build gives both outputs, so that what is tested and what is published are the same;
 * OCI media types in both make their manifests equal to the byte (measured with 28.5).
 */
function outputs({ load, onlyLoads, paths, options, builder, reproducible }: BuildxOptions): readonly string[] {
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
export function buildArguments(target: Target, setting: BuildxOptions): readonly string[] {
  const { options, workspace } = setting
  const caches = cachesOf(target, setting.cache, options.cacheMode)
  return [
    'buildx',
    'build',
    ...flag('--builder', setting.builder.name),
    ...flag('--platform', target.platform),
    ...flag('--file', join(workspace, target.dockerfile)),
    ...flag('--target', target.stage),
    ...flag('--build-arg', assignments(target.buildArguments)),
    ...flag('--build-context', assignments(target.buildContexts)),
    ...flag('--label', assignments(target.labels)),
    ...flag('--annotation', setting.onlyLoads ? [] : assignments(target.annotations)),
    ...flag('--secret', secretMounts(options.secrets).mounts),
    ...flag('--cache-from', caches.from),
    ...flag('--cache-to', caches.to),
    ...flag('--no-cache', options.noCache),
    ...flag('--pull', options.pull),
    '--provenance=false',
    '--progress=rawjson',
    // The metadata of a build that writes a layout says nothing that the layout does not say.
    ...flag('--metadata-file', setting.onlyLoads && setting.paths.metadata),
    ...flag('--output', outputs(setting)),
    join(workspace, target.context),
  ]
}
