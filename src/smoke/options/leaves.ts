import { fieldOf, isJsonObject } from '../../core/json-fields.ts'

/** A single value of the options. */
interface Leaf {
  /** The key; empty in a list. */
  readonly name: string
  readonly value: unknown
  /** The type by the schema; empty without one. */
  readonly type: string
}

/** Every single value of the options, with its type by the schema. */
export function leavesOf(value: unknown, schema: unknown, name = ''): readonly Leaf[] {
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, fieldOf(schema, '0')))
  if (!isJsonObject(value)) return [{ name, value, type: typeof schema === 'string' ? schema : '' }]
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, fieldOf(schema, key), key))
}
