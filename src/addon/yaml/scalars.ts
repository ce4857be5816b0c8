import { type Diagnostic, type SourceLocation, warning } from '../../core/diagnostics.ts'
import type { Problems } from '../../core/problems.ts'
import type { Sourced } from '../addon.ts'
import { describe, entryOf, isUnquoted, type MapNode, type Node, type ScalarNode } from './tree.ts'

/** A scalar's source text and location. Anything else is an error, and so is a string that cannot be an argument. */
export function textOf(node: Node, what: string, code: string, problems: Problems): Sourced | undefined {
  if (node.kind !== 'scalar') {
    // `image: {arch}` is a map.
    const hint = node.kind === 'map' ? ', in quotes if it begins with "{"' : ''
    const problem = `${what} is ${describe(node)}, but must be a string.`
    return problems.error(code, problem, `Write one string after the colon${hint}.`, node.where)
  }
  if (!node.text.includes('\0')) return { value: node.text, where: node.where }
  // Node refuses to start a program with a NUL character in an argument.
  const problem = `${what} contains a NUL character, which is not possible in an argument.`
  return problems.error('file/nul-character', problem, 'Remove it (written "\\0" or "\\u0000").', node.where)
}

/** The value of a key, and the location of the key. */
interface Pair extends Sourced {
  readonly keyWhere: SourceLocation
}

/** `key: value` pairs of a map. The Supervisor accepts only strings, and ignores the whole file because of a number. */
export function pairsOf(node: Node, what: string, code: string, problems: Problems): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>()
  if (node.kind === 'scalar' && node.value === null) return pairs
  if (node.kind !== 'map') {
    problems.error(
      `${code}/not-a-map`,
      `"${what}" is ${describe(node)}, but must have names with values.`,
      node.kind === 'list' ? 'Write "name: value" without the dash.' : 'Write "name: value" below it.',
      node.where,
    )
    return pairs
  }
  for (const { key, keyWhere, node: child } of node.entries) {
    const text = textOf(child, `"${what}.${key}"`, `${code}/not-a-text`, problems)
    if (!text || child.kind !== 'scalar') continue
    if (child.value === null || isUnquoted(child)) {
      problems.warning(
        `${code}/not-quoted`,
        `The Supervisor reads "${what}.${key}" as ${describe(child)} and ignores the whole file.`,
        `Put it in quotes: "${child.text}".`,
        child.where,
      )
    }
    pairs.set(key, { ...text, keyWhere })
  }
  return pairs
}

/** The value of a key; undefined if it is missing or empty. */
export function optionalText(map: MapNode, key: string, code: string, problems: Problems): Sourced | undefined {
  const entry = entryOf(map, key)
  if (!entry || (entry.node.kind === 'scalar' && entry.node.value === null)) return undefined
  return textOf(entry.node, `"${key}"`, code, problems)
}

/** config.yaml: values that the Supervisor rejects because they are not quoted. */
export const notQuoted = (what: string, node: ScalarNode): Diagnostic =>
  warning(
    'config/not-quoted',
    `The Supervisor reads ${what} as ${describe(node)} and rejects the add-on.`,
    `Put it in quotes: "${node.text}".`,
    node.where,
  )
