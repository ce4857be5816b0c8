import { randomBytes } from 'node:crypto'
import { startSecondEngine } from '../environment/engine/second-engine.ts'
import type { Facts } from '../environment/facts.ts'
import { inspectMachine } from '../environment/machine/machine.ts'
import { type Docker, dockerOn } from './docker.ts'

export interface Swarm {
  readonly docker: Docker
  readonly dockerHost: string
  readonly release: () => Promise<void>
}

/** A swarm of one, on an engine of its own: never on one that somebody uses. Nothing that it takes of this machine is shared with another swarm. */
export async function startSwarm(facts: Facts): Promise<Swarm> {
  const engine = await startSecondEngine(await inspectMachine(), facts.engine?.store ?? 'containerd')
  const docker = dockerOn(engine.dockerHost)
  try {
    // The address of the engine's own bridge, which no other engine of this machine has.
    const address = await docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'bridge')
    // By default every swarm has a bridge of the same name. The engine's script removes what is called so.
    const bridge = `br-${randomBytes(6).toString('hex')}`
    await docker(
      ...['network', 'create', '--opt', `com.docker.network.bridge.name=${bridge}`],
      ...['--opt', 'com.docker.network.bridge.enable_icc=false', 'docker_gwbridge'],
    )
    // The port of VXLAN belongs to the whole machine: that of each engine has the number of its bridge.
    const dataPort = 4790 + Number(address.split('.')[1])
    await docker(
      ...['swarm', 'init', '--listen-addr', `${address}:2377`, '--advertise-addr', `${address}:2377`],
      ...['--data-path-port', `${dataPort}`],
    )
  } catch (error) {
    await engine.release()
    throw error
  }
  return {
    docker,
    dockerHost: engine.dockerHost,
    release: async () => {
      await docker.try('swarm', 'leave', '--force')
      await engine.release()
    },
  }
}
