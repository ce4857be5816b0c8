import { type Diagnostic, error, type SourceLocation, warning } from '../../core/diagnostics.ts'
import type { Sourced } from '../addon.ts'
import { describe, entryOf, isUnquoted, type MapNode, type Node, type ScalarNode } from './tree.ts'

/** A scalar's source text and place; anything else is an error, and so is a text that cannot be an argument. */
export function textOf(node: Node, what: string, code: string, diagnostics: Diagnostic[]): Sourced | undefined {
  if (node.kind === 'scalar' && node.text.includes('\0')) {
    // Node starts no program that has one in an argument.
    diagnostics.push(
      error(
        'file/nul-character',
        `${what} has a NUL character in it, which no argument can have.`,
        'Remove it (written "\\0" or "\\u0000").',
        node.where,
      ),
    )
    return undefined
  }
  if (node.kind === 'scalar') return { value: node.text, where: node.where }
  diagnostics.push(
    error(
      code,
      `${what} is ${describe(node)}; a text belongs here.`,
      // `image: {arch}` is a map.
      node.kind === 'map'
        ? 'Write one text after the colon; in quotes, where it begins with "{".'
        : 'Write one text after the colon.',
      node.where,
    ),
  )
  return undefined
}

/** The text of a key, and where the key stands. */
export interface Pair extends Sourced {
  readonly keyWhere: SourceLocation
}

/** `key: text` pairs of a map. The Supervisor takes texts only, and drops the whole file for a number. */
export function pairsOf(node: Node, what: string, code: string, diagnostics: Diagnostic[]): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>()
  if (node.kind === 'scalar' && node.value === null) return pairs
  if (node.kind !== 'map') {
    diagnostics.push(
      error(
        `${code}/not-a-map`,
        `"${what}" is ${describe(node)}; names with values belong here.`,
        node.kind === 'list' ? 'Write "name: value" without the dash.' : 'Write "name: value" below it.',
        node.where,
      ),
    )
    return pairs
  }
  for (const { key, keyWhere, node: child } of node.entries) {
    const text = textOf(child, `"${what}.${key}"`, `${code}/not-a-text`, diagnostics)
    if (!text || child.kind !== 'scalar') continue
    if (child.value === null || isUnquoted(child)) {
      diagnostics.push(
        warning(
          `${code}/not-quoted`,
          `"${what}.${key}" is ${describe(child)} to the Supervisor, which would drop this whole file.`,
          `Put it in quotes: "${child.text}".`,
          child.where,
        ),
      )
    }
    pairs.set(key, { ...text, keyWhere })
  }
  return pairs
}

/** The text of a key; undefined where it is not there or empty. */
export function optionalText(map: MapNode, key: string, code: string, diagnostics: Diagnostic[]): Sourced | undefined {
  const entry = entryOf(map, key)
  if (!entry || (entry.node.kind === 'scalar' && entry.node.value === null)) return undefined
  return textOf(entry.node, `"${key}"`, code, diagnostics)
}

/** config.yaml: what the Supervisor refuses for want of quotes. */
export const notQuoted = (what: string, node: ScalarNode): Diagnostic =>
  warning(
    'config/not-quoted',
    `${what} is ${describe(node)} to the Supervisor, which refuses the add-on.`,
    `Put it in quotes: "${node.text}".`,
    node.where,
  )
