import type { Host } from '../core/host.ts'
import { docker } from '../docker/containers.ts'
import { type AskEngine, askSocket, findSocket } from '../docker/engine-socket.ts'
import { type ProcessLine, readProcesses, readTop, topColumns } from './container/processes.ts'
import { type ContainerState, readState } from './container/state.ts'
import { memoryIn, memoryOf } from './memory.ts'

/** What can be seen of a container from outside, again and again while it is tested. */
export interface Looks {
  /** Undefined: the container is gone. Rejects with a Failure (`environment`) when the daemon does not answer. */
  state(): Promise<ContainerState | undefined>
  /** Undefined: not running, or nothing is known. */
  processes(): Promise<readonly ProcessLine[] | undefined>
  /** Bytes, without what the kernel may take back. Undefined: not running, or nothing is known. */
  memory(): Promise<number | undefined>
}

/**
 * Asks the engine at its socket: a `docker` process for each look takes time of the processor that a container needs to start in, an emulated
 * one above all, and `docker stats` takes two seconds for each number. Engines that only docker finds are asked with docker.
 * @param id of the container, hexadecimal.
 */
export async function lookAt(id: string, host: Host, ask: AskEngine = askSocket): Promise<Looks> {
  const byDocker = throughDocker(id, host)
  const socket = await findSocket(host.environment)
  const question = (what: string) => (socket === undefined ? undefined : ask(socket, `/containers/${id}/${what}`))
  if ((await question('json')) === undefined) return byDocker
  return {
    state: async () => {
      const state = readState(`[${await question('json')}]`)
      // A container that is gone, and an engine that does not answer, look the same here.
      return state ?? byDocker.state()
    },
    processes: async () => {
      const answer = await question(`top?ps_args=${encodeURIComponent(topColumns)}`)
      return answer === undefined ? undefined : readTop(answer)
    },
    memory: async () => memoryIn((await question('stats?stream=false&one-shot=true')) ?? ''),
  }
}

function throughDocker(id: string, { processes }: Host): Looks {
  return {
    state: async () => readState((await docker(processes, ['inspect', '--type', 'container', id])).stdout),
    processes: async () => {
      const { exitCode, stdout } = await docker(processes, ['top', id, topColumns])
      return exitCode === 0 ? readProcesses(stdout) : undefined
    },
    memory: async () =>
      memoryOf((await docker(processes, ['stats', '--no-stream', '--format', '{{.MemUsage}}', id])).stdout),
  }
}
