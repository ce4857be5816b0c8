// What the page shows, as trees of one shape: a name, bytes before and after, children. No DOM in here.

import { formatBytes } from '../../../core/bytes.ts'
import type { Hidden, HtmlImage, Node, Package, Side } from '../data.ts'

export interface Item {
  readonly name: string
  readonly note: string
  readonly before: number
  readonly after: number
  readonly layer: number
  readonly children: Item[] | null
  parent: Item | null
}

interface Extra {
  readonly children?: Item[] | null
  readonly note?: string
  readonly layer?: number
}

function item(
  name: string,
  before: number,
  after: number,
  { children = null, note = '', layer = -1 }: Extra = {},
): Item {
  const parent = { name, note, before, after, layer, parent: null, children }
  for (const child of children ?? []) child.parent = parent
  return parent
}

function total(name: string, children: Item[]): Item {
  const sum = (side: 'before' | 'after'): number => children.reduce((all, child) => all + child[side], 0)
  return item(name, sum('before'), sum('after'), { children })
}

const childrenOf = (node: Node | undefined): readonly Node[] | undefined =>
  node && Array.isArray(node[2]) ? node[2] : undefined

const layerOf = (node: Node | undefined): number => (node && typeof node[2] === 'number' ? node[2] : -1)

/** Both trees in one, by name. A file that became a folder is a folder. */
export function mergeTrees(
  before: Node | undefined,
  after: Node | undefined,
  name = (after ?? before)?.[0] ?? '',
): Item {
  const [was, is] = [before?.[1] ?? 0, after?.[1] ?? 0]
  const [from, to] = [childrenOf(before), childrenOf(after)]
  if (!from && !to) return item(name, was, is, { layer: layerOf(after) })
  const old = new Map((from ?? []).map((node) => [node[0], node]))
  const children = (to ?? []).map((node) => {
    const previous = old.get(node[0])
    old.delete(node[0])
    return mergeTrees(previous, node)
  })
  for (const node of old.values()) children.push(mergeTrees(node, undefined))
  // If a file became a folder or a folder a file, one side has bytes that no child has.
  const rest = (all: number, side: 'before' | 'after'): number =>
    Math.max(0, all - children.reduce((sum, child) => sum + child[side], 0))
  const [left, right] = [rest(was, 'before'), rest(is, 'after')]
  if (left > 0 || right > 0) {
    const whole = (from === undefined && was > 0) || (to === undefined && is > 0)
    children.push(
      item(whole ? 'as a file' : 'small files', left, right, { note: whole ? '' : 'not listed individually' }),
    )
  }
  return item(name, was, is, { children })
}

export const byFolder = ({ before, after }: HtmlImage): Item => mergeTrees(before?.tree, after.tree, '/')

/** Packages by manager. Several versions of one package are one node. */
export function byPackage({ before, after }: HtmlImage): Item {
  const old = new Set(before?.packages)
  const managers = Map.groupBy([...old, ...after.packages], ([manager]) => manager)
  const children = [...managers].map(([manager, packages]) => {
    const versions = [...Map.groupBy(packages, ([, name]) => name)]
    return total(
      manager,
      versions.map(([name, all]) =>
        packageItem(
          name,
          all.filter((one) => old.has(one)),
          all.filter((one) => !old.has(one)),
        ),
      ),
    )
  })
  return total('/', children)
}

function packageItem(name: string, from: readonly Package[], to: readonly Package[]): Item {
  const [before, after] = [from, to].map((side) => side.reduce((sum, [, , , bytes]) => sum + bytes, 0))
  const [old, now] = [from, to].map((side) => side.map(([, , version]) => version).join(', '))
  const note = !old || old === now ? now : now ? `${old} → ${now}` : `${old}, removed`
  return item(name, before ?? 0, after ?? 0, { note: note ?? '', layer: to.at(-1)?.[4] ?? -1 })
}

/**
 * Layers, each with the files that it added and that are still visible. Matched by diff ID: the same content compressed
 * differently is the same layer.
 */
export function byLayer({ before, after }: HtmlImage): Item {
  const files = after.tree ? filesByLayer(after.tree, after.layers.length) : []
  const left = new Map((before?.layers ?? []).map((layer) => [layer[0], layer]))
  const shown = after.layers.map(([id, command, download, onDisk, place], index) => {
    const was = left.delete(id)
    const parts = (files[index] ?? []).map((part) => (was ? asBefore(part) : part))
    const listed = parts.reduce((sum, part) => sum + part.after, 0)
    const bytes = Math.max(onDisk ?? download, listed)
    const hidden = bytes - listed
    if (parts.length > 0 && hidden > 0) {
      const note = 'deleted or overwritten by a later layer, or too small to be listed'
      parts.push(item('hidden or small', was ? hidden : 0, hidden, { note, layer: index }))
    }
    return item(`${index + 1} ${command}`, was ? bytes : 0, bytes, {
      children: parts.length > 0 ? parts : null,
      note: `${place}; ${was ? 'unchanged, ' : before ? 'new, ' : ''}${formatBytes(download)} to download`,
      layer: index,
    })
  })
  for (const [, command, download, onDisk] of left.values()) {
    shown.push(item(command, onDisk ?? download, 0, { note: `removed, was ${formatBytes(download)} to download` }))
  }
  return total('/', shown)
}

