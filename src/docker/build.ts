import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Diagnostic, error, Failure } from '../diagnostics.ts'
import type { Host } from '../host.ts'
import type { Digest } from '../image/measure.ts'
import type { Options } from '../options.ts'
import type { Target } from '../plan/plan.ts'
import { openLayout } from '../registry/stored-image.ts'
import { formatBytes } from '../size/bytes.ts'
import { assignments, csv, flag } from './arguments.ts'
import { type BuildEnd, explainEnd } from './build-end.ts'
import type { Builder } from './builders/builder.ts'
import { type CachePlan, cacheArguments } from './cache.ts'
import type { BuildCache } from './cache-state.ts'
import { type CacheTrouble, watchCache } from './cache-watch.ts'
import {
  type Disk,
  diskFull,
  foldersOf,
  freeSpace,
  isNoSpace,
  leastToBegin,
  noSpaceLeft,
  tooFull,
  watchDisks,
} from './disk.ts'
import { buildxCommand, type Engine, explainOldBuildx } from './engine.ts'
import { createProgress } from './progress.ts'
import type { Restart } from './restart.ts'
import type { BuildResult, DiskUse } from './result.ts'
import { saveLayout } from './saved.ts'
import { secretArguments } from './secrets.ts'

/** Where the outputs of one build go. */
export interface BuildPaths {
  /** OCI layout: what is measured and published. */
  readonly layout: string
  readonly metadata: string
}

/** The name under which the engine holds an image until its test is over. No registry answers to it, so nothing can push it by mistake. */
export const localName = (target: Target, runId: string): string =>
  `aicleaner-build.invalid/${target.addon.toLowerCase()}:${target.architecture}-${runId}`

type BuildOptions = Pick<Options, 'cacheMode' | 'noCache' | 'pull' | 'secrets' | 'compression'>

/** How a build is to be run, besides what the target says. */
export interface BuildSetting {
  readonly builder: Omit<Builder, 'nodes'>
  readonly cache: CachePlan
  readonly options: BuildOptions
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

/**
 * The arguments of `docker buildx build` for one target. One call gives both outputs, so that what is tested and what is published are the same build;
 * OCI media types in both make their manifests equal to the byte (measured with 28.5).
 */
export function buildArguments(target: Target, setting: BuildSetting): readonly string[] {
  const { options, paths, workspace } = setting
  const format = {
    'oci-mediatypes': 'true',
    compression: options.compression?.kind,
    'compression-level': options.compression?.level,
    'force-compression': options.compression && 'true',
    // The daemon's own BuildKit unpacks what it exports, and refuses to do both; there the times of the files are those of the build.
    'rewrite-timestamp': setting.reproducible && setting.builder.driver !== 'docker' ? 'true' : undefined,
  }
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
    ...secretArguments(options.secrets).args,
    ...cacheArguments(target, setting.cache, options.cacheMode),
    ...flag('--no-cache', options.noCache),
    ...flag('--pull', options.pull),
    '--provenance=false',
    '--progress=rawjson',
    ...flag('--metadata-file', paths.metadata),
    ...outputs(setting, format),
    join(workspace, target.context),
  ]
}

function outputs(
  { load, onlyLoads, paths }: BuildSetting,
  format: Readonly<Record<string, string | number | undefined>>,
) {
  if (onlyLoads) return flag('--output', csv({ type: 'docker', name: load }))
  return [
    ...flag('--output', load && csv({ type: 'docker', name: load, ...format })),
    ...flag('--output', csv({ type: 'oci', tar: 'false', dest: paths.layout, ...format })),
  ]
}

/** How one target is built in a run. */
export interface Building extends Omit<BuildSetting, 'paths' | 'workspace' | 'cache'> {
  readonly cache: BuildCache
  readonly emulated: boolean
  readonly engine: Engine
  /** Undefined: the builder is not ours to stop. */
  readonly restart?: Restart
}

type Built = BuildResult & { readonly layout?: string }

