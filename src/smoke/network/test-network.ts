import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { assignments, flag } from '../../docker/arguments.ts'
import { docker, errorOf } from '../../docker/containers.ts'
import { labelsOf } from '../../docker/labels.ts'
import { directProber, type Prober } from '../readiness/probe.ts'
import { openRelay } from '../supervisor/relay.ts'
import { type MockServer, serveMock } from '../supervisor/server.ts'
import { createSupervisorMock, type SupervisorMock } from '../supervisor/supervisor-mock.ts'
import { type Range, readRoutes, routesInto, type Subnet, subnets } from './subnets.ts'

/** A Docker network for smoke tests, with the Supervisor mock at the Supervisor's address. */
export interface TestNetwork {
  /** Undefined: it could not be created; containers use Docker's default network. */
  readonly network?: string
  /** Address of the Supervisor mock. */
  readonly address: string
  /** The address that belongs to the Supervisor in the network. */
  readonly namesAddress: string
  /** The address is the Supervisor's own, 172.30.32.2. */
  readonly hasSupervisorAddress: boolean
  /** `gateway`: this process listens at the address. `relay`: a container does. `none`: the mock could not be started. */
  readonly supervisor: { readonly kind: 'gateway' | 'relay' } | { readonly kind: 'none'; readonly why: string }
  readonly mock: SupervisorMock
  readonly prober: Prober
  /** A network without internet access, created at the first call. */
  internal(): Promise<InternalNetwork>
  release(): Promise<void>
}

export interface InternalNetwork {
  readonly network: string
  readonly address: string
}

export type Transport = 'gateway' | 'relay'

/**
 * Creates the network and starts the Supervisor mock at its address: in this process if it can bind to the gateway of the network, otherwise in a
 * container. Does not reject if neither works, because many add-ons need no Supervisor.
 */
export async function openTestNetwork(
  host: Host,
  transports: readonly Transport[] = ['gateway', 'relay'],
): Promise<TestNetwork> {
  const mock = createSupervisorMock()
  const problems: string[] = []
  for (const transport of transports) {
    const created = await createNetwork(host, transport)
    if ('problem' in created) {
      problems.push(created.problem)
      break
    }
    try {
      const server = await (transport === 'gateway'
        ? serveAtGateway(mock, created)
        : serveInContainer(mock, created, host))
      return testNetwork(host, mock, created, transport, server)
    } catch (thrown) {
      problems.push(messageOf(thrown))
      await removeNetwork(created.network, host)
    }
  }
  return withoutSupervisor(host, mock, problems.join('; '))
}

interface Network extends Subnet {
  readonly network: string
}

/** The running Supervisor mock. */
interface MockServers {
  readonly prober: Prober
  /** Serves another network, too; resolves with the address in it. */
  join(network: string): Promise<string>
  close(): Promise<void>
}

const hostRoutes = async (): Promise<readonly Range[]> =>
  readRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''))

async function createNetwork(host: Host, transport: Transport): Promise<Network | { readonly problem: string }> {
  const network = `aicleaner-${host.runId}-smoke`
  const routes = await hostRoutes()
  let problem = 'all candidate subnets are in use on this machine'
  for (const subnet of subnets.filter((one) => routesInto(one, routes) === 0)) {
    const gateway = transport === 'gateway' ? subnet.supervisor : subnet.first
    const options = ['--subnet', subnet.subnet, '--ip-range', subnet.range, '--gateway', gateway]
    const answer = await docker(host.processes, networkArguments(network, host.runId, options))
    if (answer.exitCode === 0) {
      // An engine knows only its own networks, so another one on this machine may have used the subnet at the same moment.
      if (routesInto(subnet, await hostRoutes()) < 2) return { network, ...subnet }
      await removeNetwork(network, host)
      continue
    }
    problem = errorOf(answer)
    if (!/overlap|already in use|in use by/i.test(problem)) break
  }
  return { problem }
}

/** With the label of the run, so that the post step removes a network that is left. */
export const networkArguments = (name: string, runId: string, options: readonly string[]): readonly string[] => [
  ...['network', 'create', ...flag('--label', assignments(labelsOf(runId)))],
  ...options,
  name,
]

async function serveAtGateway(mock: SupervisorMock, { supervisor }: Network): Promise<MockServers> {
  const servers: MockServer[] = [await serveMock(mock, supervisor, 80)]
  return {
    prober: directProber,
    async join(address) {
      servers.push(await serveMock(mock, address, 80))
      return address
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  }
}

async function serveInContainer(
  mock: SupervisorMock,
  { network, supervisor }: Network,
  host: Host,
): Promise<MockServers> {
  const relay = await openRelay(mock, network, supervisor, host)
  return {
    prober: relay.prober,
    async join(_gateway) {
      const other = internalName(host)
      const connected = await docker(host.processes, ['network', 'connect', other, relay.container])
      if (connected.exitCode !== 0) throw new Error(errorOf(connected))
      const format = `{{(index .NetworkSettings.Networks "${other}").IPAddress}}`
      return (await docker(host.processes, ['inspect', '--format', format, relay.container])).stdout.trim()
    },
    close: relay.close,
  }
}

const internalName = ({ runId }: Host): string => `aicleaner-${runId}-offline`

function testNetwork(
  host: Host,
  mock: SupervisorMock,
  created: Network,
  kind: Transport,
  servers: MockServers,
): TestNetwork {
  let internal: Promise<InternalNetwork> | undefined
  return {
    network: created.network,
    address: created.supervisor,
    namesAddress: created.supervisor,
    hasSupervisorAddress: created.supervisor === subnets[0]?.supervisor,
    supervisor: { kind },
    mock,
    prober: servers.prober,
    internal: () => {
      internal ??= createInternalNetwork(host, servers)
      return internal
    },
    release: async () => {
      await internal?.catch(() => {})
      await servers.close()
      if (internal !== undefined) await removeNetwork(internalName(host), host)
      await removeNetwork(created.network, host)
    },
  }
}

/** A network without internet access in which the Supervisor mock can be reached, as the Supervisor always can in Home Assistant. */
async function createInternalNetwork(host: Host, servers: MockServers): Promise<InternalNetwork> {
  const network = internalName(host)
  const answer = await docker(host.processes, networkArguments(network, host.runId, ['--internal']))
  if (answer.exitCode !== 0) throw new Error(errorOf(answer))
  const format = '{{(index .IPAM.Config 0).Gateway}}|{{(index .IPAM.Config 0).Subnet}}'
  const { stdout } = await docker(host.processes, ['network', 'inspect', '--format', format, network])
  const [gateway, subnet = ''] = stdout.trim().split('|')
  // Docker does not report the gateway of an internal network if it chose the subnet itself: it is the first address.
  return { network, address: await servers.join(gateway || subnet.replace(/\.0\/\d+$/, '.1')) }
}

const removeNetwork = async (name: string, { processes }: Host): Promise<void> =>
  void (await docker(processes, ['network', 'rm', name]))

function withoutSupervisor(host: Host, mock: SupervisorMock, why: string): TestNetwork {
  return {
    address: Object.values(networkInterfaces()).flat()[0]?.address ?? '',
    namesAddress: subnets[0]?.supervisor ?? '',
    hasSupervisorAddress: false,
    supervisor: { kind: 'none', why },
    mock,
    prober: directProber,
    internal: () => Promise.reject(new Error(why)),
    release: () => removeNetwork(internalName(host), host),
  }
}
