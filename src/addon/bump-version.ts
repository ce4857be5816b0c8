import type { Sourced } from './addon.ts'
import { lineStarts } from './yaml/lines.ts'
import { parseTree } from './yaml/parse-tree.ts'
import { type Node, toValue } from './yaml/tree.ts'
import { plainValue } from './yaml/yaml11.ts'

/**
 * The text of config.yaml or config.json with another version; everything else stays byte for byte. Keeps the quotes, and adds them if the Supervisor
 * would read the new version as a number or a date.
 * @param text without a byte order mark.
 * @returns undefined if the version cannot be replaced in its place: an alias, a merged map, escapes.
 */
export function bumpVersion(text: string, { value, where }: Sourced, next: string): string | undefined {
  const from = (lineStarts(text)[where.line - 1] ?? text.length) + where.column - 1
  const quote = /^["']/.exec(text.slice(from, from + 1))?.[0] ?? ''
  const written = `${quote}${value}${quote}`
  if (!text.startsWith(written, from)) return undefined
  const isJson = where.file.endsWith('.json')
  const mark = quote === '' && (isJson || !isText(next)) ? '"' : quote
  const after = `${text.slice(0, from)}${mark}${next}${mark}${text.slice(from + written.length)}`
  const [before, result] = [rootOf(text, where.file), rootOf(after, where.file)]
  // An anchor would change other values, too, and a version that is longer than expected would be cut.
  const isOnly = before && result && sameBut(before, result, next)
  return isOnly ? after : undefined
}

const isText = (plain: string): boolean => {
  const read = plainValue(plain)
  return 'value' in read && typeof read.value === 'string'
}

const rootOf = (text: string, file: string): Node | undefined => parseTree(text, file).root

/** Whether the second one has this version, and otherwise the values of the first one. */
function sameBut(before: Node, after: Node, version: string): boolean {
  const [old, now] = [toValue(before), toValue(after)]
  if (!isMap(old) || !isMap(now) || now.version !== version) return false
  return JSON.stringify({ ...old, version }) === JSON.stringify(now)
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
