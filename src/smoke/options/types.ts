import { isJsonObject } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'

/** Source: Supervisor apps/options.py, RE_SCHEMA_ELEMENT. */
const types =
  /^(?:(?<bool>bool)|(?<email>email)|(?<url>url)|(?<port>port)|(?<device>device(?:\(subsystem=[a-z]+\))?)|(?<text>str|password)(?:\((?<textMin>\d+)?,(?<textMax>\d+)?\))?|(?<int>int)(?:\((?<intMin>-?\d+)?,(?<intMax>-?\d+)?\))?|(?<float>float)(?:\((?<floatMin>-?(?:\d+(?:\.\d+)?|\.\d+))?,(?<floatMax>-?(?:\d+(?:\.\d+)?|\.\d+))?\))?|match\((?<match>.*)\)|list\((?<list>.+)\))\??$/

/** The parts of a type such as `int(1,5)?`, by name. Undefined: it is not a type. */
export function readType(type: string): Readonly<Record<string, string | undefined>> | undefined {
  // In Python, `$` also matches before a line end at the end, as block scalars have.
  return types.exec(type.replace(/\n$/, ''))?.groups
}

interface SchemaProblem {
  /** `a.b.0`. */
  readonly path: string
  /** Completes "The schema of option … ". */
  readonly problem: string
  readonly remedy: string
}

const writeType =
  'Write a type such as "str", "int(0,10)?", "list(a|b)" or "match(^[a-z]+$)", a list with one of these, or a map.'

/** Pure: why the Supervisor would not take the schema. Source: apps/validate.py, SCHEMA_ELEMENT, and apps/options.py, which reads the first entry of a list. */
export function checkSchema(schema: unknown, path = ''): readonly SchemaProblem[] {
  const wrong = (problem: string, remedy = writeType): readonly SchemaProblem[] => [{ path, problem, remedy }]
  if (isJsonObject(schema)) {
    return Object.entries(schema).flatMap(([key, one]) => checkSchema(one, path ? `${path}.${key}` : key))
  }
  if (Array.isArray(schema)) {
    if (schema.length === 0) return wrong('is an empty list', 'Write the type of its entries, as in "[str]".')
    if (schema.some(Array.isArray))
      return wrong('is a list of lists', 'The Supervisor takes a list of types or of maps.')
    return schema.flatMap((one, index) => checkSchema(one, `${path}.${index}`))
  }
  if (typeof schema !== 'string') return wrong(`is ${schema === null ? 'empty' : 'not a type'}`)
  return readType(schema) === undefined ? wrong(`is not a type: ${JSON.stringify(shorten(schema, 100))}`) : []
}
