import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../core/bytes.ts'
import { type Diagnostic, Failure } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
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
} from '../docker/disk.ts'
import { buildxCommand, type Engine, explainOldBuildx } from '../docker/engine.ts'
import { lostLayer, lostLayerRetries } from '../docker/images.ts'
import { namesIn } from '../dockerfile/dockerfile.ts'
import type { Target } from '../plan/plan.ts'
import { imagePart, targetFolder } from '../plan/target-names.ts'
import {
  type BuildPaths,
  type BuildxOptions,
  buildArguments,
  buildxEnvironment,
  passedToBuild,
} from './build-command.ts'
import type { BuilderRestart } from './builders/restart.ts'
import { readDigests } from './built-digests.ts'
import type { BuildCache } from './cache/state.ts'
import { type CacheFault, watchCache } from './cache/watch.ts'
import { type BuildFailure, explainFailure } from './explain-failure.ts'
import { createProgress, type Progress } from './progress.ts'
import { readStatus } from './rawjson.ts'
import type { BuildResult, DiskUse } from './result.ts'

/** The name of an image in the engine until its test is over. There is no such registry, so the image cannot be pushed by mistake. */
export const localName = (target: Target, runId: string): string =>
  `aicleaner-build.invalid/${imagePart(target.addon)}:${target.architecture}-${runId}`

interface BuildContext extends Omit<BuildxOptions, 'paths' | 'workspace' | 'cache'> {
  readonly cache: BuildCache
  readonly emulated: boolean
  readonly engine: Engine
  /** Undefined: this run must not stop the builder. */
  readonly restart?: BuilderRestart
}

type BuildOutcome = BuildResult & { readonly layout?: string }

interface Build {
  readonly target: Target
  readonly context: BuildContext
  readonly host: Host
  readonly show: (line: string) => void
  readonly paths: BuildPaths
  /** Folders on the disks that the build writes to. */
  readonly folders: readonly string[]
}

/**
 * Builds one target, logging through `show`. A build that fails is a result, not an error.
 * A cache that does not answer, or a layer that the image store removed too early, ends the attempt; the next one reuses all finished steps.
 * Throws a Failure (`environment`) only if docker cannot be started, or the disk is full before the build.
 */
export async function buildTarget(
  target: Target,
  context: BuildContext,
  host: Host,
  show: (line: string) => void,
): Promise<BuildOutcome> {
  const startedAt = host.clock.now()
  const folders = foldersOf(context.engine, host.temporary)
  const before = await freeSpace(folders)
  const full = tooFull(before, leastToBegin)
  if (full) throw new Failure('environment', [diskFull(full, 'beforehand')])
  const folder = targetFolder(host.temporary, target)
  await mkdir(folder, { recursive: true })
  const paths = { layout: join(folder, 'image'), metadata: join(folder, 'metadata.json') }
  const result = await attemptUntilDone({ target, context, host, show, paths, folders })
  const disks = diskUse(before, await freeSpace(folders))
  for (const { folder, freeBefore, freeAfter } of disks) {
    show(`disk: ${formatBytes(freeBefore)} free in ${folder} before the build, ${formatBytes(freeAfter)} after it`)
  }
  return { ...result, durationMs: host.clock.now() - startedAt, ...(result.status === 'built' && { disks }) }
}

async function attemptUntilDone(build: Build): Promise<BuildOutcome> {
  const { context, host, show } = build
  const { cache, restart } = context
  for (let retries = lostLayerRetries; ; ) {
    const hadRestarted = restart?.hasRun()
    const { result, stall } = await attempt(build)
    if (result.status !== 'failed' || host.signal.aborted) return result
    if (stall === undefined && hadRestarted === restart?.hasRun()) {
      if (retries === 0 || !lostLayer(result.reason)) return result
      retries -= 1
      show('The image store removed a layer while this build was using it. Building again, from the cache.')
      continue
    }
    if (stall) {
      cache.disable(stall)
      show(`The cache stalled (${stall.why}). Building without it.`)
    }
    if (stall?.work !== 'export') await restart?.run()
  }
}

