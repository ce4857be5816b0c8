// @ts-check
// In JavaScript, since the types of the project know no DOM; tsconfig.json beside this checks it.
// The explorer: a treemap and a table of the same folder, for one image at a time.
import { button, contentsTable } from './contents.js'
import { formatBytes, signed } from './text.ts'
import { byFolder, byLayer, byPackage, byWaste, pathOf, search } from './tree.ts'
import { treemap } from './treemap.ts'

/** @typedef {import('./tree.ts').Item} Item */
/** @typedef {'after' | 'before' | 'change'} Mode */

const mostKeys = 12

/** The golden angle: neighbours in the list are far apart on the wheel. @param {number} layer */
const hueOf = (layer) => (layer * 137.5 + 210) % 360

/** @param {string} text */
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** @template {HTMLElement} T @param {string} id @param {new () => T} type @returns {T} */
function element(id, type) {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`#${id} is missing`)
  return found
}

function start() {
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

  const groups = { folder: byFolder, package: byPackage, layer: byLayer, waste: byWaste }
  /** @type {Map<string, Item>} */
  const made = new Map()
  /** @type {Item} */
  let root
  /** @type {Item} */
  let shown
  /** @type {Mode} */
  let mode = 'after'
  /** @type {Map<HTMLElement, Item>} */
  const nodes = new Map()
  /** @type {Map<Item, HTMLElement>} */
  const boxes = new Map()

  /** @type {Map<string, import('../data.ts').HtmlImage>} */
  const images = new Map()

  /** A megabyte for each image: read when it is looked at. */
  function imageNow() {
    const key = imageSelect.value
    const image = images.get(key) ?? JSON.parse(blocks[Number(key)]?.textContent ?? '{}')
    images.set(key, image)
    return /** @type {import('../data.ts').HtmlImage} */ (image)
  }

  /** The tree of an image and a grouping is made once, when it is looked at. */
  function choose() {
    const image = imageNow()
    const group = /** @type {keyof typeof groups} */ (groupSelect.value)
    const key = `${imageSelect.value} ${group}`
    root = made.get(key) ?? groups[group](image)
    made.set(key, root)
    shown = root
    const comparable = isComparable(image, group)
    for (const option of modeSelect.options) option.disabled = option.value !== 'after' && !comparable
    if (!comparable) modeSelect.value = 'after'
    mode = /** @type {Mode} */ (modeSelect.value)
    legend.textContent = legendOf(image, comparable)
    drawKey(image)
    draw()
  }

  /** @param {import('../data.ts').HtmlImage} image @param {keyof typeof groups} group */
  function isComparable({ before }, group) {
    if (!before) return false
    return (
      group === 'layer' ||
      (group === 'package' ? before.packages.length > 0 : group === 'waste' ? !!before.waste : !!before.tree)
    )
  }

  /** @param {import('../data.ts').HtmlImage} image @param {boolean} comparable */
  function legendOf(image, comparable) {
    const area =
      groupSelect.value === 'waste'
        ? 'Area: bytes that are stored and pulled, and that no container sees.'
        : mode === 'change'
          ? 'Area: bytes on disk, the larger of before and after.'
          : 'Area: bytes on disk.'
    if (comparable) return area
    return `${area} ${image.before ? 'Only the manifest of the image before was read, so its files are not known.' : 'There is no image before to compare with.'}`
  }

  /** What the colours mean. @param {import('../data.ts').HtmlImage} image */
  function drawKey({ after }) {
    /** @param {string} kind @param {string} text @param {number} [hue] */
    const entry = (kind, text, hue) => {
      const made = document.createElement('li')
      const chip = document.createElement('span')
      chip.className = `chip ${kind}`
      if (hue !== undefined) chip.style.setProperty('--hue', String(hue))
      made.append(chip, text)
      return made
    }
    if (mode === 'change')
      keys.replaceChildren(entry('grew', 'grew'), entry('shrank', 'shrank'), entry('same', 'did not change'))
    else {
      const verb = groupSelect.value === 'waste' ? 'hidden by' : 'brought by'
      keys.replaceChildren(
        ...after.layers
          .map(([, command, , onDisk, place], layer) => ({ command, onDisk, place, layer }))
          .filter(({ onDisk }) => onDisk !== 0)
          .slice(0, mostKeys)
          .map(({ command, place, layer }) =>
            entry('layered', `${verb} ${place}: ${shortened(command)}`, hueOf(layer)),
          ),
      )
    }
  }

  /** @param {Item} node */
  const weight = (node) => (mode === 'change' ? Math.max(node.before, node.after) : node[mode])
  /** @param {Item} node */
  const delta = (node) => node.after - node.before
  /** @param {Item} node */
  const describe = (node) => {
    const path = node.parent ? pathOf(node) : 'all'
    const change = compared() ? `, before ${formatBytes(node.before)}, ${signed(delta(node))}` : ''
    return `${path}: ${formatBytes(node.after)}${change}${node.note ? ` (${node.note})` : ''}`
  }

  const compared = () => modeSelect.options[1]?.disabled === false

  /** @param {Item} node @param {boolean} [focus] */
  function open(node, focus = false) {
    shown = node
    draw()
    if (focus) firstBox()?.focus()
    status.textContent = describe(node)
  }

  const firstBox = () => /** @type {HTMLElement | null} */ (map.querySelector('[role=treeitem]'))

  /** @returns {{ is: (node: Item) => boolean, has: (node: Item) => boolean, result: ReturnType<typeof search> } | undefined} */
  function matches() {
    const text = query.value.trim()
    if (text === '') return undefined
    const result = search(root, text, 100_000)
    const found = new Set(result.found)
    /** @type {Set<Item>} */
    const above = new Set()
    for (const node of found) for (let each = node.parent; each && !above.has(each); each = each.parent) above.add(each)
    /** @param {Item} node */
    const is = (node) => {
      for (let each = /** @type {Item | null} */ (node); each; each = each.parent) if (found.has(each)) return true
      return false
    }
    return { is, has: (node) => above.has(node), result }
  }

  function draw() {
    const matching = matches()
    drawCrumbs()
    drawMap(matching)
    drawContents(matching)
  }

  function drawCrumbs() {
    /** @type {Item[]} */
    const path = []
    for (let each = /** @type {Item | null} */ (shown); each; each = each.parent) path.unshift(each)
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

  /** @param {ReturnType<typeof matches>} matching */
  function drawMap(matching) {
    const width = map.clientWidth || 960
    const height = map.clientHeight || 480
    nodes.clear()
    boxes.clear()
    const laid = treemap(shown, { width, height, weight, children: (node) => node.children })
    const ranks = rankOf(laid.map((box) => box.node))
    map.replaceChildren(
      ...laid.map(({ node, x, y, width: wide, height: high, depth, opened }, index) => {
        const box = document.createElement('div')
        box.className = `box${node.children ? ' folder' : ''}${opened ? ' opened' : ''}`
        box.setAttribute('role', 'treeitem')
        box.setAttribute('aria-level', String(depth))
        const [place, of] = ranks.get(node) ?? [1, 1]
        box.setAttribute('aria-posinset', String(place))
        box.setAttribute('aria-setsize', String(of))
        if (node.children) box.setAttribute('aria-expanded', String(opened))
        box.setAttribute('aria-label', describe(node))
        box.tabIndex = index === 0 ? 0 : -1
        // In parts of the whole, so that the map keeps its shape in print and while the window changes.
        box.style.left = `${(x / width) * 100}%`
        box.style.top = `${(y / height) * 100}%`
        box.style.width = `${(wide / width) * 100}%`
        box.style.height = `${(high / height) * 100}%`
        colour(box, node, opened)
        if (matching) box.classList.add(matching.is(node) ? 'match' : matching.has(node) ? 'around' : 'dim')
        if (wide > 40 && high > 14) {
          const label = document.createElement('span')
          label.textContent = `${node.name} `
          const bytes = document.createElement('small')
          bytes.textContent = mode !== 'change' ? formatBytes(node[mode]) : delta(node) === 0 ? '' : signed(delta(node))
          if (wide > 90 || high > 32) label.append(bytes)
          if (wide < 110 && high > 32) label.className = 'stacked'
          box.append(label)
        }
        nodes.set(box, node)
        boxes.set(node, box)
        return box
      }),
    )
    if (laid.length === 0) map.textContent = 'Nothing here has a size.'
  }

  /** @param {Item[]} drawn @returns {Map<Item, [number, number]>} */
  function rankOf(drawn) {
    /** @type {Map<Item | null, Item[]>} */
    const siblings = new Map()
    for (const node of drawn) siblings.set(node.parent, [...(siblings.get(node.parent) ?? []), node])
    return new Map(
      [...siblings.values()].flatMap((list) => list.map((node, index) => [node, [index + 1, list.length]])),
    )
  }

  /** @type {Map<Item, Map<number, number>>} */
  const brought = new Map()
  /** Bytes of a closed folder by layer. @param {Item} node @returns {Map<number, number>} */
  function bytesByLayer(node) {
    const known = brought.get(node)
    if (known) return known
    /** @type {Map<number, number>} */
    const sums = new Map(node.children ? [] : [[node.layer, node.after]])
    for (const child of node.children ?? [])
      for (const [layer, bytes] of bytesByLayer(child)) sums.set(layer, (sums.get(layer) ?? 0) + bytes)
    brought.set(node, sums)
    return sums
  }

  /** The layer that brought most of it; -1 where that is not known. @param {Item} node */
  function mainLayer(node) {
    if (!node.children) return node.layer
    let [best, most] = [-1, 0]
    for (const [layer, bytes] of bytesByLayer(node)) if (bytes > most) [best, most] = [layer, bytes]
    return best
  }

  /** @param {HTMLElement} box @param {Item} node @param {boolean} opened */
  function colour(box, node, opened) {
    if (mode === 'change') {
      const change = delta(node)
      const largest = Math.max(node.before, node.after)
      if (change === 0 || largest === 0) return
      box.classList.add(change > 0 ? 'grew' : 'shrank')
      const heat = 25 + Math.round(Math.min(1, Math.abs(change) / largest) * 75)
      box.style.setProperty('--heat', `${node.children ? Math.round(heat / 3) : heat}%`)
    } else if (!opened) {
      const layer = mainLayer(node)
      if (layer < 0) return
      box.classList.add('layered')
      box.style.setProperty('--hue', String(hueOf(layer)))
    }
  }

  /** @param {ReturnType<typeof matches>} matching */
  function drawContents(matching) {
    const list = matching ? matching.result.found : [...(shown.children ?? [])].sort((a, b) => weight(b) - weight(a))
    const caption = matching
      ? `${matching.result.count} found, ${formatBytes(matching.result.bytes)}`
      : `${shown.parent ? pathOf(shown) : 'All'}: ${list.length} entries`
    const whole = weight(matching ? root : shown)
    contents.replaceChildren(
      ...contentsTable({ list, caption, compared: compared(), paths: matching !== undefined, whole, weight, open }),
    )
    if (matching) status.textContent = caption
  }

  /** @param {EventTarget | null} target @returns {HTMLElement | undefined} */
  const boxAt = (target) =>
    (target instanceof Element && /** @type {HTMLElement | null} */ (target.closest('.box'))) || undefined

  /** @param {Item | undefined | null} node */
  function focus(node) {
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
  /** Beside the pointer or the focused box, and inside the window. @param {Item | undefined} node @param {number} x @param {number} y */
  function showHint(node, x, y) {
    hint.hidden = !node
    if (!node) return
    hint.textContent = `${describe(node)}${node.layer >= 0 && node.note === '' ? ` · ${placeOf(node.layer)}` : ''}`
    const { width, height } = hint.getBoundingClientRect()
    hint.style.left = `${Math.max(4, Math.min(x + 14, document.documentElement.clientWidth - width - 4))}px`
    hint.style.top = `${y + 18 + height > window.innerHeight ? y - height - 8 : y + 18}px`
  }
  /** @param {number} layer */
  const placeOf = (layer) => {
    const [, command = '', , , place = ''] = imageNow().after.layers[layer] ?? []
    return `${place}: ${shortened(command)}`
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
    const siblings = (node.parent?.children ?? [])
      .filter((each) => boxes.has(each))
      .sort((a, b) => weight(b) - weight(a))
    const at = siblings.indexOf(node)
    const inner = [...(node.children ?? [])].filter((each) => boxes.has(each)).sort((a, b) => weight(b) - weight(a))
    /** @type {Readonly<Record<string, () => void>>} */
    const keys = {
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

  function up() {
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
    // A file that is stored twice changes nothing in the folders: what changed is shown first.
    const [files, wasted] = [byFolder(first), byWaste(first)].map(({ before, after }) => Math.abs(after - before))
    if ((wasted ?? 0) > (files ?? 0)) groupSelect.value = 'waste'
  }
  if (!first.after.tree) groupSelect.value = first.after.packages.length > 0 ? 'package' : 'layer'
  choose()
}

start()
