import { isJsonObject, type JsonObject } from '../../core/json-fields.ts'

const types: readonly (readonly [prefix: string, node: JsonObject])[] = [
  ['str', { type: 'string' }],
  ['password', { type: 'string', format: 'password' }],
  ['int', { type: 'integer' }],
  ['float', { type: 'float' }],
  ['bool', { type: 'boolean' }],
  ['email', { type: 'string', format: 'email' }],
  ['url', { type: 'string', format: 'url' }],
  ['port', { type: 'integer' }],
  ['match', { type: 'string' }],
  ['list', { type: 'select' }],
  ['device', { type: 'select', options: [] }],
]

/** Pure: `schema` of config.yaml as the form of the user interface. Source: Supervisor apps/options.py, UiOptions. */
export const uiSchema = (schema: JsonObject): readonly JsonObject[] =>
  Object.entries(schema).flatMap(([name, element]) => fields(name, element, false))

function fields(name: string, element: unknown, multiple: boolean): readonly JsonObject[] {
  if (Array.isArray(element)) return element.length === 0 || multiple ? [] : fields(name, element[0], true)
  if (isJsonObject(element)) return [{ name, type: 'schema', optional: true, multiple, schema: uiSchema(element) }]
  const text = String(element)
  const [prefix, node] = types.find(([start]) => text.startsWith(start)) ?? []
  if (prefix === undefined) return []
  const choices = prefix === 'list' && { options: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')).split('|') }
  const needed = text.endsWith('?') ? { optional: true } : { required: true }
  return [{ name, ...(multiple && { multiple }), ...range(text), ...needed, ...node, ...choices }]
}

/** `str(1,20)` and `int(,5)`. */
function range(text: string): JsonObject {
  const [, least, most] = /^(?:str|password|int|float)\((-?[\d.]*),(-?[\d.]*)\)/.exec(text) ?? []
  return { ...(least && { lengthMin: Number(least) }), ...(most && { lengthMax: Number(most) }) }
}