/**
 * Builds one target. A build that fails is a result, not an error; its log has been shown through `show`.
 * A cache that does not answer ends the attempt, not the build: the next one does without it, and finds all steps done.
 * Failures (kind `environment`) are thrown only where docker itself cannot be started, or where there is no room to begin.
 */
export async function buildTarget(
  target: Target,
  setting: Building,
  host: Host,
  show: (line: string) => void,
): Promise<Built> {
  const began = host.clock.now()
  const folders = foldersOf(setting.engine, host.temporary)
  const before = await freeSpace(folders)
  const full = tooFull(before, leastToBegin)
  if (full) throw new Failure('environment', [diskFull(full, 'beforehand')])
  for (;;) {
    const restarted = setting.restart?.asked()
    const { result, silence } = await attempt(target, setting, folders, host, show)
    const spoilt = silence !== undefined || restarted !== setting.restart?.asked()
    if (!spoilt || result.status !== 'failed' || host.signal.aborted) {
      const disks = diskUse(before, await freeSpace(folders))
      for (const { folder, freeBefore, freeAfter } of disks)
        show(
          `disk: ${formatBytes(freeBefore)} free where ${folder} is before the build, ${formatBytes(freeAfter)} after it`,
        )
      return { ...result, durationMs: host.clock.now() - began, ...(result.status === 'built' && { disks }) }
    }
    if (silence) {
      setting.cache.giveUp(silence)
      show(`The cache gave ${silence.why}: going on without it.`)
    }
    if (silence?.work !== 'export') await setting.restart?.run()
  }
}

async function attempt(
  target: Target,
  setting: Building,
  folders: readonly string[],
  host: Host,
  show: (line: string) => void,
): Promise<{ readonly result: Built; readonly silence?: CacheTrouble }> {
  const began = host.clock.now()
  const folder = join(host.temporary, target.addon, target.architecture)
  await mkdir(folder, { recursive: true })
  const paths = { layout: join(folder, 'image'), metadata: join(folder, 'metadata.json') }
  const progress = createProgress(target.dockerfile, (line) => show(host.log.redact(line)))
  const stalled = new AbortController()
  const watch = watchCache(host.clock, (trouble) => stalled.abort(trouble))
  const filling = new AbortController()
  const over = new AbortController()
  void watchDisks(folders, host.clock, over.signal, (disk) => filling.abort(disk))
  const args = buildArguments(target, {
    ...setting,
    cache: setting.cache.plan(),
    paths,
    workspace: host.workspace,
    reproducible: host.environment.SOURCE_DATE_EPOCH !== undefined,
  })
  const exitCode = await host.processes.follow(...buildxCommand(setting.engine, args), {
    signal: AbortSignal.any([host.signal, stalled.signal, filling.signal]),
    environment: {
      ...secretArguments(setting.options.secrets).environment,
      BUILDX_METADATA_WARNINGS: '0',
      // What git knows is for provenance, which is made by a later call; here buildx would wait for it.
      BUILDX_GIT_INFO: 'false',
      BUILDX_METADATA_PROVENANCE: 'disabled',
    },
    onLine(line, stream) {
      if (stream === 'stdout') return show(host.log.redact(line))
      watch.feed(line)
      progress.feed(line)
    },
  })
  watch.close()
  over.abort()
  const trouble = watch.trouble()
  const durationMs = host.clock.now() - began
  if (exitCode !== 0) {
    const { reason: said, where } = progress.failure()
    const full = filling.signal.aborted ? (filling.signal.reason as Disk) : undefined
    const { reason, ...end } = host.signal.aborted
      ? { reason: 'The run was cancelled.' }
      : await endOf(
          said,
          exitCode,
          full,
          folders,
          progress.begun() ? undefined : () => explainOldBuildx(setting.engine, host.processes),
        )
    const result = {
      status: host.signal.aborted ? 'cancelled' : 'failed',
      durationMs,
      emulated: setting.emulated,
      reason: host.log.redact(reason),
      ...end,
      ...(where && { where }),
      log: progress.tail().map(host.log.redact),
    } as const
    return { result, ...(stalled.signal.aborted && trouble && !full && { silence: trouble }) }
  }
  if (trouble) setting.cache.giveUp({ ...trouble, why: host.log.redact(trouble.why) })
  const digests = await digestsOf(target, paths, setting, host)
  return {
    result: {
      status: 'built',
      durationMs,
      emulated: setting.emulated,
      ...digests,
      steps: progress.steps().slice(0, 20),
      cache: progress.cache(),
      warnings: progress.warnings().filter((warning) => !isAnswered(warning, target)),
      layout: paths.layout,
    },
  }
}

