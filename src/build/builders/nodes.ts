import { type Architecture, isNative, type Platform, parseArchitecture, platformOf } from '../../core/architecture.ts'
import type { BuilderNode } from '../../inputs/options.ts'

/** A machine of a builder, as buildx describes it. */
export interface Node {
  readonly name: string
  readonly endpoint: string
  readonly running: boolean
  /** Why it is not running, if buildx reports a reason. */
  readonly problem?: string
  /** `v0.32.0`; an engine's own BuildKit may have none. */
  readonly buildkit?: string
  /** Platforms that the user assigned to this node. */
  readonly given: readonly Platform[]
  /** All platforms that it can build, its own first. */
  readonly able: readonly Platform[]
}

export interface Inspected {
  readonly driver: string
  readonly nodes: readonly Node[]
}

/** Reads what `docker buildx inspect` prints. Pure. A line is `Name: value`; indented lines belong to lists that are not needed here. */
export function readInspection(text: string): Inspected {
  let driver = ''
  const nodes: { -readonly [K in keyof Node]: Node[K] }[] = []
  let inNodes = false
  for (const line of text.split('\n')) {
    const [, key, after = ''] = /^([A-Z][\w ]*):(.*)/s.exec(line) ?? []
    const value = after.trimStart()
    const node = nodes.at(-1)
    if (key === 'Nodes') inNodes = true
    else if (!inNodes) {
      if (key === 'Driver') driver = value
    } else if (key === 'Name') nodes.push({ name: value, endpoint: '', running: false, given: [], able: [] })
    else if (!node) continue
    else if (key === 'Endpoint') node.endpoint = value
    else if (key === 'Status') node.running = value === 'running'
    else if (key === 'Error') node.problem = value
    else if ((key === 'BuildKit version' || key === 'Buildkit') && value) node.buildkit = value
    else if (key === 'Platforms') {
      const names = value.split(',').map((name) => name.trim())
      node.given = platformsOf(names.filter((name) => name.endsWith('*')))
      node.able = platformsOf(names.filter((name) => !name.endsWith('*')))
    }
  }
  return { driver, nodes }
}

/** The platforms of Home Assistant; `linux/amd64/v3` and the like are variants of them. */
const platformsOf = (names: readonly string[]): readonly Platform[] => [
  ...new Set(
    names.flatMap((name) => {
      const architecture = parseArchitecture(name.replace(/\*$/, '').replace(/^linux\/amd64\/v\d$/, 'linux/amd64'))
      return architecture ? [platformOf(architecture)] : []
    }),
  ),
]

/** The nodes as the inputs describe them, before they are inspected. */
export const plannedNodes = (nodes: readonly BuilderNode[]): readonly Node[] =>
  nodes.map(({ endpoint, platforms }, index) => ({
    name: String(index),
    endpoint,
    running: false,
    given: platforms,
    able: [],
  }))

/** The node that buildx chooses for a platform: first one to which the user assigned it. Source: buildx `util/…/resolver`. */
function nodeFor(nodes: readonly Node[], platform: Platform): Node | undefined {
  return (
    nodes.find(({ given }) => given.includes(platform)) ??
    nodes.find(({ able }) => able.includes(platform)) ??
    nodes.find(({ given }) => given.length === 0)
  )
}

/** Does the build of this architecture run without an emulator? @param machine machine of the local engine, as `process.arch`. */
export function buildsNatively(nodes: readonly Node[], architecture: Architecture, machine: string): boolean {
  const platform = platformOf(architecture)
  const node = nodeFor(nodes, platform)
  if (!node) return isNative(architecture, machine)
  // Users assign a platform to a node because it is the node's own.
  if (node.given.includes(platform)) return true
  const own = node.able[0]
  return isNative(architecture, own === undefined ? machine : machineOf[own])
}

const machineOf: Readonly<Record<Platform, string>> = {
  'linux/amd64': 'x64',
  'linux/arm64': 'arm64',
  'linux/arm/v7': 'arm',
  'linux/arm/v6': 'arm',
  'linux/386': 'ia32',
}

/** Does the build of this architecture run on the kernel of this machine, where it may need QEMU? */
export function buildsHere(nodes: readonly Node[], architecture: Architecture): boolean {
  const node = nodeFor(nodes, platformOf(architecture))
  return node === undefined || isHere(node.endpoint)
}

/** An endpoint without a scheme is a context, which counts as this machine. */
const isHere = (endpoint: string): boolean =>
  !/^(tcp|ssh|kubernetes|kube-pod):\/\//.test(endpoint) || /^tcp:\/\/(localhost|127\.|\[::1\])/.test(endpoint)
