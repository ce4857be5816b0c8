import type { Host } from '../../core/host.ts'
import { type Looks, lookAt } from '../looks.ts'
import type { Probe } from '../result.ts'
import type { Output } from './output.ts'
import type { ContainerState } from './state.ts'

/** One container under observation, from before its start until `stop`. */
export interface Watch {
  readonly id: string
  /** Asks the daemon; undefined when the container is gone. */
  look(): Promise<ContainerState | undefined>
  readonly looks: Looks
  /** Resolves when something may have changed: an event, a nudge, or `ms` have passed. */
  change(ms: number): Promise<void>
  nudge(): void
  /** Follows the log from its first line on; call it after the start. */
  followLog(output: Output): void
  /** Waits until the log of a container that has ended is read whole, at most `ms`; then only its end is read. */
  readLogToEnd(ms: number): Promise<void>
  /** Every probe seen: the daemon's own list keeps five. */
  readonly probes: readonly Probe[]
  /** The kernel killed a process of it for want of memory. */
  readonly outOfMemory: boolean
  stop(): Promise<void>
}

/**
 * Subscribes to the events of a container that is created but not started.
 * `--since` its creation, by the daemon's clock: the daemon replays what happened before the subscription stood.
 */
export async function watchContainer(id: string, host: Host): Promise<Watch> {
  const { processes, clock } = host
  const ended = new AbortController()
  const looks = await lookAt(id, host)
  const probes: Probe[] = []
  const following: Promise<unknown>[] = []
  let outOfMemory = false
  let changed = Promise.withResolvers<void>()
  let log: Promise<unknown> = Promise.resolve()
  let output: Output | undefined

  const nudge = (): void => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  const look = async (): Promise<ContainerState | undefined> => {
    const state = await looks.state()
    for (const probe of state?.health?.probes ?? []) {
      if (probe.at > (probes.at(-1)?.at ?? 0)) probes.push(probe)
    }
    if (state?.outOfMemory) outOfMemory = true
    return state
  }
  const follow = (args: readonly string[], onLine: (line: string, stream: 'stdout' | 'stderr') => void) => {
    const promise = processes.spawn('docker', args, { onLine, signal: ended.signal, graceMs: 500 }).catch(() => 0)
    following.push(promise)
    return promise
  }

  const created = (await look())?.created
  follow(eventArguments(id, created), (line) => {
    if (line.startsWith('oom')) outOfMemory = true
    nudge()
  })

  return {
    id,
    look,
    looks,
    change: async (ms) => {
      const timer = new AbortController()
      await Promise.race([changed.promise, clock.sleep(ms, AbortSignal.any([timer.signal, host.signal]))])
      timer.abort()
    },
    nudge,
    followLog(to) {
      output = to
      // What comes late is not wanted any more: its end has been read by then.
      log = follow(['logs', '--follow', id], (line, stream) => output?.add(line, stream))
    },
    readLogToEnd: async (ms) => {
      const timer = new AbortController()
      const whole = await Promise.race([log.then(() => true), clock.sleep(ms, timer.signal).then(() => false)])
      timer.abort()
      if (whole || !output) return
      const to = output
      output = undefined
      to.forget()
      // A line may be as long as the whole log, so the end of it, too, is read as it comes.
      await follow(['logs', '--tail', '200', id], (line, stream) => line && to.add(line, stream))
    },
    get probes() {
      return probes
    },
    get outOfMemory() {
      return outOfMemory
    },
    stop: async () => {
      ended.abort()
      await Promise.all(following)
    },
  }
}

/** Only what changes a verdict: each probe of a HEALTHCHECK is three more events. */
export const eventArguments = (id: string, since: string | undefined): readonly string[] => [
  'events',
  ...(since ? ['--since', since] : []),
  ...['--filter', 'type=container', '--filter', `container=${id}`],
  ...['start', 'die', 'oom', 'health_status'].flatMap((event) => ['--filter', `event=${event}`]),
  ...['--format', '{{.Action}}'],
]
