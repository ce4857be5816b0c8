export type Json = { readonly [key: string]: unknown }

/** Keywords that only describe, or that JSON Schema does not have. */
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

/** Keywords whose value maps names to schemas: the names are not keywords. */
const tables = new Set(['properties', 'patternProperties'])

/**
 * Converts keywords of OpenAPI 3.0, `nullable` and `exclusiveMinimum: true`, to JSON Schema.
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
