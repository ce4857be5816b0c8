// One box of the treemap as an element: its place, label and color.
import { hueOf } from './legend.ts'
import { delta, figureOf, type Mode } from './mode.ts'
import type { Item } from './tree.ts'
import { type Box, sizePlacement } from './treemap.ts'

/** Font size of labels, as in style.css. */
const labelRem = 0.75

interface BoxSettings {
  readonly width: number
  readonly height: number
  readonly mode: Mode
  /** The whole text of a node, for screen readers. */
  readonly describe: (node: Item) => string
  readonly mainLayer: (node: Item) => number
  readonly textWidth: (text: string) => number
}

/** Creates the element of a box. The caller sets its position among its siblings. */
export function boxElement(box: Box<Item>, settings: BoxSettings): HTMLElement {
  const { node, x, y, width, height, depth, opened } = box
  const element = document.createElement('div')
  element.className = `box${node.children ? ' folder' : ''}${opened ? ' opened' : ''}`
  element.setAttribute('role', 'treeitem')
  element.setAttribute('aria-level', String(depth))
  if (node.children) element.setAttribute('aria-expanded', String(opened))
  element.setAttribute('aria-label', settings.describe(node))
  // Percentages, so that the map keeps its shape in print and while the window is resized.
  element.style.left = `${(x / settings.width) * 100}%`
  element.style.top = `${(y / settings.height) * 100}%`
  element.style.width = `${(width / settings.width) * 100}%`
  element.style.height = `${(height / settings.height) * 100}%`
  colour(element, box, settings)
  if (width > 40 && height > 14) element.append(labelOf(box, settings))
  return element
}

/** The name, and the size if it fits. */
function labelOf(box: Box<Item>, { mode, textWidth }: BoxSettings): HTMLElement {
  const label = document.createElement('span')
  label.textContent = `${box.node.name} `
  const bytes = document.createElement('small')
  bytes.textContent = figureOf(box.node, mode)
  const placement = sizePlacement(textWidth(label.textContent), textWidth(bytes.textContent), box)
  if (placement !== undefined) label.append(bytes)
  if (placement === 'below') label.className = 'stacked'
  return label
}

function colour(element: HTMLElement, { node, opened }: Box<Item>, { mode, mainLayer }: BoxSettings): void {
  if (mode === 'change') {
    const change = delta(node)
    const largest = Math.max(node.before, node.after)
    if (change === 0 || largest === 0) return
    element.classList.add(change > 0 ? 'grew' : 'shrank')
    const heat = 25 + Math.round(Math.min(1, Math.abs(change) / largest) * 75)
    element.style.setProperty('--heat', `${node.children ? Math.round(heat / 3) : heat}%`)
  } else if (!opened) {
    const layer = mainLayer(node)
    if (layer < 0) return
    element.classList.add('layered')
    element.style.setProperty('--hue', String(hueOf(layer)))
  }
}

/** Measures text as wide as labels in `map` can be: titles of opened boxes are bold. In pixels. */
export function textMeter(map: HTMLElement): (text: string) => number {
  const pen = document.createElement('canvas').getContext('2d')
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  if (pen) pen.font = `600 ${labelRem * rem}px ${getComputedStyle(map).fontFamily}`
  return (text) => pen?.measureText(text).width ?? text.length * 8
}
