// The explorer: a treemap and a table of the same folder, for one image at a time.
// The types of the project know no DOM, so tsconfig.json beside this checks it.
import { formatBytes, formatDelta } from '../../../core/bytes.ts'
import type { HtmlImage } from '../data.ts'
import { boxElement, textMeter } from './box.ts'
import { button, contentsTable } from './contents.ts'
import { keyOf, layerText, legendOf } from './legend.ts'
import { createMainLayer, delta, type Mode, modes, weightOf } from './mode.ts'
import { byFolder, byLayer, byPackage, byWaste, type Item, lineage, pathOf, search } from './tree.ts'
import { treemap } from './treemap.ts'

const groups = { folder: byFolder, package: byPackage, layer: byLayer, waste: byWaste }
type Group = keyof typeof groups
const isGroup = (name: string): name is Group => Object.hasOwn(groups, name)

interface Matches {
  readonly is: (node: Item) => boolean
  readonly has: (node: Item) => boolean
  readonly found: readonly Item[]
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`#${id} is missing`)
  return found
}

function start(): void {
  const blocks = [...document.querySelectorAll('script[data-image]')]
  const explorer = element('explorer', HTMLElement)
  const imageSelect = element('image', HTMLSelectElement)
  const groupSelect = element('group', HTMLSelectElement)
  const modeSelect = element('mode', HTMLSelectElement)
  const query = element('query', HTMLInputElement)
  const crumbs = element('crumbs', HTMLElement)
  const map = element('map', HTMLElement)
  const hint = element('hint', HTMLElement)
  const status = element('status', HTMLElement)
  const legend = element('legend', HTMLElement)
  const contents = element('contents', HTMLTableElement)
  const keys = element('key', HTMLElement)
  if (blocks.length === 0) return
  explorer.hidden = false
  for (const [index, block] of blocks.entries()) {
    imageSelect.append(new Option(block.getAttribute('data-image') ?? '', String(index)))
  }

  const trees = new Map<string, Item>()
  let root: Item
  let shown: Item
  let mode: Mode = 'after'
  const nodes = new Map<HTMLElement, Item>()
  const boxes = new Map<Item, HTMLElement>()
  const images = new Map<string, HtmlImage>()
  const mainLayer = createMainLayer()

  /** The data of the selected image. An image can have a megabyte of data, so it is parsed when it is selected. */
  function imageNow(): HtmlImage {
    const key = imageSelect.value
    const image: HtmlImage = images.get(key) ?? JSON.parse(blocks[Number(key)]?.textContent ?? '{}')
    images.set(key, image)
    return image
  }

  /** Shows the selected image and grouping. Their tree is created once, when they are first selected. */
  function choose(): void {
    const image = imageNow()
    const group = isGroup(groupSelect.value) ? groupSelect.value : 'folder'
    const key = `${imageSelect.value} ${group}`
    root = trees.get(key) ?? groups[group](image)
    trees.set(key, root)
    shown = root
    const comparable = isComparable(image, group)
    for (const option of modeSelect.options) option.disabled = option.value !== 'after' && !comparable
    if (!comparable) modeSelect.value = 'after'
    mode = modes.find((each) => each === modeSelect.value) ?? 'after'
    const view = { image, mode, waste: group === 'waste' }
    legend.textContent = legendOf(view, comparable)
    keys.replaceChildren(...keyOf(view))
    draw()
  }

  function isComparable({ before }: HtmlImage, group: Group): boolean {
    if (!before) return false
    return (
      group === 'layer' ||
      (group === 'package' ? before.packages.length > 0 : group === 'waste' ? !!before.waste : !!before.tree)
    )
  }

  const weight = (node: Item): number => weightOf(node, mode)
  const heaviest = (a: Item, b: Item): number => weight(b) - weight(a)
  const describe = (node: Item): string => {
    const path = node.parent ? pathOf(node) : 'all'
    const change = compared() ? `, before ${formatBytes(node.before)}, ${formatDelta(delta(node))}` : ''
    return `${path}: ${formatBytes(node.after)}${change}${node.note ? ` (${node.note})` : ''}`
  }

  const compared = (): boolean => modeSelect.options[1]?.disabled === false

  function open(node: Item, focus = false): void {
    shown = node
    draw()
    if (focus) map.querySelector<HTMLElement>('[role=treeitem]')?.focus()
    status.textContent = describe(node)
  }

  function matches(): Matches | undefined {
    const text = query.value.trim()
    if (text === '') return undefined
    const found = search(root, text)
    const all = new Set(found)
    const above = new Set(found.flatMap((node) => lineage(node).slice(0, -1)))
    return { found, is: (node) => lineage(node).some((each) => all.has(each)), has: (node) => above.has(node) }
  }

  function draw(): void {
    const matching = matches()
    drawCrumbs()
    drawMap(matching)
    drawContents(matching)
  }

  function drawCrumbs(): void {
    const path = lineage(shown)
    crumbs.replaceChildren(
      ...path.map((node, index) => {
        const part = document.createElement('li')
        const name = node.parent ? node.name : 'all'
        if (index === path.length - 1) {
          const here = document.createElement('span')
          here.textContent = `${name} · ${formatBytes(node.after)}`
          here.setAttribute('aria-current', 'true')
          part.append(here)
        } else part.append(button(name, () => open(node)))
        return part
      }),
    )
  }

  function drawMap(matching: Matches | undefined): void {
    const width = map.clientWidth || 960
    const height = map.clientHeight || 480
    nodes.clear()
    boxes.clear()
    const laid = treemap(shown, { width, height, weight, children: (node) => node.children })
    const ranks = rankOf(laid.map((box) => box.node))
    const settings = { width, height, mode, describe, mainLayer, textWidth: textMeter(map) }
    map.replaceChildren(
      ...laid.map((box, index) => {
        const { node } = box
        const element = boxElement(box, settings)
        const [position, of] = ranks.get(node) ?? [1, 1]
        element.setAttribute('aria-posinset', String(position))
        element.setAttribute('aria-setsize', String(of))
        element.tabIndex = index === 0 ? 0 : -1
        if (matching) element.classList.add(matching.is(node) ? 'match' : matching.has(node) ? 'around' : 'dim')
        nodes.set(element, node)
        boxes.set(node, element)
        return element
      }),
    )
    if (laid.length === 0) map.textContent = 'Nothing here has a size.'
  }

  /** The position of each node among its siblings, and how many these are. */
  function rankOf(drawn: readonly Item[]): Map<Item, [number, number]> {
    const siblings = [...Map.groupBy(drawn, ({ parent }) => parent).values()]
    return new Map(siblings.flatMap((list) => list.map((node, index) => [node, [index + 1, list.length]])))
  }

  function drawContents(matching: Matches | undefined): void {
    const list = matching ? matching.found : (shown.children ?? []).toSorted(heaviest)
    const caption = matching
      ? `${list.length} found, ${formatBytes(list.reduce((sum, { after }) => sum + after, 0))}`
      : `${shown.parent ? pathOf(shown) : 'All'}: ${list.length} entries`
    const whole = weight(matching ? root : shown)
    contents.replaceChildren(
      ...contentsTable({ list, caption, compared: compared(), paths: matching !== undefined, whole, weight, open }),
    )
    if (matching) status.textContent = caption
  }

  const boxAt = (target: EventTarget | null): HTMLElement | undefined =>
    (target instanceof Element && target.closest<HTMLElement>('.box')) || undefined

  function focus(node: Item | undefined | null): void {
    const box = node && boxes.get(node)
    if (!node || !box) return
    for (const other of map.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1')
    box.tabIndex = 0
    box.focus()
  }

  map.addEventListener('click', (event) => {
    const node = nodes.get(boxAt(event.target) ?? map)
    if (node) open(node.children ? node : (node.parent ?? root))
  })
  /** Shows the hint beside the pointer or the focused box, and inside the window. */
  function showHint(node: Item | undefined, x: number, y: number): void {
    hint.hidden = !node
    if (!node) return
    hint.textContent = `${describe(node)}${node.layer >= 0 && node.note === '' ? ` · ${layerLabel(node.layer)}` : ''}`
    const { width, height } = hint.getBoundingClientRect()
    hint.style.left = `${Math.max(4, Math.min(x + 14, document.documentElement.clientWidth - width - 4))}px`
    hint.style.top = `${y + 18 + height > window.innerHeight ? y - height - 8 : y + 18}px`
  }
  const layerLabel = (layer: number): string => {
    const [, command = '', , , place = ''] = imageNow().after.layers[layer] ?? []
    return layerText(place, command)
  }
  map.addEventListener('pointermove', (event) =>
    showHint(nodes.get(boxAt(event.target) ?? map), event.clientX, event.clientY),
  )
  map.addEventListener('pointerleave', () => showHint(undefined, 0, 0))
  map.addEventListener('focusin', (event) => {
    const box = boxAt(event.target)
    const area = box?.getBoundingClientRect()
    if (box && area) showHint(nodes.get(box), area.left, area.top)
  })
  map.addEventListener('focusout', () => showHint(undefined, 0, 0))
  map.addEventListener('keydown', (event) => {
    const node = nodes.get(boxAt(event.target) ?? map)
    if (!node || event.altKey || event.ctrlKey || event.metaKey) return
    const [siblings = [], inner = []] = [node.parent, node].map((folder) =>
      (folder?.children ?? []).filter((each) => boxes.has(each)).sort(heaviest),
    )
    const at = siblings.indexOf(node)
    const keys: Readonly<Record<string, () => void>> = {
      ArrowRight: () => focus(siblings[at + 1]),
      ArrowLeft: () => focus(siblings[at - 1]),
      ArrowDown: () => focus(inner[0]),
      ArrowUp: () => focus(node.parent),
      Home: () => focus(siblings[0]),
      End: () => focus(siblings.at(-1)),
      Enter: () => node.children && open(node, true),
      ' ': () => node.children && open(node, true),
      Escape: up,
      Backspace: up,
    }
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })

  function up(): void {
    const from = shown
    if (!from.parent) return
    open(from.parent)
    focus(from)
  }

  for (const select of [imageSelect, groupSelect, modeSelect]) select.addEventListener('change', choose)
  let waiting = 0
  query.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(draw, 120)
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    query.focus()
  })
  let width = map.clientWidth
  new ResizeObserver(() => {
    if (map.clientWidth === width) return
    width = map.clientWidth
    drawMap(matches())
  }).observe(map)

  const first = imageNow()
  if (first.before?.tree) {
    modeSelect.value = 'change'
    // Shows the grouping with the larger change first. For example, a file that a layer stores again changes only the waste, not the folders.
    const [files, wasted] = [byFolder(first), byWaste(first)].map(({ before, after }) => Math.abs(after - before))
    if ((wasted ?? 0) > (files ?? 0)) groupSelect.value = 'waste'
  }
  if (!first.after.tree) groupSelect.value = first.after.packages.length > 0 ? 'package' : 'layer'
  choose()
}

start()
