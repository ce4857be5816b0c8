// The table under the treemap: the same folder as rows of text.
import { formatBytes, formatDelta } from '../../../core/bytes.ts'
import { percent } from './mode.ts'
import { type Item, pathOf } from './tree.ts'

const mostRows = 200

export function button(text: string, act: () => void): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.textContent = text
  element.addEventListener('click', act)
  return element
}

interface Contents {
  readonly list: readonly Item[]
  readonly caption: string
  /** Whether there are figures of the baseline image. */
  readonly compared: boolean
  /** Whether to show whole paths instead of names. */
  readonly paths: boolean
  readonly whole: number
  readonly weight: (node: Item) => number
  readonly open: (node: Item) => void
}

export function contentsTable({ list, caption, compared, paths, whole, weight, open }: Contents): HTMLElement[] {
  const title = document.createElement('caption')
  title.textContent = list.length > mostRows ? `${caption}; the first ${mostRows}` : caption
  const head = document.createElement('thead')
  const figures = compared ? ['Before', 'After', 'Change', 'Share'] : ['On disk', 'Share']
  head.append(rowOf(['Name', ...figures, 'Note'].map((text) => cellOf('th', text, figures.includes(text)))))
  for (const cell of head.querySelectorAll('th')) cell.scope = 'col'
  const body = document.createElement('tbody')
  for (const node of list.slice(0, mostRows)) {
    const { before, after, note } = node
    const name = cellOf('th', '')
    name.scope = 'row'
    const text = paths ? pathOf(node) : node.name
    name.append(node.children ? button(text, () => open(node)) : text)
    const bytes = compared
      ? [formatBytes(before), formatBytes(after), formatDelta(after - before)]
      : [formatBytes(after)]
    const cells = bytes.map((figure) => cellOf('td', figure, true))
    if (compared && after !== before) cells.at(-1)?.classList.add(after > before ? 'more' : 'less')
    const share = cellOf('td', percent(weight(node), whole), true)
    share.classList.add('share')
    share.style.setProperty('--share', `${whole > 0 ? Math.min(100, (weight(node) / whole) * 100) : 0}%`)
    cells.push(share)
    body.append(rowOf([name, ...cells, cellOf('td', note)]))
  }
  return [title, head, body]
}

function rowOf(cells: readonly HTMLElement[]): HTMLTableRowElement {
  const row = document.createElement('tr')
  row.append(...cells)
  return row
}

function cellOf(kind: 'td' | 'th', text: string, number = false): HTMLTableCellElement {
  const cell = document.createElement(kind)
  cell.textContent = text
  if (number) cell.className = 'number'
  return cell
}
