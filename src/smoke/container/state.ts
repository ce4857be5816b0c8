import { listOf } from '../../core/json-fields.ts'
import { parseJson } from '../json.ts'
import type { Probe } from '../result.ts'

/** The part of `docker inspect` of a container that the smoke test uses. */
export interface ContainerState {
  readonly status: string
  readonly running: boolean
  readonly restarting: boolean
  readonly exitCode: number
  readonly outOfMemory: boolean
  readonly error: string
  readonly pid: number
  readonly restarts: number
  /** Milliseconds since the epoch, by the daemon's clock; undefined: not started yet. */
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly created: string
  readonly health?: { readonly status: string; readonly probes: readonly Probe[] }
  /** Address in each of its networks. */
  readonly addresses: ReadonlyMap<string, string>
}

interface Inspected {
  readonly Created?: string
  readonly RestartCount?: number
  readonly State?: {
    readonly Status?: string
    readonly Running?: boolean
    readonly Restarting?: boolean
    readonly OOMKilled?: boolean
    readonly Pid?: number
    readonly ExitCode?: number
    readonly Error?: string
    readonly StartedAt?: string
    readonly FinishedAt?: string
    readonly Health?: {
      readonly Status?: string
      readonly Log?:
        | readonly {
            readonly Start: string
            readonly End: string
            readonly ExitCode: number
            readonly Output: string
          }[]
        | null
    } | null
  }
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string }>> | null }
}

/** Pure: from `docker inspect --type container`. Undefined when there is no such container. */
export function readState(stdout: string): ContainerState | undefined {
  const [container] = listOf(parseJson(stdout)) as readonly Inspected[]
  const state = container?.State
  if (!container || !state) return undefined
  const [startedAt, finishedAt] = [time(state.StartedAt), time(state.FinishedAt)]
  return {
    status: state.Status ?? 'unknown',
    running: state.Running ?? false,
    restarting: state.Restarting ?? false,
    exitCode: state.ExitCode ?? 0,
    outOfMemory: state.OOMKilled ?? false,
    error: state.Error ?? '',
    pid: state.Pid ?? 0,
    restarts: container.RestartCount ?? 0,
    created: container.Created ?? '',
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(state.Health?.Status &&
      state.Health.Status !== 'none' && {
        health: { status: state.Health.Status, probes: (state.Health.Log ?? []).map(probe) },
      }),
    addresses: new Map(
      Object.entries(container.NetworkSettings?.Networks ?? {}).flatMap(([name, { IPAddress }]) =>
        IPAddress ? [[name, IPAddress] as const] : [],
      ),
    ),
  }
}

const probe = (entry: { Start: string; End: string; ExitCode: number; Output: string }): Probe => {
  const at = time(entry.Start) ?? 0
  return {
    at,
    durationMs: Math.max(0, (time(entry.End) ?? at) - at),
    exitCode: entry.ExitCode,
    output: entry.Output.trim(),
  }
}

/** Docker writes year 1 for "never". */
function time(text: string | undefined): number | undefined {
  const value = text ? Date.parse(text) : Number.NaN
  return Number.isNaN(value) || value < 0 ? undefined : value
}
