import { readFile } from 'node:fs/promises'
import type { RunConfig } from '../../addon/addon.ts'
import type { Host } from '../../core/host.ts'
import { docker } from '../../docker/containers.ts'
import type { ImageFacts } from '../container/image.ts'
import type { ContainerState } from '../container/state.ts'
import { type Gates, judged, skipped } from '../gates.ts'
import type { Check } from '../result.ts'

export interface Socket {
  readonly port: number
  /** Bound to a loopback address: nobody outside of the container reaches it. */
  readonly local: boolean
}

/** Compares what listens with what config.yaml and EXPOSE promise. Nothing of the image is needed for it where the daemon is this machine's. */
export async function checkSockets(
  id: string,
  state: ContainerState,
  run: RunConfig,
  ingressPort: number,
  image: ImageFacts,
  gates: Gates,
  host: Host,
): Promise<Check> {
  const sockets = (await fromProc(id, state.pid)) ?? (await fromInside(id, host))
  if (!sockets)
    return skipped('sockets', 'the daemon is not on this machine, and the image has no "cat" to ask instead')
  return judgeSockets(sockets, promised(run, ingressPort), exposed(image), gates)
}

export interface Promised {
  readonly port: number
  readonly by: string
}

export const promised = (run: RunConfig, ingressPort: number): readonly Promised[] => [
  ...(run.ingress ? [{ port: ingressPort, by: 'ingress_port' }] : []),
  // A port without a number on the host is off until the user switches it on.
  ...[...run.ports].flatMap(([name, mapped]) => {
    const [port, protocol = 'tcp'] = name.split('/')
    return protocol === 'tcp' && mapped !== null ? [{ port: Number(port), by: 'ports' }] : []
  }),
]

const exposed = (image: ImageFacts): readonly number[] =>
  image.exposed.flatMap((name) => (name.endsWith('/udp') ? [] : [Number.parseInt(name, 10)]))

/** Pure. */
export function judgeSockets(
  sockets: readonly Socket[],
  wanted: readonly Promised[],
  exposedPorts: readonly number[],
  gates: Gates,
): Check {
  const open = new Set(sockets.filter(({ local }) => !local).map(({ port }) => port))
  const local = new Set(sockets.filter((socket) => socket.local).map(({ port }) => port))
  const problems = wanted
    .filter(({ port }) => !open.has(port))
    .map(({ port, by }) =>
      local.has(port)
        ? `${port} (${by}) listens on the loopback address only, so nobody reaches it`
        : `nothing listens on ${port} (${by})`,
    )
  const known = new Set([...wanted.map(({ port }) => port), ...exposedPorts])
  const extra = [...open].filter((port) => !known.has(port))
  const idle = exposedPorts.filter((port) => !open.has(port) && !wanted.some((one) => one.port === port))
  const listening = open.size > 0 ? `listens on ${[...open].sort((a, b) => a - b).join(', ')}` : 'listens on nothing'
  const notes = [
    ...(extra.length > 0 ? [`${extra.join(', ')} not declared`] : []),
    ...(idle.length > 0 ? [`EXPOSE ${idle.join(', ')} without a listener`] : []),
  ]
  const reason = [...problems, [listening, ...notes].join('; ')].join('; ')
  return judged('sockets', problems.length === 0, reason, gates)
}

/** From outside: the network namespace of the container's first process, if that process is ours to see and really is the container's. */
async function fromProc(id: string, pid: number): Promise<readonly Socket[] | undefined> {
  try {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8')
    if (!cgroup.includes(id)) return undefined
    const [four, six] = await Promise.all([
      readFile(`/proc/${pid}/net/tcp`, 'utf8'),
      readFile(`/proc/${pid}/net/tcp6`, 'utf8').catch(() => ''),
    ])
    return readSockets(`${four}\n${six}`)
  } catch {
    return undefined
  }
}

async function fromInside(id: string, { processes }: Host): Promise<readonly Socket[] | undefined> {
  const { exitCode, stdout } = await docker(processes, ['exec', id, 'cat', '/proc/net/tcp', '/proc/net/tcp6'])
  return exitCode === 0 || stdout.includes('local_address') ? readSockets(stdout) : undefined
}

const listening = '0A'

/** Pure: from the text of /proc/net/tcp and tcp6. Docker's own name server (127.0.0.11) is not the add-on's. */
export function readSockets(text: string): readonly Socket[] {
  return text.split('\n').flatMap((line) => {
    const [, address = '', port = '', state] =
      line.match(/^\s*\d+:\s+([0-9A-F]+):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/) ?? []
    if (state !== listening || address === '0B00007F') return []
    return [{ port: Number.parseInt(port, 16), local: isLoopback(address) }]
  })
}

/** Each word of the address is in the byte order of the machine: 0100007F is 127.0.0.1 on all of ours. */
const isLoopback = (address: string): boolean =>
  /^[0-9A-F]{6}7F$/.test(address) ||
  address === '00000000000000000000000001000000' ||
  /^0000000000000000FFFF0000[0-9A-F]{6}7F$/.test(address)
