import { fieldOf, isJsonObject } from '../../core/json-fields.ts'

/** Python writes larger numbers with an exponent. */
const maxPlain = 1e16

/** Node 22 and newer. Without it, a whole number is written without ".0". */
const rawJson = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON

/**
 * Pure: the options, with whole numbers of type `float` so that `JSON.stringify` writes them as Python does: `1.0`. Programs with static types
 * refuse `1` for such an option.
 */
export function withFloats(options: unknown, schema: unknown): unknown {
  if (Array.isArray(options)) return options.map((one) => withFloats(one, fieldOf(schema, '0')))
  if (isJsonObject(options)) {
    return Object.fromEntries(Object.entries(options).map(([key, one]) => [key, withFloats(one, fieldOf(schema, key))]))
  }
  const isFloat = typeof schema === 'string' && schema.startsWith('float')
  return isFloat && Number.isInteger(options) && Math.abs(options as number) < maxPlain && rawJson
    ? rawJson(`${options}.0`)
    : options
}
