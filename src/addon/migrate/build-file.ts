import { isMap, isNode, parseDocument, stringify } from 'yaml'
import { applyEdits, type Edit, lineEndOf } from './edits.ts'
import { scalarText, YamlText } from './yaml-text.ts'

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
  const page = new YamlText(text, file)
  const lines = withoutLines(page, keep)
  if (lines !== undefined) return lines
  const { document } = page
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
function withoutLines(page: YamlText, keep: ReadonlyMap<string, ReadonlySet<string> | 'all'>): string | undefined {
  const root = page.document.contents
  if (!isMap(root) || root.flow) return undefined
  const edits: Edit[] = []
  for (const pair of root.items) {
    const names = keep.get(scalarText(pair.key) ?? '')
    if (names === 'all') continue
    const map = names === undefined ? root : pair.value
    if (!isMap(map) || map.flow) return undefined
    const gone = names === undefined ? [pair] : map.items.filter(({ key }) => !names.has(scalarText(key) ?? ''))
    const removed = page.removePairs(map, gone)
    if (!removed) return undefined
    edits.push(...removed)
  }
  return applyEdits(page.text, edits)
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
  const newText = JSON.stringify(Object.fromEntries(left), undefined, indent) + end
  return /\r\n/.test(text) ? newText.replaceAll(/\r?\n/g, '\r\n') : newText
}

/** Adds missing keys to a config, at its end, or at the beginning if it is in braces; the rest is unchanged. */
export function addKeys(text: string, file: string, keys: Readonly<Record<string, unknown>>): string {
  const eol = lineEndOf(text)
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
