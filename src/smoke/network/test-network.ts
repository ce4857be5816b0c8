import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { docker, saidBy } from '../../docker/containers.ts'
import { labelsOf } from '../../docker/labels.ts'
import { directProber, type Prober } from '../readiness/probe.ts'
import { type Desk, openDesk } from '../supervisor/mock-api.ts'
import { openRelay } from '../supervisor/relay.ts'
import { type Server, serve } from '../supervisor/server.ts'
import { isFree, type Range, readRoutes, routesInto, type Subnet, subnets } from './subnets.ts'

/** A network to test in, and who is at its Supervisor's address. */
export interface Stage {
  /** Undefined: none could be made; containers are in Docker's default network. */
  readonly network?: string
  readonly address: string
  /** It is the Supervisor's own address, 172.30.32.2. */
  readonly exact: boolean
  /** `gateway`: this process is at the address. `relay`: a container is. `none`: nobody, and why. */
  readonly supervisor: { readonly kind: 'gateway' | 'relay' } | { readonly kind: 'none'; readonly why: string }
  readonly desk: Desk
  readonly prober: Prober
  /** The same without a way out. Made when it is first asked for. */
  offline(): Promise<Offline>
  release(): Promise<void>
}

export interface Offline {
  readonly network: string
  readonly address: string
}

export type Transport = 'gateway' | 'relay'
export type OpenStage = (host: Host) => Promise<Stage>

/**
 * Makes the network and puts the stand-in at its address: in this process where the gateway of the network can be bound, else in a
 * container. Never rejects for want of either: tests that need no Supervisor run all the same.
 */
export async function openStage(host: Host, transports: readonly Transport[] = ['gateway', 'relay']): Promise<Stage> {
  const desk = openDesk()
  const problems: string[] = []
  for (const transport of transports) {
    const made = await makeNetwork(host, transport)
    if ('problem' in made) {
      problems.push(made.problem)
      break
    }
    try {
      const standIn = await (transport === 'gateway' ? atGateway(desk, made) : inContainer(desk, made, host))
      return stageOf(host, desk, made, transport, standIn)
    } catch (thrown) {
      problems.push(messageOf(thrown))
      await removeNetwork(made.network, host)
    }
  }
  return withoutSupervisor(host, desk, problems.join('; '))
}

interface Network extends Subnet {
  readonly network: string
}

interface StandIn {
  readonly prober: Prober
  /** Makes it answer in another network too; resolves with its address there. */
  join(network: string): Promise<string>
  close(): Promise<void>
}

const routesHere = async (): Promise<readonly Range[]> =>
  readRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''))

async function makeNetwork(host: Host, transport: Transport): Promise<Network | { readonly problem: string }> {
  const network = `aicleaner-${host.runId}-smoke`
  const routes = await routesHere()
  let problem = 'every subnet that could be used is taken on this machine'
  for (const subnet of subnets.filter((one) => isFree(one, routes))) {
    const gateway = transport === 'gateway' ? subnet.supervisor : subnet.first
    const answer = await docker(host.processes, networkArguments(network, host.runId, { ...subnet, gateway }))
    if (answer.exitCode === 0) {
      // An engine knows its own networks only, so another one on this machine may have given the subnet away at the same moment.
      if (routesInto(subnet, await routesHere()) < 2) return { network, ...subnet }
      await removeNetwork(network, host)
      continue
    }
    problem = saidBy(answer)
    if (!/overlap|already in use|in use by/i.test(problem)) break
  }
  return { problem }
}

export const networkArguments = (
  name: string,
  runId: string,
  { subnet, range, gateway }: { readonly subnet: string; readonly range: string; readonly gateway: string },
): readonly string[] => [
  'network',
  'create',
  ...[...labelsOf(runId)].flatMap(([key, value]) => ['--label', `${key}=${value}`]),
  ...['--subnet', subnet, '--ip-range', range, '--gateway', gateway],
  name,
]

async function atGateway(desk: Desk, { supervisor }: Network): Promise<StandIn> {
  const servers: Server[] = [await serve(desk, supervisor, 80)]
  return {
    prober: directProber,
    async join(address) {
      servers.push(await serve(desk, address, 80))
      return address
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  }
}

async function inContainer(desk: Desk, { network, supervisor }: Network, host: Host): Promise<StandIn> {
  const relay = await openRelay(desk, network, supervisor, host)
  return {
    prober: relay.prober,
    async join(_gateway) {
      const other = offlineName(host)
      const connected = await docker(host.processes, ['network', 'connect', other, relay.container])
      if (connected.exitCode !== 0) throw new Error(saidBy(connected))
      const format = `{{(index .NetworkSettings.Networks "${other}").IPAddress}}`
      return (await docker(host.processes, ['inspect', '--format', format, relay.container])).stdout.trim()
    },
    close: relay.close,
  }
}

const offlineName = ({ runId }: Host): string => `aicleaner-${runId}-offline`

function stageOf(host: Host, desk: Desk, made: Network, kind: Transport, standIn: StandIn): Stage {
  let offline: Promise<Offline> | undefined
  return {
    network: made.network,
    address: made.supervisor,
    exact: made.supervisor === subnets[0]?.supervisor,
    supervisor: { kind },
    desk,
    prober: standIn.prober,
    offline: () => {
      offline ??= openOffline(host, standIn)
      return offline
    },
    release: async () => {
      await offline?.catch(() => {})
      await standIn.close()
      if (offline) await removeNetwork(offlineName(host), host)
      await removeNetwork(made.network, host)
    },
  }
}

/** A network without a way out, where the stand-in can be reached all the same: in Home Assistant the Supervisor always can. */
async function openOffline(host: Host, standIn: StandIn): Promise<Offline> {
  const network = offlineName(host)
  const labels = [...labelsOf(host.runId)].flatMap(([key, value]) => ['--label', `${key}=${value}`])
  const answer = await docker(host.processes, ['network', 'create', '--internal', ...labels, network])
  if (answer.exitCode !== 0) throw new Error(saidBy(answer))
  const format = '{{(index .IPAM.Config 0).Gateway}}|{{(index .IPAM.Config 0).Subnet}}'
  const [gateway = '', subnet = ''] = (
    await docker(host.processes, ['network', 'inspect', '--format', format, network])
  ).stdout
    .trim()
    .split('|')
  // Docker does not tell the gateway of an internal network that it chose itself: it is the first address.
  return { network, address: await standIn.join(gateway || subnet.replace(/\.0\/\d+$/, '.1')) }
}

const removeNetwork = async (name: string, { processes }: Host): Promise<void> =>
  void (await docker(processes, ['network', 'rm', name]))

function withoutSupervisor(host: Host, desk: Desk, why: string): Stage {
  return {
    address: Object.values(networkInterfaces()).flat()[0]?.address ?? '',
    exact: false,
    supervisor: { kind: 'none', why },
    desk,
    prober: directProber,
    offline: () => Promise.reject(new Error(why)),
    release: () => removeNetwork(offlineName(host), host),
  }
}