/** Why a build ended that nobody cancelled. `full`: the disk for which it was ended. `explainAge`: of buildx, where that may be why. */
async function endOf(
  said: string,
  exitCode: number,
  full: Disk | undefined,
  folders: readonly string[],
  explainAge: (() => Promise<Diagnostic | undefined>) | undefined,
): Promise<BuildEnd> {
  const diagnostic = full
    ? diskFull(full, 'meanwhile')
    : isNoSpace(said)
      ? noSpaceLeft(said, await freeSpace(folders))
      : await explainAge?.()
  if (!diagnostic) return explainEnd(said, exitCode)
  return { reason: diagnostic.message, remedy: diagnostic.remedy, environment: true }
}

const diskUse = (before: readonly Disk[], after: readonly Disk[]): readonly DiskUse[] =>
  before.flatMap(({ folder, totalBytes, freeBytes: freeBefore }) => {
    const found = after.find((disk) => disk.folder === folder)
    return found ? [{ folder, totalBytes, freeBefore, freeAfter: found.freeBytes }] : []
  })

/** BuildKit checks the Dockerfile alone and misses the default of an argument that this build gives. */
const isAnswered = ({ code, message }: Diagnostic, { buildArguments }: Target): boolean =>
  code === 'dockerfile/InvalidDefaultArgInFrom' &&
  [...buildArguments.keys()].some((name) => new RegExp(`\\$\\{?${name}\\b`).test(message))

/** Where the builder could only load, the layout is written now, and its manifest is ours. */
async function digestsOf(target: Target, paths: BuildPaths, { onlyLoads, options }: Building, host: Host) {
  const digests = await readDigests(paths)
  if (!onlyLoads) return digests
  const { configDigest } = digests
  const { annotations } = target
  const { compression } = options
  const setting = { configDigest, annotations, ...(compression && { compression }) }
  return { configDigest, manifestDigest: await saveLayout(paths.layout, setting, host) }
}

async function readDigests({
  metadata: file,
  layout,
}: BuildPaths): Promise<{ readonly configDigest: Digest; readonly manifestDigest: Digest }> {
  const metadata = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>
  const manifestDigest = metadata['containerimage.digest']
  // A builder that is not the engine's own and loads into a containerd store leaves it out (measured with buildx 0.29 and BuildKit 0.32).
  const configDigest =
    metadata['containerimage.config.digest'] ??
    (typeof manifestDigest === 'string' ? (await openLayout(layout, manifestDigest)).configDigest : undefined)
  if (typeof configDigest !== 'string' || typeof manifestDigest !== 'string') {
    throw new Failure('environment', [
      error(
        'environment/no-digest',
        'buildx did not say which image it built.',
        'Update buildx and BuildKit, or remove what makes this builder attach attestations by itself.',
      ),
    ])
  }
  return { configDigest, manifestDigest }
}

/**
 * The reference by which the engine must know the tested image. It is a digest of the very bytes that will be published,
 * so that starting it proves that the two are the same: a containerd store names an image by its manifest, the classic one by its config.
 */
export const testedReference = (
  built: { readonly configDigest: Digest; readonly manifestDigest: Digest },
  engine: Engine,
): string => (engine.store === 'containerd' ? built.manifestDigest : built.configDigest)
