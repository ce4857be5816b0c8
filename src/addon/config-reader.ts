import type { SourceLocation } from '../core/diagnostics.ts'
import { quoted } from '../core/parsed.ts'
import type { Problems } from '../core/problems.ts'
import { suggestion } from '../core/suggest.ts'
import { notQuoted } from './yaml/scalars.ts'
import { describe, entryOf, isUnquoted, type MapNode, type Node, type ScalarNode } from './yaml/tree.ts'

const startups: readonly string[] = ['initialize', 'system', 'services', 'application', 'once']

/** Reads keys of config.yaml one by one and collects problems. */
export class ConfigReader {
  readonly #root: MapNode
  readonly #problems: Problems

  constructor(root: MapNode, problems: Problems) {
    this.#root = root
    this.#problems = problems
  }

  /** Undefined if the key is missing or empty. */
  node(key: string): Node | undefined {
    const node = entryOf(this.#root, key)?.node
    return node?.kind === 'scalar' && node.value === null ? undefined : node
  }

  refuse(key: string, node: Node, expected: string): undefined {
    this.#problems.warning(
      'config/bad-value',
      `${quoted(key)} is ${node.kind === 'scalar' && node.text !== '' ? quoted(node.text) : describe(node)}, so the Supervisor rejects the add-on.`,
      `Write ${expected}.`,
      node.where,
    )
  }

  boolean(key: string, otherwise: boolean): boolean {
    const node = this.node(key)
    if (!node) return otherwise
    // voluptuous.Boolean accepts these strings, in any case.
    const text = node.kind === 'scalar' ? node.text.toLowerCase() : ''
    if (['1', 'true', 'yes', 'on', 'enable'].includes(text)) return true
    if (['0', 'false', 'no', 'off', 'disable'].includes(text)) return false
    this.refuse(key, node, 'true or false')
    return otherwise
  }

  number(key: string, otherwise: number, least: number, most: number): number {
    const node = this.node(key)
    if (!node) return otherwise
    const value = node.kind === 'scalar' && node.text.trim() !== '' ? Number(node.text) : Number.NaN
    if (Number.isInteger(value) && value >= least && value <= most) return value
    this.refuse(key, node, `a whole number from ${least} to ${most}`)
    return otherwise
  }

  text(key: string): string | undefined {
    const node = this.node(key)
    if (!node) return undefined
    return node.kind === 'scalar' ? node.text : this.refuse(key, node, 'a string')
  }

  /** An address that matches a pattern; undefined, with a warning, for anything else. @param example an accepted value, for the message. */
  address(key: string, pattern: RegExp, example: string): string | undefined {
    const [node, text] = [this.node(key), this.text(key)]
    if (!node || text === undefined) return undefined
    const port = Number(/\[HOST\]:(?:\[PORT:)?(\d+)/.exec(text)?.[1])
    if (pattern.test(text) && port >= 1 && port <= 65_535) return text
    const problem = `"${key}" is not an address that the Supervisor accepts, so it rejects the add-on.`
    return this.#problems.warning('config/bad-value', problem, `Write for example "${example}".`, node.where)
  }

  startup(): string {
    const node = this.node('startup')
    if (!node) return 'application'
    const text = node.kind === 'scalar' ? node.text : ''
    if (text === 'before') return 'services'
    if (text === 'after') return 'application'
    if (startups.includes(text)) return text
    const problem = `"startup" is ${text === '' ? describe(node) : quoted(text)}, so the Supervisor rejects the add-on.`
    this.#problems.warning('config/bad-value', problem, suggestion(text, startups), node.where)
    return 'application'
  }

  scalars(key: string): readonly ScalarNode[] {
    return this.list(key, 'a list of strings').flatMap((item) => {
      if (item.kind === 'scalar') return [item]
      this.refuse(key, item, 'a string for each entry')
      return []
    })
  }

  texts(key: string): readonly string[] {
    return this.scalars(key).map(({ text }) => text)
  }

  /** The entries of a list that accepts only certain words, each once. */
  words(key: string, known: readonly string[]): readonly string[] {
    const good = this.scalars(key).filter((node) => {
      if (!known.includes(node.text)) this.refuseWord(key, node, known)
      return known.includes(node.text)
    })
    return [...new Set(good.map(({ text }) => text))]
  }

  refuseWord(key: string, { text, where }: ScalarNode, known: readonly string[]): void {
    const problem = `"${key}" has ${quoted(text)}, so the Supervisor rejects the add-on.`
    this.#problems.warning('config/bad-value', problem, suggestion(text.slice(0, 100), known), where)
  }

  /** Reports a value that the smoke test ignores although the Supervisor may accept it: it would become an argument of docker on this machine. */
  leaveOut(what: string, why: string, remedy: string, where: SourceLocation): void {
    this.#problems.warning('config/left-out', `The smoke test ignores ${what}: ${why}.`, remedy, where)
  }

  list(key: string, expected = 'a list'): readonly Node[] {
    const node = this.node(key)
    if (node?.kind === 'list') return node.items
    if (node) this.refuse(key, node, expected)
    return []
  }

  map(key: string): MapNode | undefined {
    const node = this.node(key)
    if (!node || node.kind === 'map') return node
    // Many files contain `options: []`, which is empty.
    if (node.kind === 'list' && node.items.length === 0) return undefined
    return this.refuse(key, node, 'names with values')
  }

  /** The `name: text` entries of a map. */
  pairs(key: string): readonly { readonly name: string; readonly value: ScalarNode; readonly where: SourceLocation }[] {
    return (this.map(key)?.entries ?? []).flatMap(({ key: name, keyWhere, node }) => {
      if (isUnquoted(node)) this.#problems.add(notQuoted(quoted(`${key}.${name}`), node))
      if (node.kind === 'scalar') return [{ name, value: node, where: keyWhere }]
      this.refuse(`${key}.${name}`, node, 'a string')
      return []
    })
  }
}
