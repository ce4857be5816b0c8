import type { Host } from '../core/host.ts'
import { fieldOf, parseJsonText } from '../core/json-fields.ts'
import { findSocket, type QueryEngine, querySocket } from './engine-socket.ts'

/** The objects of an engine: containers, networks and images by their IDs, volumes by their names, and images by their names (`tag`). */
export type Kind = 'container' | 'network' | 'image' | 'volume' | 'tag'

/** Conditions, as `docker … ls --filter KEY=VALUE` takes them; all must hold. */
type Filters = Readonly<Record<string, string>>

/** All objects of one kind. Rejects with an Error with docker's message, or with a Failure (`environment`) if docker is missing. */
export type List = (kind: Kind, filters: Filters) => Promise<readonly string[]>

interface Entry {
  readonly Id?: string
  readonly Name?: string
  readonly RepoTags?: readonly string[] | null
}

/** Source: the Docker Engine API (ContainerList, NetworkList, ImageList, VolumeList), and the equivalent commands. */
const kinds: Readonly<Record<Kind, { path: string; command: readonly string[] }>> = {
  container: { path: '/containers/json?all=true&', command: ['ps', '--all', '--quiet', '--no-trunc'] },
  network: { path: '/networks?', command: ['network', 'ls', '--quiet', '--no-trunc'] },
  image: { path: '/images/json?', command: ['image', 'ls', '--quiet', '--no-trunc'] },
  volume: { path: '/volumes?', command: ['volume', 'ls', '--quiet'] },
  tag: { path: '/images/json?', command: ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'] },
}

/** Queries the engine at its socket, which is quicker than six `docker` processes. Uses docker for engines that only docker can reach. */
export async function openList(
  { processes, environment }: Pick<Host, 'processes' | 'environment'>,
  query: QueryEngine = querySocket,
): Promise<List> {
  const socket = await findSocket(environment)
  return async (kind, filters) => {
    const { path, command } = kinds[kind]
    const answer = socket === undefined ? undefined : await query(socket, `${path}filters=${encode(filters)}`)
    const found = answer === undefined ? undefined : readList(kind, answer)
    if (found !== undefined) return found
    const conditions = Object.entries(filters).flatMap(([key, value]) => ['--filter', `${key}=${value}`])
    const { exitCode, stdout, stderr } = await processes.exec('docker', [...command, ...conditions])
    if (exitCode !== 0) throw new Error(stderr.trim())
    return unique(stdout.split('\n').map((line) => line.trim()))
  }
}

const encode = (filters: Filters): string =>
  encodeURIComponent(JSON.stringify(Object.fromEntries(Object.entries(filters).map(([key, value]) => [key, [value]]))))

/** Pure. Undefined: not a list of the engine. */
function readList(kind: Kind, answer: string): readonly string[] | undefined {
  const read = parseJsonText(answer)
  const entries = kind === 'volume' ? volumesOf(read) : read
  if (!Array.isArray(entries)) return undefined
  const names = (entries as readonly Entry[]).flatMap(({ Id, Name, RepoTags }) =>
    kind === 'tag' ? (RepoTags ?? []) : [(kind === 'volume' ? Name : Id) ?? ''],
  )
  return unique(names)
}

/** The engine is written in Go, which may encode an empty list as null. */
const volumesOf = (answer: unknown): unknown => {
  const volumes = fieldOf(answer, 'Volumes')
  return volumes === null ? [] : volumes
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].filter(Boolean)
