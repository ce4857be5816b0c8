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

/** Starts a single-node swarm on a separate engine, so that it never changes the engine of the user. It shares no network resources with other swarms. */
export async function startSwarm(facts: Facts): Promise<Swarm> {
  const engine = await startSecondEngine(await inspectMachine(), facts.engine?.store ?? 'containerd')
  const docker = dockerOn(engine.dockerHost)
  try {
    // The address of the default bridge, which is unique to this engine.
    const address = await docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'bridge')
    // By default, every swarm names this bridge `docker_gwbridge`. The script that stops the engine removes bridges named `br-` and 12 hex digits.
    const bridge = `br-${randomBytes(6).toString('hex')}`
    await docker(
      ...['network', 'create', '--opt', `com.docker.network.bridge.name=${bridge}`],
      ...['--opt', 'com.docker.network.bridge.enable_icc=false', 'docker_gwbridge'],
    )
    // The VXLAN port is shared by the whole machine, so derive a unique one from the address of the bridge.
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
