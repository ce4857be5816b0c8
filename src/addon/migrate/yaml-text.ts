import { isCollection, isMap, isNode, isPair, isScalar, type Pair, parseDocument, visit, type YAMLMap } from 'yaml'
import type { SourceLocation } from '../../core/diagnostics.ts'
import { lineStarts, rowAt } from '../yaml/lines.ts'
import { type Edit, lineEndOf } from './edits.ts'

/** A YAML file in which single lines change and everything else keeps its form. Rows count from 0; offsets are those of the text. */
export class YamlText {
  readonly text: string
  readonly file: string
  readonly document: ReturnType<typeof parseDocument>
  readonly eol: string
  readonly #starts: readonly number[]
  readonly #tied = new Map<unknown, boolean>()

  constructor(text: string, file: string) {
    this.text = text
    this.file = file
    this.document = parseDocument(text)
    this.eol = lineEndOf(text)
    this.#starts = lineStarts(text)
  }

  /** The location of a node, a pair or an offset. */
  locationOf(at: unknown): SourceLocation {
    const offset = typeof at === 'number' ? at : startOf(at)
    const row = this.rowOf(offset)
    return { file: this.file, line: row + 1, column: offset - (this.#starts[row] ?? 0) + 1 }
  }

  rowOf(offset: number): number {
    return rowAt(this.#starts, offset)
  }

  /** The text of a row, without its line end. */
  row(row: number): string {
    return this.text.slice(this.#starts[row] ?? this.text.length, this.#starts[row + 1]).replace(/\r?\n$/, '')
  }

  /** A node or a pair as it is written. */
  source(at: unknown): string {
    return this.text.slice(startOf(at), this.endOf(at))
  }

  /** The offset after the last character of a node or a pair, without comments that follow. */
  endOf(at: unknown): number {
    if (isPair(at)) return at.value === null ? this.endOf(at.key) : this.endOf(at.value)
    if (isCollection(at) && !at.flow) {
      const last: unknown = at.items.at(-1)
      if (last !== undefined) return this.endOf(last)
    }
    const [from, to] = (isNode(at) ? at.range : undefined) ?? [0, 0]
    return from + this.text.slice(from, to).trimEnd().length
  }

  /** The column, from 0, where a node, a pair or an item begins. */
  columnOf(at: unknown): number {
    const offset = startOf(at)
    return offset - (this.#starts[this.rowOf(offset)] ?? 0)
  }

  /**
   * Removes pairs of a map, with the comments behind them. Undefined if a line contains something else, such as the dash of a list.
   * @param above comment lines right above belong to them.
   */
  removePairs(map: YAMLMap, pairs: readonly Pair[], above = false): readonly Edit[] | undefined {
    if (map.flow) {
      const kept = map.items.filter((pair) => !pairs.includes(pair)).map((pair) => this.source(pair))
      return [{ from: startOf(map.items[0]), to: this.endOf(map.items.at(-1)), text: kept.join(', ') }]
    }
    const edits = pairs.flatMap((pair) => {
      const [from, to] = [this.rowOf(startOf(pair)), this.rowOf(this.endOf(pair))]
      const alone = this.row(from).slice(0, this.columnOf(pair)).trim() === ''
      return alone ? [this.#removeRows(from, to, above)] : []
    })
    return edits.length === pairs.length ? edits : undefined
  }

  /** Removes an item of a list, with its dash and the comment lines right above it. Undefined if the list is in brackets. */
  removeItem(item: unknown): Edit | undefined {
    const [from, to] = [this.rowOf(startOf(item)), this.rowOf(this.endOf(item))]
    return this.dashOf(item) === undefined ? undefined : this.#removeRows(from, to, true)
  }

  /** The column of the dash before an item, if nothing else is before it on its line. */
  dashOf(item: unknown): number | undefined {
    const before = this.row(this.rowOf(startOf(item))).slice(0, this.columnOf(item))
    return /^ *- *$/.test(before) ? before.indexOf('-') : undefined
  }

  /** Inserts an item before another, above its comments, with the dash in the same column. */
  insertItem(item: unknown, line: string): Edit {
    let row = this.rowOf(startOf(item))
    while (row > 0 && /^\s*#/.test(this.row(row - 1))) row -= 1
    const from = this.#starts[row] ?? 0
    const apart = row > 0 && this.row(row - 1).trim() === '' ? this.eol : ''
    return { from, to: from, text: `${' '.repeat(this.dashOf(item) ?? 0)}- ${line}${this.eol}${apart}` }
  }

  /** Inserts whole lines below a pair. */
  insertBelow(pair: Pair, lines: readonly string[]): Edit {
    const next = this.#starts[this.rowOf(this.endOf(pair)) + 1]
    const from = next ?? this.text.length
    return next === undefined
      ? { from, to: from, text: lines.map((line) => this.eol + line).join('') }
      : { from, to: from, text: lines.map((line) => line + this.eol).join('') }
  }

  replace(node: unknown, text: string): Edit {
    return { from: startOf(node), to: this.endOf(node), text }
  }

  /** Whether it has anchors or aliases: a change in one place would change another. */
  isTied(at: unknown): boolean {
    const known = this.#tied.get(at)
    if (known !== undefined) return known
    let tied = false
    visit(at as never, {
      Alias: () => {
        tied = true
      },
      Node: (_, { anchor }: { readonly anchor?: string }) => {
        tied ||= anchor !== undefined
      },
    })
    this.#tied.set(at, tied)
    return tied
  }

  #removeRows(first: number, last: number, above: boolean): Edit {
    let from = first
    while (above && from > 0 && /^\s*#/.test(this.row(from - 1))) from -= 1
    // Leave no two empty lines in a row, and none after a key or at the end of the file.
    let to = last + 1
    const previous = from === 0 ? '' : this.row(from - 1).trim()
    if (above && (previous === '' || previous.endsWith(':')))
      while (to < this.#starts.length - 1 && this.row(to).trim() === '') to += 1
    const isEnd = to >= this.#starts.length || this.text.slice(this.#starts[to]).trim() === ''
    while (above && isEnd && from > 0 && this.row(from - 1).trim() === '') from -= 1
    return { from: this.#starts[from] ?? 0, to: this.#starts[to] ?? this.text.length, text: '' }
  }
}

function startOf(at: unknown): number {
  if (isPair(at)) return startOf(at.key)
  return (isNode(at) ? at.range?.[0] : undefined) ?? 0
}

/** The pair of a map with this name. */
export const pairOf = (map: unknown, name: string): Pair | undefined =>
  isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === name) : undefined

/** The text of a scalar; undefined for anything else. */
export const scalarText = (node: unknown): string | undefined =>
  isScalar(node) && node.value !== null ? String(node.value) : undefined
