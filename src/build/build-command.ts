import { join } from 'node:path'
import { assignments, csv, flag } from '../docker/arguments.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { actionsCacheVariables } from '../platform/child-environment.ts'
import type { Builder } from './builders/builder.ts'
import { type CachePlan, cachesOf } from './cache/cache.ts'
import { secretMounts } from './secrets.ts'

/** Where buildx writes the outputs of one build. */
export interface BuildPaths {
  /** Folder of the OCI layout, which is measured and published. */
  readonly layout: string
  readonly metadata: string
}

/** How a target is built. */
export interface BuildxOptions {
  readonly builder: Omit<Builder, 'nodes'>
  readonly cache: CachePlan
  readonly options: Pick<Options, 'cacheMode' | 'noCache' | 'pull' | 'secrets' | 'compression'>
  /** The image's name in the engine; undefined: it is not loaded into the engine, because it is not tested. */
  readonly load?: string
  /** The builder can only load the image into the engine; the layout is made from the loaded image afterwards. */
  readonly lacksOciExport: boolean
  readonly paths: BuildPaths
  /** `SOURCE_DATE_EPOCH` is set: all file times become that time, so that the same inputs give the same digests. */
  readonly reproducible?: boolean
  /** Absolute. */
  readonly workspace: string
}

/** Variables for buildx. */
export const buildxEnvironment = (secrets: BuildxOptions['options']['secrets']): Readonly<Record<string, string>> => ({
  ...secretMounts(secrets).environment,
  BUILDX_METADATA_WARNINGS: '0',
  BUILDX_METADATA_PROVENANCE: 'disabled',
  // Git's information is for provenance, which a later call adds. Here buildx would only wait for git.
  BUILDX_GIT_INFO: 'false',
})

/** Names of variables of this step that a build gets: those of the Actions cache if it uses it, and those that `secrets` names. */
export const passedToBuild = ({ cache, options }: Pick<BuildxOptions, 'cache' | 'options'>): readonly string[] => [
  ...(cache.kinds.some(({ kind }) => kind === 'gha') ? actionsCacheVariables : []),
  ...options.secrets.flatMap((secret) => ('environment' in secret ? [secret.environment] : [])),
]

/** One build writes both outputs, and OCI media types in both make their manifests identical (measured with 28.5). */
function outputs({ load, lacksOciExport, paths, options, builder, reproducible }: BuildxOptions): readonly string[] {
  if (lacksOciExport) return [csv({ type: 'docker', name: load })]
  const format = {
    'oci-mediatypes': 'true',
    compression: options.compression?.kind,
    'compression-level': options.compression?.level,
    'force-compression': options.compression && 'true',
    // The daemon's own BuildKit unpacks the image and cannot rewrite times as well; there the times of the files are those of the build.
    'rewrite-timestamp': reproducible && builder.driver !== 'docker' ? 'true' : undefined,
  }
  return [
    ...(load === undefined ? [] : [csv({ type: 'docker', name: load, ...format })]),
    csv({ type: 'oci', tar: 'false', dest: paths.layout, ...format }),
  ]
}

/** The arguments of `docker buildx build` for one target. */
export function buildArguments(target: Target, buildx: BuildxOptions): readonly string[] {
  const { options, workspace } = buildx
  const caches = cachesOf(target, buildx.cache, options.cacheMode)
  return [
    'buildx',
    'build',
    ...flag('--builder', buildx.builder.name),
    ...flag('--platform', target.platform),
    ...flag('--file', join(workspace, target.dockerfile)),
    ...flag('--target', target.stage),
    ...flag('--build-arg', assignments(target.buildArguments)),
    ...flag('--build-context', assignments(target.buildContexts)),
    ...flag('--label', assignments(target.labels)),
    ...flag('--annotation', buildx.lacksOciExport ? [] : assignments(target.annotations)),
    ...flag('--secret', secretMounts(options.secrets).mounts),
    ...flag('--cache-from', caches.from),
    ...flag('--cache-to', caches.to),
    ...flag('--no-cache', options.noCache),
    ...flag('--pull', options.pull),
    '--provenance=false',
    '--progress=rawjson',
    // Only without an OCI layout, which has everything that the metadata file would have.
    ...flag('--metadata-file', buildx.lacksOciExport && buildx.paths.metadata),
    ...flag('--output', outputs(buildx)),
    join(workspace, target.context),
  ]
}
