import { fieldOf, listOf, numberOf, parseJsonText, textOf } from '../../core/json-fields.ts'
import type { Probe } from '../result.ts'

/** The part of `docker inspect` of a container that the smoke test uses. */
export interface ContainerState {
  readonly status: string
  readonly running: boolean
  readonly restarting: boolean
  readonly exitCode: number
  readonly outOfMemory: boolean
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

/** Pure: from `docker inspect --type container`. Undefined when there is no such container. */
export function readState(stdout: string): ContainerState | undefined {
  const [container] = listOf(parseJsonText(stdout))
  const state = fieldOf(container, 'State')
  if (!state) return undefined
  const [startedAt, finishedAt] = [time(state, 'StartedAt'), time(state, 'FinishedAt')]
  const health = textOf(state, 'Health', 'Status')
  return {
    status: textOf(state, 'Status') || 'unknown',
    running: fieldOf(state, 'Running') === true,
    restarting: fieldOf(state, 'Restarting') === true,
    exitCode: numberOf(state, 'ExitCode') ?? 0,
    outOfMemory: fieldOf(state, 'OOMKilled') === true,
    pid: numberOf(state, 'Pid') ?? 0,
    restarts: numberOf(container, 'RestartCount') ?? 0,
    created: textOf(container, 'Created'),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(health &&
      health !== 'none' && { health: { status: health, probes: listOf(state, 'Health', 'Log').map(probe) } }),
    addresses: new Map(
      Object.entries(fieldOf(container, 'NetworkSettings', 'Networks') ?? {})
        .map(([name, network]) => [name, textOf(network, 'IPAddress')] as const)
        .filter(([, address]) => address),
    ),
  }
}

function probe(entry: unknown): Probe {
  const at = time(entry, 'Start') ?? 0
  return {
    at,
    durationMs: Math.max(0, (time(entry, 'End') ?? at) - at),
    exitCode: numberOf(entry, 'ExitCode') ?? 0,
    output: textOf(entry, 'Output').trim(),
  }
}

/** Docker writes year 1 for "never". */
function time(value: unknown, name: string): number | undefined {
  const at = Date.parse(textOf(value, name))
  return at >= 0 ? at : undefined
}
