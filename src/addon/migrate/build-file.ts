import { isMap, isNode, isScalar, type Pair, parseDocument, stringify } from 'yaml'
import { lineStarts, rowAt } from '../yaml/lines.ts'

/**
 * What is left of build.yaml once some keys have moved: undefined when nothing is. Comments of what stays survive.
 * @param keep for each top-level key that stays, the names below it, or `all`.
 */
export function remainder(
  text: string,
  file: string,
  keep: ReadonlyMap<string, ReadonlySet<string> | 'all'>,
): string | undefined {
  if (keep.size === 0) return undefined
  if (file.endsWith('.json')) return jsonRemainder(text, keep)
  const document = parseDocument(text)
  const lines = removeLines(text, document, keep)
  if (lines !== undefined) return lines
  const top = document.toJS() as Record<string, unknown>
  for (const [key, value] of Object.entries(top)) {
    const names = keep.get(key)
    if (names === undefined) document.delete(key)
    else if (names !== 'all') {
      for (const name of Object.keys(value as object)) if (!names.has(name)) document.deleteIn([key, name])
    }
  }
  return document.toString({ lineWidth: 0 })
}

/** Removes whole lines and keeps the others unchanged. Undefined if names are in braces and may share a line. */
function removeLines(
  text: string,
  document: ReturnType<typeof parseDocument>,
  keep: ReadonlyMap<string, ReadonlySet<string> | 'all'>,
): string | undefined {
  const gone: Pair[] = []
  const sort = (map: unknown, stays: (pair: Pair, name: string) => boolean | undefined): boolean =>
    isMap(map) &&
    !map.flow &&
    map.items.every((pair) => {
      const stay = stays(pair, isScalar(pair.key) ? String(pair.key.value) : '')
      if (stay === false) gone.push(pair)
      return stay !== undefined
    })
  const simple = sort(document.contents, ({ value }, key) => {
    const names = keep.get(key)
    if (names === undefined || names === 'all') return names === 'all'
    return sort(value, (_, name) => names.has(name)) || undefined
  })
  if (!simple) return undefined
  const rows = text.split('\n')
  const starts = lineStarts(text)
  const span = ({ key, value }: Pair): readonly [from: number, to: number] => {
    const from = isNode(key) ? (key.range?.[0] ?? 0) : 0
    const end = isNode(value) ? value.range?.[1] : isNode(key) ? key.range?.[1] : undefined
    return [rowAt(starts, from), rowAt(starts, Math.max(from, (end ?? from) - 1))]
  }
  const removed = new Set(
    gone.map(span).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
  )
  return rows.filter((_, row) => !removed.has(row)).join('\n')
}

function jsonRemainder(text: string, keep: ReadonlyMap<string, ReadonlySet<string> | 'all'>): string {
  const top = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>
  const left = Object.entries(top).flatMap(([key, value]) => {
    const names = keep.get(key)
    if (names === undefined) return []
    if (names === 'all') return [[key, value] as const]
    return [[key, Object.fromEntries(Object.entries(value as object).filter(([name]) => names.has(name)))] as const]
  })
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  '
  const end = text.slice(text.trimEnd().length)
  const made = JSON.stringify(Object.fromEntries(left), undefined, indent) + end
  return /\r\n/.test(text) ? made.replaceAll(/\r?\n/g, '\r\n') : made
}

/** Adds missing keys to a config, at its end, or at the beginning if it is in braces; the rest is unchanged. */
export function addKeys(text: string, file: string, keys: Readonly<Record<string, unknown>>): string {
  const eol = /\r\n/.test(text) ? '\r\n' : '\n'
  const root = file.endsWith('.json') ? undefined : parseDocument(text).contents
  const flow = isMap(root) && root.flow === true
  if (file.endsWith('.json') || flow) {
    const brace = text.indexOf('{', isNode(root) ? root.range?.[0] : 0)
    const rest = text.slice(brace + 1)
    const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  '
    const empty = /^\s*\}/.test(rest)
    const pairs = Object.entries(keys).map(
      ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value).replaceAll('","', '", "')}`,
    )
    // On one line, if the whole map is on one line.
    const block =
      /^[^\n]*\}/.test(rest) && !empty
        ? pairs.map((pair) => `${pair}, `).join('')
        : `${pairs.map((pair) => `${eol}${indent}${pair}`).join(',')}${empty ? eol : ','}`
    return text.slice(0, brace + 1) + block + rest
  }
  const column = isMap(root) ? ' '.repeat(columnOf(text, root.range?.[0] ?? 0)) : ''
  const added = stringify(keys, {
    version: '1.1',
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  })
    .trimEnd()
    .split('\n')
    .map((line) => `${column}${line}${eol}`)
    .join('')
  // A line with three dots ends the document.
  const end = /^\.\.\.(?=\s|$)/m.exec(text)?.index ?? text.length
  const before = text.slice(0, end)
  return `${before}${before === '' || before.endsWith('\n') ? '' : eol}${added}${text.slice(end)}`
}

const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1)
