/** The part of JSON Schema (draft 2020-12) that report.json is described with. What `checkAgainst` does not know is not here. */
export interface Definition {
  readonly $schema?: string
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array'
  readonly const?: string | number
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly format?: 'date-time'
  readonly minimum?: number
  readonly items?: Definition
  readonly properties?: Readonly<Record<string, Definition>>
  readonly required?: readonly string[]
  readonly oneOf?: readonly Definition[]
}

export const ref = (name: string): Definition => ({ $ref: `#/$defs/${name}` })
export const listOf = (items: Definition): Definition => ({ type: 'array', items })
export const oneOf = (description: string, ...choices: readonly Definition[]): Definition => ({
  description,
  oneOf: choices,
})

export const whole = (description?: string): Definition => ({
  type: 'integer',
  minimum: 0,
  ...(description !== undefined && { description }),
})

/** Open: readers of a newer report pass over what they do not know. */
export const object = (
  required: Readonly<Record<string, Definition>>,
  optional: Readonly<Record<string, Definition>> = {},
): Definition => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
})

/**
 * What is wrong with a value, as `place: what was expected`, ten at most; empty when it is as described.
 * For reports that come from elsewhere, as the artifact of a fork does: what passes can be rendered, whoever made it.
 * @throws RangeError when it is nested deeper than the stack.
 */
export function checkAgainst(
  schema: Definition,
  definitions: Readonly<Record<string, Definition>>,
  value: unknown,
): readonly string[] {
  const found: string[] = []
  visit(schema, value, '$')
  return found

  function visit(definition: Definition, here: unknown, place: string): void {
    if (found.length >= 10) return
    if (definition.$ref !== undefined) {
      const named = definitions[definition.$ref.replace('#/$defs/', '')]
      if (named) visit(named, here, place)
      else found.push(`${place}: no definition ${definition.$ref}`)
      return
    }
    const wrong = wrongIn(definition, here)
    if (wrong !== undefined) {
      found.push(`${place}: ${wrong}`)
      return
    }
    if (definition.oneOf) {
      const fitting = definition.oneOf.filter((choice) => checkAgainst(choice, definitions, here).length === 0)
      if (fitting.length !== 1) found.push(`${place}: fits ${fitting.length} of ${definition.oneOf.length} forms`)
    }
    if (Array.isArray(here) && definition.items) {
      for (const [index, item] of here.entries()) visit(definition.items, item, `${place}[${index}]`)
    }
    if (isObject(here)) {
      for (const name of definition.required ?? []) {
        if (!Object.hasOwn(here, name)) found.push(`${place}.${name}: is missing`)
      }
      for (const [name, inner] of Object.entries(definition.properties ?? {})) {
        if (Object.hasOwn(here, name)) visit(inner, here[name], `${place}.${name}`)
      }
    }
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function wrongIn(
  { type, const: only, enum: choices, pattern, format, minimum }: Definition,
  value: unknown,
): string | undefined {
  if (type !== undefined && !isOf(type, value)) return `is not of type ${type}`
  if (only !== undefined && value !== only) return `is not ${JSON.stringify(only)}`
  if (choices && !choices.some((choice) => choice === value)) return `is none of ${choices.join(', ')}`
  if (typeof value === 'number' && minimum !== undefined && value < minimum) return `is less than ${minimum}`
  if (typeof value !== 'string') return undefined
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return 'has another form'
  if (format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value))
    return 'is no date and time'
  return undefined
}

function isOf(type: NonNullable<Definition['type']>, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      // JSON knows no NaN and no infinity.
      return typeof value === type && (typeof value !== 'number' || Number.isFinite(value))
  }
}
