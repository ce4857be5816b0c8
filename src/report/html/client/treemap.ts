// A squarified treemap: areas are bytes. The layout of each level is d3's. No DOM in here.
import { hierarchy, treemap as layout, treemapSquarify } from 'd3-hierarchy'

type Area = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>
type Placed<T> = Area & { readonly node: T }

export interface Box<T> extends Area {
  readonly node: T
  readonly depth: number
  /** Whether the content of the box is shown inside it. */
  opened: boolean
}

interface TreemapOptions<T> {
  readonly width: number
  readonly height: number
  readonly weight: (node: T) => number
  readonly children: (node: T) => readonly T[] | null
  readonly most?: number
}

/** Height of a title in an opened box, margin around its content, smallest visible side; in pixels. */
const head = 18
const gap = 2
const least = 1.5

/** Padding and border beside a label, and the height that two lines take; in pixels. */
const labelMargin = 10
const twoLines = 34

/** Boxes for the content of `root`, parents before their children. A box is opened if its content is large enough to see. */
export function treemap<T>(root: T, { width, height, weight, children, most = 900 }: TreemapOptions<T>): Box<T>[] {
  const boxes: Box<T>[] = []
  const queue: Box<T>[] = [{ node: root, x: 0, y: 0, width, height, depth: 0, opened: true }]
  // The largest box first, so that the smallest ones stay closed if the limit is reached.
  for (let box = takeLargest(queue); box && boxes.length < most; box = takeLargest(queue)) {
    const [top, side] = box.depth === 0 ? [0, 0] : [head, gap]
    const inner = { x: box.x + side, y: box.y + top, width: box.width - 2 * side, height: box.height - top - side }
    const parts = inside(children(box.node) ?? [], inner, weight)
    box.opened = parts.length > 0
    for (const part of parts) {
      const next = { ...part, depth: box.depth + 1, opened: false }
      boxes.push(next)
      const room = next.width >= 44 && next.height >= head + 16
      if (room && (children(next.node)?.length ?? 0) > 0) queue.push(next)
    }
  }
  return boxes
}

function takeLargest<T>(queue: Box<T>[]): Box<T> | undefined {
  let at = 0
  for (const [index, box] of queue.entries()) {
    const other = queue[at]
    if (other && box.width * box.height > other.width * other.height) at = index
  }
  return queue.splice(at, 1)[0]
}

/** One level: areas in proportion to the weights, the largest first. Boxes of less than a few pixels are left out. */
export function inside<T>(nodes: readonly T[], area: Area, weight: (node: T) => number): Placed<T>[] {
  if (area.width < 1 || area.height < 1) return []
  const weighed = nodes.map((node) => ({ node, weight: weight(node) })).filter((each) => each.weight > 0)
  const root = hierarchy<Level<T>>({ parts: weighed.map((each) => ({ ...each, parts: [] })) }, ({ parts }) => parts)
    .sum((level) => level.weight ?? 0)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
  const level = layout<Level<T>>().tile(treemapSquarify.ratio(1)).size([area.width, area.height])(root)
  return (level.children ?? []).flatMap(({ data: { node }, x0, y0, x1, y1 }) =>
    node === undefined || x1 - x0 < least || y1 - y0 < least
      ? []
      : [{ node, x: area.x + x0, y: area.y + y0, width: x1 - x0, height: y1 - y0 }],
  )
}

/** Input of d3's layout: the parts of one folder, without their own parts. */
interface Level<T> {
  readonly node?: T
  readonly weight?: number
  readonly parts: readonly Level<T>[]
}

/**
 * Where a box shows its size: behind the name, below it, or not at all if it would be cut.
 * @param name width of the name in pixels.
 * @param size width of the size in pixels.
 */
export function sizePlacement(
  name: number,
  size: number,
  { width, height, opened }: Pick<Box<unknown>, 'width' | 'height' | 'opened'>,
): 'beside' | 'below' | undefined {
  const room = width - labelMargin
  if (name + size <= room) return 'beside'
  // The title of an opened box has a single line.
  return !opened && height > twoLines && size <= room ? 'below' : undefined
}
