import type { Host } from '../../core/host.ts'
import { docker } from '../../docker/containers.ts'
import { findSocket, type QueryEngine, querySocket } from '../../docker/engine-socket.ts'
import { readMemoryStats, readMemUsage } from './memory.ts'
import { type ProcessSample, readProcesses, readTop, topColumns } from './processes.ts'
import { type ContainerState, readState } from './state.ts'

/** Reads the state of a container from outside, repeatedly during a test. */
export interface ContainerInspector {
  /** Undefined: the container is gone. Rejects with a Failure (`environment`) if the daemon does not answer. */
  state(): Promise<ContainerState | undefined>
  /** Undefined: not running, or unknown. */
  processes(): Promise<ProcessSample | undefined>
  /** Bytes, without reclaimable cache. Undefined: not running, or unknown. */
  memory(): Promise<number | undefined>
}

/**
 * Uses the engine's socket, because a `docker` process per request takes processor time from the container, and `docker stats` needs two seconds
 * for each number. Falls back to the docker command if there is no socket.
 * @param id hexadecimal ID of the container.
 */
export async function openContainerInspector(
  id: string,
  host: Host,
  request: QueryEngine = querySocket,
): Promise<ContainerInspector> {
  const command = commandInspector(id, host)
  const socket = await findSocket(host.environment)
  const get = (path: string) => (socket === undefined ? undefined : request(socket, `/containers/${id}/${path}`))
  if ((await get('json')) === undefined) return command
  return {
    state: async () => {
      const state = readState(`[${await get('json')}]`)
      // At the socket, a container that is gone and an engine that does not answer look the same.
      return state ?? command.state()
    },
    processes: async () => {
      const response = await get(`top?ps_args=${encodeURIComponent(topColumns)}`)
      return response === undefined ? undefined : readTop(response)
    },
    memory: async () => readMemoryStats((await get('stats?stream=false&one-shot=true')) ?? ''),
  }
}

function commandInspector(id: string, { processes }: Host): ContainerInspector {
  return {
    state: async () => readState((await docker(processes, ['inspect', '--type', 'container', id])).stdout),
    processes: async () => {
      const { exitCode, stdout } = await docker(processes, ['top', id, topColumns])
      return exitCode === 0 ? readProcesses(stdout) : undefined
    },
    memory: async () =>
      readMemUsage((await docker(processes, ['stats', '--no-stream', '--format', '{{.MemUsage}}', id])).stdout),
  }
}