const asBefore = ({ name, after, note, layer, children }: Item): Item =>
  item(name, after, after, { note, layer, children: children?.map(asBefore) ?? null })

/** The tree once for each layer, with that layer's files only. */
function filesByLayer(root: Node, layers: number): Item[][] {
  const split = (node: Node): Map<number, Item> => {
    const children = childrenOf(node)
    if (!children) return new Map([[layerOf(node), item(node[0], 0, node[1], { layer: layerOf(node) })]])
    const found = Map.groupBy(
      children.flatMap((child) => [...split(child)]),
      ([layer]) => layer,
    )
    return new Map(
      [...found].map(([layer, parts]) => [
        layer,
        total(
          node[0],
          parts.map(([, part]) => part),
        ),
      ]),
    )
  }
  const roots = split(root)
  return Array.from({ length: layers }, (_, layer) => roots.get(layer)?.children ?? [])
}

const reasons: Readonly<Record<string, string>> = {
  deleted: 'deleted',
  overwritten: 'replaced',
  'metadata-only': 'same content, different owner or mode',
}

/** Appended to the name of a wasted file, so that a folder of the same name is a different node. Names have no slash themselves. */
const ended = '/'
const withoutEnd = (name: string): string => (name.length > 1 && name.endsWith(ended) ? name.slice(0, -1) : name)

/** Bytes that no container sees, by path. */
export function byWaste({ before, after }: HtmlImage): Item {
  const branches = (side: Side | undefined): Node => {
    const root: [string, number, Node[]] = ['/', 0, []]
    for (const [path, bytes, , , hiddenBy] of side?.waste ?? []) {
      let at = root
      const parts = path === '' ? ['/'] : path.split('/')
      for (const [depth, part] of parts.entries()) {
        at[1] += bytes
        // The same path may be wasted several times, each time by another layer.
        const name = depth === parts.length - 1 ? `${part}${ended}` : part
        const known = at[2].find((node) => node[0] === name && Array.isArray(node[2]))
        const next = (known ?? [name, 0, []]) as [string, number, Node[]]
        if (!known) at[2].push(next)
        at = next
      }
      at[1] += bytes
      at[2].push([`until layer ${hiddenBy + 1}`, bytes, hiddenBy, -1])
    }
    return root
  }
  const root = mergeTrees(before?.waste && branches(before), branches(after))
  const notes = new Map((after.waste ?? []).map((one) => [`${one[0] || '/'} ${one[4]}`, noteOf(one, after)]))
  return withNotes(root, '', notes)
}

/** `deleted: written by line 4, hidden by line 5`. */
const noteOf = ([, , reason, writtenBy, hiddenBy]: Hidden, { layers }: Side): string =>
  `${reasons[reason] ?? reason}: written by ${layers[writtenBy]?.[4] ?? ''}, hidden by ${layers[hiddenBy]?.[4] ?? ''}`

/** Turns paths that were wasted once into leaves, and adds a note with the reason to each. */
function withNotes(node: Item, path: string, notes: ReadonlyMap<string, string>): Item {
  const name = withoutEnd(node.name)
  const [only] = node.children ?? []
  if (only && node.children?.length === 1 && only.children === null) {
    return item(name, node.before, node.after, {
      layer: only.layer,
      note: notes.get(`${path} ${only.layer}`) ?? 'no longer wasted',
    })
  }
  const children = (node.children ?? []).map((child) =>
    child.children === null
      ? item(child.name, child.before, child.after, {
          layer: child.layer,
          note: notes.get(`${path} ${child.layer}`) ?? '',
        })
      : withNotes(child, `${path}${path && '/'}${withoutEnd(child.name)}`, notes),
  )
  return item(name, node.before, node.after, { children })
}

/** A node and the folders that it is in, the root first. */
export function lineage(node: Item): readonly Item[] {
  const nodes: Item[] = []
  for (let each: Item | null = node; each; each = each.parent) nodes.unshift(each)
  return nodes
}

export const pathOf = (node: Item): string =>
  lineage(node)
    .slice(1)
    .map(({ name }) => name)
    .join('/')

/** Files and folders whose path has the words, most bytes first; a folder that matches hides matches inside it. */
export function search(root: Item, query: string): readonly Item[] {
  const wanted = query.toLowerCase()
  const found: Item[] = []
  const visit = (node: Item, path: string): void => {
    if (path.includes(wanted)) {
      found.push(node)
      return
    }
    for (const child of node.children ?? []) visit(child, `${path}/${child.name.toLowerCase()}`)
  }
  for (const child of root.children ?? []) visit(child, child.name.toLowerCase())
  return found.sort((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after))
}
