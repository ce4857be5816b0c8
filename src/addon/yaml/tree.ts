import type { SourceLocation } from '../../core/diagnostics.ts'

/** A value of a YAML or JSON file with its source text and its location, independent of the library that read it. */
export type Node = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  /** As written in the file, without quotes: `1.0` is `1.0`. Null is ''. */
  readonly text: string
  /** The value for the Supervisor's reader (YAML 1.1). */
  readonly value: string | number | boolean | null
  /** A date to that reader; `value` is its text. */
  readonly isDate?: true
  readonly where: SourceLocation
}

interface ListNode {
  readonly kind: 'list'
  readonly items: readonly Node[]
  readonly where: SourceLocation
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly Entry[]
  readonly where: SourceLocation
}

export interface Entry {
  readonly key: string
  readonly keyWhere: SourceLocation
  readonly node: Node
}

export const entryOf = (map: MapNode, key: string): Entry | undefined => map.entries.find((entry) => entry.key === key)

export const nodeOf = (map: MapNode, key: string): Node | undefined => entryOf(map, key)?.node

/** The type of a node, for a message. */
export function describe(node: Node): string {
  if (node.kind === 'list') return 'a list'
  if (node.kind === 'map') return 'a map'
  if (node.value === null) return 'empty'
  if (node.isDate) return 'a date'
  return typeof node.value === 'string' ? 'a string' : typeof node.value === 'boolean' ? 'true or false' : 'a number'
}

/** Whether the Supervisor does not read it as a string: a number, a date, yes or no. An empty value is not meant. */
export const isUnquoted = (node: Node | undefined): node is ScalarNode =>
  node?.kind === 'scalar' && node.value !== null && (typeof node.value !== 'string' || node.isDate === true)

/** Plain data, as the Supervisor reads it. */
export function toValue(node: Node): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(toValue)
  return Object.fromEntries(node.entries.map(({ key, node: child }) => [key, toValue(child)]))
}

/** The location of every value in a node, by path: `zones.0.name`. */
export function locationsOf(node: Node, prefix = ''): ReadonlyMap<string, SourceLocation> {
  const locations = new Map<string, SourceLocation>()
  const walk = (current: Node, path: string): void => {
    const children =
      current.kind === 'map'
        ? current.entries.map(({ key, node: child, keyWhere }) => [key, child, keyWhere] as const)
        : current.kind === 'list'
          ? current.items.map((item, index) => [String(index), item, item.where] as const)
          : []
    for (const [name, child, where] of children) {
      const childPath = path === '' ? name : `${path}.${name}`
      locations.set(childPath, where)
      walk(child, childPath)
    }
  }
  walk(node, prefix)
  return locations
}
