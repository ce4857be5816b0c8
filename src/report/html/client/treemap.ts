// Squarified treemap (Bruls, Huizing, van Wijk 2000): areas are bytes, shapes are near to squares. No DOM in here.

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Placed<T> extends Area {
  readonly node: T
}

export interface Box<T> extends Placed<T> {
  readonly depth: number
  /** Its content is shown inside it. */
  opened: boolean
}

export interface TreemapOptions<T> {
  readonly width: number
  readonly height: number
  readonly weight: (node: T) => number
  readonly children: (node: T) => readonly T[] | null
  readonly most?: number
}

/** Height of a title in an opened box, the margin around its content, the least side of what can be seen; in pixels. */
const head = 18
const gap = 2
const least = 1.5

/** Boxes of what is inside `root`, parents before their children. A box is opened while its content can be told apart. */
export function treemap<T>(root: T, { width, height, weight, children, most = 900 }: TreemapOptions<T>): Box<T>[] {
  const boxes: Box<T>[] = []
  const queue: Box<T>[] = [{ node: root, x: 0, y: 0, width, height, depth: 0, opened: true }]
  // The largest first: when there is no room for more boxes, it is the smallest that stay closed.
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

/** One level. What would be smaller than a few pixels is left out. */
export function inside<T>(nodes: readonly T[], area: Area, weight: (node: T) => number): Placed<T>[] {
  const weighed = nodes.map((node) => ({ node, weight: weight(node) })).filter((each) => each.weight > 0)
  weighed.sort((a, b) => b.weight - a.weight)
  const all = weighed.reduce((sum, each) => sum + each.weight, 0)
  const made: Placed<T>[] = []
  if (all <= 0 || area.width < 1 || area.height < 1) return made
  const scale = (area.width * area.height) / all
  const sizes = weighed.map((each) => each.weight * scale)
  let { x, y, width, height } = area
  let start = 0
  while (start < weighed.length) {
    const side = Math.min(width, height)
    const { end, sum } = rowFrom(sizes, start, side)
    const thick = sum / side
    // Rows only get smaller: what follows cannot be seen either.
    if (thick < least || side < least) break
    let along = 0
    for (const each of weighed.slice(start, end)) {
      const long = (each.weight * scale) / thick
      if (long >= least) {
        made.push(
          width >= height
            ? { node: each.node, x, y: y + along, width: thick, height: long }
            : { node: each.node, x: x + along, y, width: long, height: thick },
        )
      }
      along += long
    }
    if (width >= height) {
      x += thick
      width -= thick
    } else {
      y += thick
      height -= thick
    }
    start = end
  }
  return made
}

/** As many as make the worst shape of a row best. */
function rowFrom(
  sizes: readonly number[],
  start: number,
  side: number,
): { readonly end: number; readonly sum: number } {
  const largest = sizes[start] ?? 0
  let end = start
  let sum = 0
  let worst = Number.POSITIVE_INFINITY
  for (; end < sizes.length; end++) {
    const size = sizes[end] ?? 0
    const next = sum + size
    const ratio = Math.max((side * side * largest) / (next * next), (next * next) / (side * side * size))
    if (ratio > worst) break
    worst = ratio
    sum = next
  }
  return { end, sum }
}
