import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn } from '../dockerfile/dockerfile.ts'
import { type Diagnostic, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { Digest } from '../core/digest.ts'
import type { Target } from '../plan/plan.ts'
import { imagePart, targetFolder } from '../plan/target-names.ts'
import { formatBytes } from '../core/bytes.ts'
import {
  type BuildPaths,
  type BuildxOptions,
  buildArguments,
  buildxEnvironment,
  passedToBuild,
} from './build-command.ts'
import { type BuildFailure, explainFailure } from './explain-failure.ts'
import { readDigests } from './built-digests.ts'
import type { BuildCache } from './cache/state.ts'
import { type CacheFault, watchCache } from './cache/watch.ts'
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
import { createProgress, type Progress } from './progress.ts'
import { readStatus } from './rawjson.ts'
import type { Restart } from './restart.ts'
import type { BuildResult, DiskUse } from './result.ts'
import { lostSnapshot, snapshotRetries } from '../docker/snapshots.ts'

/** The name under which the engine holds an image until its test is over. No registry answers to it, so nothing can push it by mistake. */
export const localName = (target: Target, runId: string): string =>
  `aicleaner-build.invalid/${imagePart(target.addon)}:${target.architecture}-${runId}`

/** How one target is built in a run. */
export interface BuildContext extends Omit<BuildxOptions, 'paths' | 'workspace' | 'cache'> {
  readonly cache: BuildCache
  readonly emulated: boolean
  readonly engine: Engine
  /** Undefined: the builder is not ours to stop. */
  readonly restart?: Restart
}

type BuildOutcome = BuildResult & { readonly layout?: string }

/**
 * Builds one target. A build that fails is a result, not an error; its log has been shown through `show`.
 * A cache that does not answer ends the attempt, not the build: the next one does without it, and finds all steps done. The same is true of a layer
 * that the image store removed too early.
 * Failures (kind `environment`) are thrown only where docker itself cannot be started, or where there is no room to begin.
 */
export async function buildTarget(
  target: Target,
  setting: BuildContext,
  host: Host,
  show: (line: string) => void,
): Promise<BuildOutcome> {
  const began = host.clock.now()
  const folders = foldersOf(setting.engine, host.temporary)
  const before = await freeSpace(folders)
  const full = tooFull(before, leastToBegin)
  if (full) throw new Failure('environment', [diskFull(full, 'beforehand')])
  const folder = targetFolder(host.temporary, target)
  await mkdir(folder, { recursive: true })
  const paths = { layout: join(folder, 'image'), metadata: join(folder, 'metadata.json') }
  const end = async (result: BuildOutcome): Promise<BuildOutcome> => {
    const disks = diskUse(before, await freeSpace(folders))
    for (const { folder, freeBefore, freeAfter } of disks)
      show(
        `disk: ${formatBytes(freeBefore)} free where ${folder} is before the build, ${formatBytes(freeAfter)} after it`,
      )
    return { ...result, durationMs: host.clock.now() - began, ...(result.status === 'built' && { disks }) }
  }
  for (let retries = snapshotRetries; ; ) {
    const restarted = setting.restart?.asked()
    const { result, silence } = await attempt(target, setting, paths, folders, host, show)
    if (result.status !== 'failed' || host.signal.aborted) return end(result)
    const spoilt = silence !== undefined || restarted !== setting.restart?.asked()
    if (!spoilt) {
      if (retries === 0 || !lostSnapshot(result.reason)) return end(result)
      retries -= 1
      show('The image store removed a layer while this build was using it: building once more, from the cache.')
      continue
    }
    if (silence) {
      setting.cache.disable(silence)
      show(`The cache gave ${silence.why}: going on without it.`)
    }
    if (silence?.work !== 'export') await setting.restart?.run()
  }
}

const commandSetting = (setting: BuildContext, paths: BuildPaths, host: Host): BuildxOptions => ({
  ...setting,
  cache: setting.cache.plan(),
  paths,
  workspace: host.workspace,
  reproducible: host.environment.SOURCE_DATE_EPOCH !== undefined,
})

async function attempt(
  target: Target,
  setting: BuildContext,
  paths: BuildPaths,
  folders: readonly string[],
  host: Host,
  show: (line: string) => void,
): Promise<{ readonly result: BuildOutcome; readonly silence?: CacheFault }> {
  const began = host.clock.now()
  const progress = createProgress(target.dockerfile, (line) => show(host.log.redact(line)))
  const stalled = new AbortController()
  const watch = watchCache(host.clock, (trouble) => stalled.abort(trouble))
  const filling = new AbortController()
  const over = new AbortController()
  void watchDisks(folders, host.clock, over.signal, (disk) => filling.abort(disk))
  const command = commandSetting(setting, paths, host)
  const args = buildArguments(target, command)
  const exitCode = await host.processes.spawn(...buildxCommand(setting.engine, args), {
    signal: AbortSignal.any([host.signal, stalled.signal, filling.signal]),
    environment: buildxEnvironment(setting.options.secrets),
    pass: passedToBuild(command),
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
  const trouble = watch.fault()
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
          progress.hasStarted() ? undefined : () => explainOldBuildx(setting.engine, host.processes),
        )
    const result = {
      status: host.signal.aborted ? 'cancelled' : 'failed',
      durationMs: host.clock.now() - began,
      emulated: setting.emulated,
      reason: host.log.redact(reason),
      ...end,
      ...(where && { where }),
      log: progress.tail().map(host.log.redact),
    } as const
    return { result, ...(stalled.signal.aborted && trouble && !full && { silence: trouble }) }
  }
  if (trouble) setting.cache.disable({ ...trouble, why: host.log.redact(trouble.why) })
  return { result: await built(target, setting, paths, host, progress) }
}

/** `durationMs` is for who knows when it began. */
async function built(
  target: Target,
  setting: BuildContext,
  paths: BuildPaths,
  host: Host,
  progress: Progress,
): Promise<BuildOutcome> {
  return {
    status: 'built',
    durationMs: 0,
    emulated: setting.emulated,
    ...(await readDigests(target, paths, setting, host)),
    steps: progress.steps().slice(0, 20),
    cache: progress.cache(),
    warnings: progress.warnings().filter((warning) => !isAnswered(warning, target)),
    layout: paths.layout,
  }
}

/** Why a build ended that nobody cancelled. `full`: the disk for which it was ended. `explainAge`: of buildx, where that may be why. */
async function endOf(
  said: string,
  exitCode: number,
  full: Disk | undefined,
  folders: readonly string[],
  explainAge: (() => Promise<Diagnostic | undefined>) | undefined,
): Promise<BuildFailure> {
  const diagnostic = full
    ? diskFull(full, 'meanwhile')
    : isNoSpace(said)
      ? noSpaceLeft(said, await freeSpace(folders))
      : await explainAge?.()
  if (!diagnostic) return explainFailure(said, exitCode)
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
  [...buildArguments.keys()].some((name) => namesIn(message).includes(name))

/**
 * The reference by which the engine must know the tested image. It is a digest of the very bytes that will be published,
 * so that starting it proves that the two are the same: a containerd store names an image by its manifest, the classic one by its config.
 */
export const testedReference = (
  built: { readonly configDigest: Digest; readonly manifestDigest: Digest },
  engine: Engine,
): string => (engine.store === 'containerd' ? built.manifestDigest : built.configDigest)
