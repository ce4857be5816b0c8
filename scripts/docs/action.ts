import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml'

export interface ActionInput {
  readonly name: string
  readonly description: string
  readonly default?: string
  /** Title of the comment above the first input of its group, such as `What to build`. */
  readonly group: string
}

export interface ActionOutput {
  readonly name: string
  readonly description: string
}

/** The inputs and outputs of action.yml, in its order. */
export interface Action {
  readonly inputs: readonly ActionInput[]
  readonly outputs: readonly ActionOutput[]
}

/** Reads the text of action.yml. */
export function readAction(text: string): Action {
  const document = parseDocument(text)
  const inputs = mapAt(document, 'inputs')
  let group = inputs.commentBefore?.trim() ?? ''
  return {
    inputs: entriesOf(inputs).map(({ name, comment, value }) => {
      group = comment ?? group
      const fallback = value.get('default')
      return { name, description: textOf(value), ...(fallback !== undefined && { default: String(fallback) }), group }
    }),
    outputs: entriesOf(mapAt(document, 'outputs')).map(({ name, value }) => ({ name, description: textOf(value) })),
  }
}

/** The map at a path of keys. Throws if there is none. */
export function mapAt(document: ReturnType<typeof parseDocument>, ...path: readonly (string | number)[]): YAMLMap {
  const node = document.getIn(path)
  if (!isMap(node)) throw new Error(`There is no map at "${path.join('.')}".`)
  return node
}

/** Keys and values of a map, in its order. */
export const entries = (map: YAMLMap): readonly (readonly [name: string, value: unknown])[] =>
  map.items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), value])

interface Entry {
  readonly name: string
  /** The comment above the key. */
  readonly comment?: string
  readonly value: YAMLMap
}

const entriesOf = (map: YAMLMap): readonly Entry[] =>
  map.items.map(({ key, value }) => {
    if (!isScalar(key) || !isMap(value)) throw new Error(`"${String(key)}" has no map as its value.`)
    return { name: String(key.value), ...(key.commentBefore && { comment: key.commentBefore.trim() }), value }
  })

const textOf = (value: YAMLMap): string => String(value.get('description') ?? '').trim()
