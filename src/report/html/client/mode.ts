// Which figure of a node the page shows. No DOM in here.
import { formatBytes, formatDelta } from '../../../core/bytes.ts'
import type { Item } from './tree.ts'

export const modes = ['after', 'before', 'change'] as const
export type Mode = (typeof modes)[number]

export const delta = (node: Item): number => node.after - node.before

/** The bytes that the area of a node represents. */
export const weightOf = (node: Item, mode: Mode): number =>
  mode === 'change' ? Math.max(node.before, node.after) : node[mode]

/** `12.0 MB`, or `+12.0 MB` of a change; empty if nothing changed. */
export const figureOf = (node: Item, mode: Mode): string =>
  mode !== 'change' ? formatBytes(node[mode]) : delta(node) === 0 ? '' : formatDelta(delta(node))

/** A part as a percentage of the whole; empty if the whole is zero. */
export const percent = (part: number, whole: number): string =>
  whole > 0 ? `${((part / whole) * 100).toFixed(1)} %` : ''

/** Finds the layer that most bytes of a node come from; -1 if it is not known. Sums of folders are computed once. */
export function createMainLayer(): (node: Item) => number {
  const known = new Map<Item, ReadonlyMap<number, number>>()
  function bytesByLayer(node: Item): ReadonlyMap<number, number> {
    const before = known.get(node)
    if (before) return before
    const sums = new Map<number, number>(node.children ? [] : [[node.layer, node.after]])
    for (const child of node.children ?? [])
      for (const [layer, bytes] of bytesByLayer(child)) sums.set(layer, (sums.get(layer) ?? 0) + bytes)
    known.set(node, sums)
    return sums
  }
  return (node) => {
    if (!node.children) return node.layer
    let [best, most] = [-1, 0]
    for (const [layer, bytes] of bytesByLayer(node)) if (bytes > most) [best, most] = [layer, bytes]
    return best
  }
}
