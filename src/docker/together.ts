import { access, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '../host.ts'
import type { Target } from '../plan/plan.ts'
import { type BuildSetting, bakeDefinition, buildxEnvironment } from './build-command.ts'
import type { BuildCache } from './cache-state.ts'
import { watchCache } from './cache-watch.ts'
import { buildxCommand, type Engine } from './engine.ts'
import { createProgress, type Progress } from './progress.ts'
import { isExecuting, readStatus, separateTargets } from './rawjson.ts'

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

interface Request {
  readonly target: Target
  readonly setting: BuildSetting
  readonly cache: BuildCache
  readonly show: (line: string) => void
}

/**
 * Builds several targets by one process, as long as they all come from the builder's cache: starting a buildx for each costs a cached run
 * a quarter of its time (measured with 0.29 on two processors).
 * As soon as a step has to be executed the common build is ended, and each target goes on by itself, since a bake that fails in one target
 * takes down the others, wherever they are. By then nothing has been done that would have to be done again.
 */
export function openTogether(count: number, engine: Engine, host: Host): readonly Seat[] {
  const requests = new Map<string, Request>()
  let missing = count
  let begin = (): void => {}
  const complete = new Promise<void>((resolve) => {
    begin = resolve
  })
  const baked = complete.then(() => (requests.size > 1 ? bake(requests, engine, host) : new Map<string, Progress>()))
  return Array.from({ length: count }, (_, index) => {
    const name = `t${index}`
    let arrived = false
    const arrive = (): void => {
      if (arrived) return
      arrived = true
      missing -= 1
      if (missing === 0) begin()
    }
    return {
      async build(target, setting, cache, show) {
        if (canBake(target, setting)) requests.set(name, { target, setting, cache, show })
        arrive()
        return (await baked).get(name)
      },
      leave: arrive,
    }
  })
}

/** In a bake file `target:` names another target of that file. */
const canBake = ({ buildContexts }: Target, { onlyLoads, options }: BuildSetting): boolean =>
  !onlyLoads && !options.noCache && ![...buildContexts.values()].some((context) => context.startsWith('target:'))

/** By name, those that are built. */
async function bake(
  requests: ReadonlyMap<string, Request>,
  engine: Engine,
  host: Host,
): Promise<ReadonlyMap<string, Progress>> {
  const [{ setting, cache }] = [...requests.values()] as [Request]
  const file = join(host.temporary, 'bake.json')
  await writeFile(file, bakeDefinition(requests))
  const lines = new Map([...requests.keys()].map((name) => [name, [] as string[]]))
  const progresses = new Map(
    [...requests].map(([name, { target }]) => [
      name,
      createProgress(target.dockerfile, (line) => lines.get(name)?.push(host.log.redact(line))),
    ]),
  )
  const ended = new AbortController()
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
    onLine(line, stream) {
      const status = stream === 'stderr' ? readStatus(line) : undefined
      if (!status || ended.signal.aborted) return
      for (const [name, part] of separate(status)) {
        watch.feed(part)
        progresses.get(name)?.feed(part)
        if (part.vertexes?.some(isExecuting)) ended.abort()
      }
    },
  })
  watch.close()
  const trouble = watch.trouble()
  if (trouble) cache.giveUp({ ...trouble, why: host.log.redact(trouble.why) })
  const built = new Map<string, Progress>()
  for (const [name, progress] of progresses) {
    const request = requests.get(name)
    if (!request) continue
    if (exitCode !== 0 && !(await isComplete(request.setting.paths.layout))) {
      await rm(request.setting.paths.layout, { recursive: true, force: true })
      continue
    }
    for (const line of lines.get(name) ?? []) request.show(line)
    built.set(name, progress)
  }
  return built
}

/** Its index is the last that is written of a layout, when the builder has done all that it was asked. Source: BuildKit client/solve.go. */
const isComplete = (layout: string): Promise<boolean> =>
  access(join(layout, 'index.json')).then(
    () => true,
    () => false,
  )
