import { readFile } from 'node:fs/promises'
import type { RunConfig } from '../../addon/addon.ts'
import type { Host } from '../../core/host.ts'
import { docker } from '../../docker/containers.ts'
import type { ImageFacts } from '../container/image.ts'
import { type CheckOutcome, pass, skip, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

interface Socket {
  readonly port: number
  /** Bound to a loopback address: not reachable from outside the container. */
  readonly local: boolean
}

/** The add-on listens on the ports that config.yaml declares. */
export const sockets: SmokeCheck = {
  name: 'sockets',
  defaultGate: 'warn',
  async whileRunning({ run: { observer }, state, target, ingressPort, image, host }) {
    // Needs no program of the image if the daemon is on this machine.
    const listening = (await fromProc(observer.id, state.pid)) ?? (await fromInside(observer.id, host))
    if (!listening) {
      return skip('the daemon is not on this machine, and the image has no "cat" to read /proc with')
    }
    return evaluateSockets(listening, declaredPorts(target.run, ingressPort), exposed(image))
  },
}

interface DeclaredPort {
  readonly port: number
  readonly by: string
}

export const declaredPorts = (run: RunConfig, ingressPort: number): readonly DeclaredPort[] => [
  ...(run.ingress ? [{ port: ingressPort, by: 'ingress_port' }] : []),
  // A port without a host port is off until the user enables it.
  ...[...run.ports].flatMap(([name, mapped]) => {
    const [port, protocol = 'tcp'] = name.split('/')
    return protocol === 'tcp' && mapped !== null ? [{ port: Number(port), by: 'ports' }] : []
  }),
]

const exposed = (image: ImageFacts): readonly number[] =>
  image.exposed.flatMap((name) => (name.endsWith('/udp') ? [] : [Number.parseInt(name, 10)]))

/** Pure. */
export function evaluateSockets(
  listening: readonly Socket[],
  declared: readonly DeclaredPort[],
  exposedPorts: readonly number[],
): CheckOutcome {
  const open = new Set(listening.filter(({ local }) => !local).map(({ port }) => port))
  const local = new Set(listening.filter((socket) => socket.local).map(({ port }) => port))
  const missing = declared.filter(({ port }) => !open.has(port))
  const describe = ({ port, by }: DeclaredPort): string =>
    local.has(port)
      ? `${port} (${by}) listens on the loopback address only and cannot be reached`
      : `nothing listens on ${port} (${by})`
  // Of several ports, some are often for an option that is off, such as one that needs a certificate.
  const hasOpenPort = declared.some(({ port, by }) => by === 'ports' && open.has(port))
  const isProblem = ({ port, by }: DeclaredPort): boolean => by === 'ingress_port' || local.has(port) || !hasOpenPort
  const problems = missing.filter(isProblem).map(describe)
  const known = new Set([...declared.map(({ port }) => port), ...exposedPorts])
  const undeclared = [...open].filter((port) => !known.has(port))
  const idle = exposedPorts.filter((port) => !open.has(port) && !declared.some((one) => one.port === port))
  const unused = missing.filter((one) => !isProblem(one)).map(describe)
  const notes = [
    open.size > 0 ? `listens on ${[...open].sort((a, b) => a - b).join(', ')}` : 'listens on no port',
    ...(undeclared.length > 0 ? [`${undeclared.join(', ')} not declared`] : []),
    ...(idle.length > 0 ? [`nothing listens on EXPOSE ${idle.join(', ')}`] : []),
  ]
  return (problems.length > 0 ? unmet : pass)([...problems, ...unused, ...notes].join('; '))
}

/** From outside: the network namespace of the container's first process, if this process can read it and it really is the container's. */
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

/** TCP_LISTEN. */
const listenState = '0A'

/** Pure: from the text of /proc/net/tcp and tcp6. Without Docker's DNS server (127.0.0.11). */
export function readSockets(text: string): readonly Socket[] {
  return text.split('\n').flatMap((line) => {
    const [, address = '', port = '', state] =
      line.match(/^\s*\d+:\s+([0-9A-F]+):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/) ?? []
    if (state !== listenState || address === '0B00007F') return []
    return [{ port: Number.parseInt(port, 16), local: isLoopback(address) }]
  })
}

/** Each word of the address is in the byte order of the machine: 0100007F is 127.0.0.1 on every supported one. */
const isLoopback = (address: string): boolean =>
  /^[0-9A-F]{6}7F$/.test(address) ||
  address === '00000000000000000000000001000000' ||
  /^0000000000000000FFFF0000[0-9A-F]{6}7F$/.test(address)