/** `durationMs` of a result is for the caller to set. `stall`: the cache for which the attempt was ended. */
async function attempt(build: Build): Promise<{ readonly result: BuildOutcome; readonly stall?: CacheFault }> {
  const { target, context, host, show, paths } = build
  const progress = createProgress(target.dockerfile, (line) => show(host.log.redact(line)))
  const stalled = new AbortController()
  const plan = context.cache.plan()
  const watch = watchCache(plan, host.clock, () => stalled.abort())
  const filling = new AbortController()
  const over = new AbortController()
  void watchDisks(build.folders, host.clock, over.signal, (disk) => filling.abort(disk))
  const options: BuildxOptions = {
    ...context,
    cache: plan,
    paths,
    workspace: host.workspace,
    reproducible: host.environment.SOURCE_DATE_EPOCH !== undefined,
  }
  const exitCode = await host.processes.spawn(...buildxCommand(context.engine, buildArguments(target, options)), {
    signal: AbortSignal.any([host.signal, stalled.signal, filling.signal]),
    environment: buildxEnvironment(context.options.secrets),
    pass: passedToBuild(options),
    onLine(line, stream) {
      if (stream === 'stdout') return show(host.log.redact(line))
      const status = readStatus(line)
      if (!status) return progress.onPlainLine(line)
      watch.onStatus(status)
      progress.onStatus(status)
    },
  })
  watch.close()
  over.abort()
  const fault = watch.fault()
  if (exitCode === 0) {
    if (fault) context.cache.disable({ ...fault, why: host.log.redact(fault.why) })
    return { result: await built(build, progress) }
  }
  const full: Disk | undefined = filling.signal.aborted ? filling.signal.reason : undefined
  const result = await failed(build, progress, exitCode, full)
  return { result, ...(stalled.signal.aborted && fault && !full && { stall: fault }) }
}

async function built({ target, context, host, paths }: Build, progress: Progress): Promise<BuildOutcome> {
  return {
    status: 'built',
    durationMs: 0,
    emulated: context.emulated,
    ...(await readDigests(target, paths, context, host)),
    steps: progress.steps().slice(0, 20),
    cache: progress.cache(),
    warnings: progress.warnings().filter((warning) => !isSetByBuild(warning, target)),
    layout: paths.layout,
  }
}

/** @param full the disk for which the build was ended. */
async function failed(
  build: Build,
  progress: Progress,
  exitCode: number,
  full: Disk | undefined,
): Promise<BuildOutcome> {
  const { context, host } = build
  const { where } = progress.failure()
  const { reason, ...rest } = await explain(build, progress, exitCode, full)
  return {
    status: host.signal.aborted ? 'cancelled' : 'failed',
    durationMs: 0,
    emulated: context.emulated,
    reason: host.log.redact(reason),
    ...rest,
    ...(where && { where }),
    log: progress.tail().map(host.log.redact),
  }
}

async function explain(
  { context, host, folders }: Build,
  progress: Progress,
  exitCode: number,
  full: Disk | undefined,
): Promise<BuildFailure> {
  if (host.signal.aborted) return { reason: 'The run was cancelled.' }
  const { reason } = progress.failure()
  let diagnostic: Diagnostic | undefined
  if (full) diagnostic = diskFull(full, 'meanwhile')
  else if (isNoSpace(reason)) diagnostic = noSpaceLeft(reason, await freeSpace(folders))
  else if (!progress.hasStarted()) diagnostic = await explainOldBuildx(context.engine, host.processes)
  if (!diagnostic) return explainFailure(reason, exitCode)
  return { reason: diagnostic.message, remedy: diagnostic.remedy, environment: true }
}

const diskUse = (before: readonly Disk[], after: readonly Disk[]): readonly DiskUse[] =>
  before.flatMap(({ folder, totalBytes, freeBytes: freeBefore }) => {
    const found = after.find((disk) => disk.folder === folder)
    return found ? [{ folder, totalBytes, freeBefore, freeAfter: found.freeBytes }] : []
  })

/** BuildKit checks the Dockerfile alone, without the build arguments of this build, and warns of an argument that has no default. */
const isSetByBuild = ({ code, message }: Diagnostic, { buildArguments }: Target): boolean =>
  code === 'dockerfile/InvalidDefaultArgInFrom' &&
  [...buildArguments.keys()].some((name) => namesIn(message).includes(name))

/** The tested image in the engine, by a digest of the bytes that will be published: a containerd store has the manifest's, the classic one the config's. */
export const testedReference = (
  built: { readonly configDigest: Digest; readonly manifestDigest: Digest },
  engine: Engine,
): string => (engine.store === 'containerd' ? built.manifestDigest : built.configDigest)
