import type { Host } from '../../core/host.ts'
import type { Probe } from '../result.ts'
import { type ContainerInspector, openContainerInspector } from './inspector.ts'
import type { ContainerOutput } from './output.ts'
import type { ContainerState } from './state.ts'

/** One container under observation, from before its start until `stop`. */
export interface ContainerObserver {
  readonly id: string
  /** Requests the state from the daemon; undefined if the container is gone. */
  inspect(): Promise<ContainerState | undefined>
  readonly inspector: ContainerInspector
  /** Resolves when the state may have changed: an event, a call of `notify`, or `ms` have passed. */
  waitForChange(ms: number): Promise<void>
  notify(): void
  /** Follows the log from its first line. Call it after the start. */
  followLog(output: ContainerOutput): void
  /** Waits at most `ms` until the whole log of an ended container is read; after that it reads only the end of the log. */
  readLogToEnd(ms: number): Promise<void>
  /** Every probe of HEALTHCHECK so far: the daemon keeps only five. */
  readonly probes: readonly Probe[]
  /** The kernel killed one of its processes because it was out of memory. */
  readonly outOfMemory: boolean
  stop(): Promise<void>
}

/**
 * Subscribes to the events of a container that is created but not started. With `--since` its creation, by the daemon's clock, the daemon also
 * sends the events from before the subscription.
 */
export async function observeContainer(id: string, host: Host): Promise<ContainerObserver> {
  const { processes, clock } = host
  const stopped = new AbortController()
  const inspector = await openContainerInspector(id, host)
  const probes: Probe[] = []
  const followers: Promise<unknown>[] = []
  let outOfMemory = false
  let changed = Promise.withResolvers<void>()
  let log: Promise<unknown> = Promise.resolve()
  let output: ContainerOutput | undefined

  const notify = (): void => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  const inspect = async (): Promise<ContainerState | undefined> => {
    const state = await inspector.state()
    for (const probe of state?.health?.probes ?? []) {
      if (probe.at > (probes.at(-1)?.at ?? 0)) probes.push(probe)
    }
    if (state?.outOfMemory) outOfMemory = true
    return state
  }
  const followDocker = (args: readonly string[], onLine: (line: string, stream: 'stdout' | 'stderr') => void) => {
    const promise = processes.spawn('docker', args, { onLine, signal: stopped.signal, graceMs: 500 }).catch(() => 0)
    followers.push(promise)
    return promise
  }

  const created = (await inspect())?.created
  void followDocker(eventArguments(id, created), (line) => {
    if (line.startsWith('oom')) outOfMemory = true
    notify()
  })

  return {
    id,
    inspect,
    inspector,
    waitForChange: async (ms) => {
      const timer = new AbortController()
      await Promise.race([changed.promise, clock.sleep(ms, AbortSignal.any([timer.signal, host.signal]))])
      timer.abort()
    },
    notify,
    followLog(target) {
      output = target
      // `output` is undefined once only the end of the log is read.
      log = followDocker(['logs', '--follow', id], (line, stream) => output?.add(line, stream))
    },
    readLogToEnd: async (ms) => {
      const timer = new AbortController()
      const isComplete = await Promise.race([log.then(() => true), clock.sleep(ms, timer.signal).then(() => false)])
      timer.abort()
      if (isComplete || !output) return
      const target = output
      output = undefined
      target.clear()
      // A single line can be as long as the whole log, so the end of the log is streamed, too.
      await followDocker(['logs', '--tail', '200', id], (line, stream) => line && target.add(line, stream))
    },
    get probes() {
      return probes
    },
    get outOfMemory() {
      return outOfMemory
    },
    stop: async () => {
      stopped.abort()
      await Promise.all(followers)
    },
  }
}

/** Only events that can change the verdict: each probe of HEALTHCHECK causes three more. */
export const eventArguments = (id: string, since: string | undefined): readonly string[] => [
  'events',
  ...(since ? ['--since', since] : []),
  ...['--filter', 'type=container', '--filter', `container=${id}`],
  ...['start', 'die', 'oom', 'health_status'].flatMap((event) => ['--filter', `event=${event}`]),
  ...['--format', '{{.Action}}'],
]
