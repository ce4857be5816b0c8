export type Json = { readonly [key: string]: unknown }

/** What describes and does not constrain, or what JSON Schema has no word for. */
const dropped = new Set([
  'description',
  'title',
  'example',
  'examples',
  'externalDocs',
  'discriminator',
  'deprecated',
  'readOnly',
  'writeOnly',
  'xml',
  'default',
])

/** Words whose value is a table from any name to a schema: its names are not words. */
const tables = new Set(['properties', 'patternProperties'])

/**
 * OpenAPI 3.0 has words of its own: `nullable`, and `exclusiveMinimum: true`. Says the same in JSON Schema.
 * Source: OpenAPI 3.0.3, "Schema Object". `#/components/schemas/X` becomes `#/components/X`.
 */
export function toJsonSchema(schema: Json): Json {
  const result: Record<string, unknown> = {}
  for (const [word, value] of Object.entries(schema)) {
    if (dropped.has(word) || word.startsWith('x-') || word === 'nullable') continue
    if (word === '$ref') result.$ref = String(value).replace('#/components/schemas/', '#/components/')
    else if (tables.has(word))
      result[word] = Object.fromEntries(Object.entries(value as Json).map(([name, inner]) => [name, convert(inner)]))
    else if (word === 'enum' || word === 'required' || word === 'type') result[word] = value
    else result[word] = convert(value)
  }
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[flag] !== 'boolean') continue
    if (result[flag]) {
      result[flag] = result[bound]
      delete result[bound]
    } else delete result[flag]
  }
  return schema.nullable === true ? { anyOf: [{ type: 'null' }, result] } : result
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  return typeof value === 'object' && value !== null ? toJsonSchema(value as Json) : value
}
