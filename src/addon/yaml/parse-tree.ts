import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type Node as YamlNode,
} from 'yaml'
import { type Diagnostic, error, Failure, messageOf, type SourceLocation, warning } from '../../core/diagnostics.ts'
import { Problems } from '../../core/problems.ts'
import { jsonProblem } from './json-problem.ts'
import { locationsIn } from './lines.ts'
import type { Entry, Node, ScalarNode } from './tree.ts'
import { yamlProblems } from './yaml-problems.ts'
import { plainValue } from './yaml11.ts'

/** Maximum values: aliases can multiply a few lines into millions. */
const mostNodes = 20_000
/** Maximum characters of all values together. The number of values is not enough: each alias of a long string is one value. */
const mostText = 1_000_000
const maxDepth = 64
/** Maximum brackets that are open at once, including those in strings. */
const mostOpen = 500
/** Maximum errors to report: one error can make every later line wrong. */
const mostErrors = 10

/** Checked before parsing, because the time of the parser grows faster than the text. */
const isTooMuch = (text: string): boolean => (text.match(/[\n,[{&*?"']/g)?.length ?? 0) > mostNodes

function isTooDeep(text: string): boolean {
  let open = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1)
    if (open > mostOpen) return true
  }
  return false
}

const tooDeep = (where: SourceLocation): Diagnostic =>
  error('file/too-complex', `Values are nested deeper than ${maxDepth} levels.`, 'Reduce the nesting.', where)

const tooLarge = (problem: string, where: SourceLocation): Diagnostic =>
  error('file/too-complex', `${problem}.`, 'Remove aliases, or shorten the file.', where)

const tooManyValues = `The file expands to more than ${mostNodes} values`
const tooMuchText = `The values of the file have more than ${mostText / 1_000_000} million characters`

interface Tree {
  /** Undefined if the file cannot be read, or is empty. */
  readonly root?: Node
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads YAML (1.1, like the Supervisor) or JSON. JSON must follow the rules of JSON, because both the Supervisor and the retired
 * builder read it with a JSON reader.
 */
export function parseTree(text: string, file: string): Tree {
  // The library's own counter loses lines if a text of several lines is not closed.
  const place = locationsIn(text, file)
  const start: SourceLocation = { file, line: 1, column: 1 }
  if (isTooMuch(text)) return { diagnostics: [tooLarge(tooManyValues, start)] }
  if (isTooDeep(text)) return { diagnostics: [tooDeep(start)] }
  const json = file.endsWith('.json')
  const problem = json ? jsonProblem(text, file) : undefined
  if (problem) return { diagnostics: [problem] }
  let document: ReturnType<typeof parseDocument>
  try {
    document = parseDocument(text, {
      version: '1.1',
      schema: 'yaml-1.1',
      prettyErrors: false,
      // The library prints nothing at this level, and still reports if there are several documents ('silent' would hide that).
      logLevel: 'error',
      // The Supervisor and the retired builder both use the last of several equal keys. A warning below reports it.
      uniqueKeys: false,
    })
  } catch (thrown) {
    if (thrown instanceof RangeError) return { diagnostics: [tooDeep(start)] }
    const problem = `The file cannot be read: ${messageOf(thrown)}.`
    return { diagnostics: [error('file/invalid-yaml', problem, 'Simplify the file.', start)] }
  }
  const errors = json ? [] : [...document.errors, ...document.warnings]
  if (errors.length > 0) {
    return { diagnostics: yamlProblems(errors, text, place).slice(0, mostErrors) }
  }
  if (document.contents === null) return { diagnostics: [] }
  return new Converter(document, place, json).convert(document.contents)
}

class Converter {
  readonly #document: ReturnType<typeof parseDocument>
  readonly #place: (offset: number) => SourceLocation
  readonly #json: boolean
  readonly #problems = new Problems()
  /** The targets of the aliases that are being resolved. */
  readonly #following = new Set<unknown>()
  #count = 0
  #length = 0

  constructor(document: ReturnType<typeof parseDocument>, place: (offset: number) => SourceLocation, json: boolean) {
    this.#document = document
    this.#place = place
    this.#json = json
  }

  convert(contents: YamlNode): Tree {
    try {
      const root = this.#node(contents, undefined, 0)
      return { root, diagnostics: this.#problems.list }
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      return { diagnostics: [...this.#problems.list, ...thrown.diagnostics] }
    }
  }

  /** @param via the location of the alias that led here: messages have the line in which it is used. */
  #node(node: unknown, via: SourceLocation | undefined, depth: number): Node {
    const where = via ?? this.#where(node as YamlNode)
    this.#count += 1
    if (this.#count > mostNodes) throw refused(tooLarge(tooManyValues, where))
    if (depth > maxDepth) throw refused(tooDeep(where))
    if (isAlias(node)) return this.#alias(node, where, depth)
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node, via, depth), where }
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.#node(item, via, depth + 1)), where }
    return isScalar(node) ? this.#scalar(node, where) : emptyAt(where)
  }

  #scalar(node: Scalar, where: SourceLocation): ScalarNode {
    const read = scalar(node, where, this.#json)
    this.#length += read.text.length
    if (this.#length > mostText) throw refused(tooLarge(tooMuchText, where))
    return read
  }

  #alias(node: Alias, where: SourceLocation, depth: number): Node {
    const target = node.resolve(this.#document)
    const alias = `The alias "*${node.source}"`
    if (!target)
      throw refused(error('file/invalid-yaml', `${alias} has no anchor.`, `Write "&${node.source}" before it.`, where))
    if (this.#following.has(target))
      throw refused(error('file/invalid-yaml', `${alias} refers to itself.`, 'Write the value instead.', where))
    this.#following.add(target)
    const resolved = this.#node(target, where, depth + 1)
    this.#following.delete(target)
    return resolved
  }

  #entries(map: YAMLMap, via: SourceLocation | undefined, depth: number): readonly Entry[] {
    const own = new Map<string, Entry>()
    const merged: Entry[] = []
    const twice: Diagnostic[] = []
    for (const pair of map.items as readonly Pair<unknown, unknown>[]) {
      const keyNode = pair.key
      const keyWhere = via ?? this.#where(keyNode as YamlNode)
      // In quotes it is an ordinary name.
      if (isScalar(keyNode) && !this.#json && keyNode.type === 'PLAIN' && keyNode.source === '<<') {
        merged.push(...this.#merge(pair.value, keyWhere, depth))
        continue
      }
      if (!isScalar(keyNode)) {
        const remedy = 'Write a name before the colon, without brackets.'
        this.#problems.error('file/odd-key', 'A key is not a string.', remedy, keyWhere)
        continue
      }
      const key = this.#scalar(keyNode, keyWhere).text
      const node = pair.value === null ? emptyAt(keyWhere) : this.#node(pair.value, via, depth + 1)
      const problem = `Duplicate key "${key}"; only the last one is used.`
      if (own.delete(key)) twice.push(warning('file/duplicate-key', problem, 'Remove one of them.', keyWhere))
      own.set(key, { key, keyWhere, node })
    }
    this.#problems.add(...twice.slice(0, mostErrors))
    // If several merged maps have the same key, the first one wins. The map's own keys win over all of them.
    for (const entry of merged) if (!own.has(entry.key)) own.set(entry.key, entry)
    return [...own.values()]
  }

  #merge(value: unknown, keyWhere: SourceLocation, depth: number): readonly Entry[] {
    const node = this.#node(value, undefined, depth + 1)
    const maps = node.kind === 'list' ? node.items : [node]
    return maps.flatMap((map) => {
      if (map.kind === 'map') return map.entries
      const problem = '"<<" merges another map, but this is not a map.'
      throw refused(error('file/invalid-yaml', problem, 'Write "<<: *name" and put "&name" before a map.', keyWhere))
    })
  }

  #where(node: YamlNode | null): SourceLocation {
    return this.#place(node?.range?.[0] ?? 0)
  }
}

const refused = (problem: Diagnostic): Failure => new Failure('input', [problem])

const emptyAt = (where: SourceLocation): ScalarNode => ({ kind: 'scalar', text: '', value: null, where })

function scalar(node: Scalar, where: SourceLocation, json: boolean): ScalarNode {
  const { value, source = '' } = node
  if (node.type === 'PLAIN' && node.tag === undefined && !json) {
    const plain = plainValue(source)
    if ('date' in plain) return { kind: 'scalar', text: source, value: source, isDate: true, where }
    return plain.value === null ? emptyAt(where) : { kind: 'scalar', text: source, value: plain.value, where }
  }
  if (value === null || value === undefined) return emptyAt(where)
  if (typeof value === 'string') return { kind: 'scalar', text: value, value, where }
  const text = node.source ?? String(value)
  return { kind: 'scalar', text, value: typeof value === 'number' || typeof value === 'boolean' ? value : text, where }
}
