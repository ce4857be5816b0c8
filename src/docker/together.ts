import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Host } from '../host.ts'
import type { Target } from '../plan/plan.ts'
import { type BuildSetting, bakeDefinition, buildxEnvironment, passedToBuild } from './build-command.ts'
import type { BuildCache } from './cache-state.ts'
import { watchCache } from './cache-watch.ts'
import { buildxCommand, type Engine } from './engine.ts'
import { createProgress, type Progress } from './progress.ts'
import { isExecuting, readStatus, separateTargets, type Vertex } from './rawjson.ts'

/** The place of one target among those that are built together. */
export interface Seat {
  /** How the common build of this target went. Undefined: nothing came of it, and the target is to be built on its own. */
  build(
    target: Target,
    setting: BuildSetting,
    cache: BuildCache,
    show: (line: string) => void,
  ): Promise<Progress | undefined>
  /** It does not come (any more). Nobody waits for it then. */
  leave(): void
}

export interface Together {
  readonly seats: readonly Seat[]
  /** No process of it is left. To be waited for once everyone has come or left. */
  ended(): Promise<void>
}

type BakeHost = Pick<Host, 'processes' | 'clock' | 'log' | 'temporary' | 'signal'>

interface Request {
  readonly target: Target
  readonly setting: BuildSetting
  readonly cache: BuildCache
  readonly show: (line: string) => void
}

/**
 * Builds several targets by one process, as long as they all come from the builder's cache: starting a buildx for each costs a cached run
 * a quarter of its time (measured with 0.29 on two processors). For where that is to be expected, see `recallCached`: as soon as a step has to be
 * executed the common build is ended, and each target goes on by itself, since a bake that fails in one target takes down the others, wherever they are.
 * What has been done by then is in the cache, but was asked for twice.
 */
export function openTogether(count: number, engine: Pick<Engine, 'buildxProgram'>, host: BakeHost): Together {
  const requests = new Map<string, Request>()
  const complete = Promise.withResolvers<void>()
  let missing = count
  if (missing === 0) complete.resolve()
  const early = new Map<string, PromiseWithResolvers<Progress>>()
  const baked = complete.promise.then(() =>
    requests.size > 1
      ? bake(requests, engine, host, (name, progress) => early.get(name)?.resolve(progress))
      : new Map<string, Progress>(),
  )
  const seats = Array.from({ length: count }, (_, index) => {
    const name = `t${index}`
    let arrived = false
    const arrive = (): void => {
      if (arrived) return
      arrived = true
      missing -= 1
      if (missing === 0) complete.resolve()
    }
    return {
      async build(target: Target, setting: BuildSetting, cache: BuildCache, show: (line: string) => void) {
        const written = Promise.withResolvers<Progress>()
        early.set(name, written)
        if (canBake(target, setting)) requests.set(name, { target, setting, cache, show })
        arrive()
        return Promise.race([written.promise, baked.then((built) => built.get(name))])
      },
      leave: arrive,
    }
  })
  const over = baked.then(
    () => {},
    () => {},
  )
  return { seats, ended: () => over }
}

/** In a bake file `target:` names another target of that file. */
const canBake = ({ buildContexts }: Target, { onlyLoads, options }: BuildSetting): boolean =>
  !onlyLoads && !options.noCache && ![...buildContexts.values()].some((context) => context.startsWith('target:'))

/**
 * By name, those that are built.
 * @param onBuilt is called for each as soon as it is, and before this resolves: buildx takes a while to end.
 */
async function bake(
  requests: ReadonlyMap<string, Request>,
  engine: Pick<Engine, 'buildxProgram'>,
  host: BakeHost,
  onBuilt: (name: string, progress: Progress) => void,
): Promise<ReadonlyMap<string, Progress>> {
  const [{ setting, cache }] = [...requests.values()] as [Request]
  const file = join(host.temporary, 'bake.json')
  await writeFile(file, bakeDefinition(requests))
  const parts = new Map([...requests].map(([name, request]) => [name, openPart(request, host)]))
  const built = new Map<string, Progress>()
  const take = (name: string): void => {
    const part = parts.get(name)
    if (!part || built.has(name)) return
    built.set(name, part.progress)
    for (const line of part.lines) requests.get(name)?.show(line)
    onBuilt(name, part.progress)
  }
  const ended = new AbortController()
  const over = new AbortController()
  const wait = (name: string): void => {
    const one = requests.get(name)?.setting
    if (one && tellsByLayout(one)) void waitForLayout(one.paths.layout, host.clock, over.signal, () => take(name))
  }
  const watch = watchCache(host.clock, () => ended.abort())
  const separate = separateTargets()
  const args = ['buildx', 'bake', '--builder', setting.builder.name, '--file', file, '--progress=rawjson']
  const exitCode = await host.processes.follow(...buildxCommand(engine, [...args, ...requests.keys()]), {
    signal: AbortSignal.any([host.signal, ended.signal]),
    environment: {
      ...buildxEnvironment(setting.options.secrets),
      // Which files a build may read is settled in the plan, as for any other build.
      BUILDX_BAKE_ENTITLEMENTS_FS: '0',
    },
    pass: passedToBuild(setting),
    onLine(line, stream) {
      const status = stream === 'stderr' ? readStatus(line) : undefined
      if (!status || ended.signal.aborted) return
      for (const [name, of] of separate(status)) {
        watch.feed(of)
        parts.get(name)?.progress.feed(of)
        if (of.vertexes?.some(isExecuting)) ended.abort()
        if (of.vertexes?.some(isExported)) wait(name)
      }
    },
  })
  watch.close()
  over.abort()
  const trouble = watch.trouble()
  if (trouble) cache.giveUp({ ...trouble, why: host.log.redact(trouble.why) })
  for (const [name, request] of requests) {
    const { layout } = request.setting.paths
    if (exitCode === 0 || (tellsByLayout(request.setting) && (await isWritten(layout)))) take(name)
    else await rm(layout, { recursive: true, force: true })
  }
  return built
}

/** What is said of one target, kept until it is known whether it counts. */
function openPart(
  { target }: Request,
  { log }: BakeHost,
): { readonly progress: Progress; readonly lines: readonly string[] } {
  const lines: string[] = []
  return { progress: createProgress(target.dockerfile, (line) => lines.push(log.redact(line))), lines }
}

const isExported = ({ name, completed }: Vertex): boolean =>
  completed !== undefined && name.startsWith('exporting to oci image format')

const lookAgainMs = 5

/** Calls back when it is there, and not at all once all is over. */
async function waitForLayout(layout: string, clock: Clock, over: AbortSignal, then: () => void): Promise<void> {
  while (!over.aborted) {
    if (await isWritten(layout)) return then()
    await clock.sleep(lookAgainMs, over)
  }
}

/** An image that buildx carries into the engine may be on its way when its layout is whole; one that the engine builds for itself is there. */
const tellsByLayout = ({ load, builder }: BuildSetting): boolean => load === undefined || builder.driver === 'docker'

/** The index is the last that is written of a layout, when the builder has done all that it was asked. Source: BuildKit client/solve.go. */
async function isWritten(layout: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
    return true
  } catch {
    return false
  }
}
