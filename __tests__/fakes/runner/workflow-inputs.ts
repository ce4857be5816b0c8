/** An input as `on.workflow_call` declares it. */
export interface WorkflowInput {
  readonly type: 'boolean' | 'number' | 'string'
  readonly default?: string | number | boolean
  readonly required?: boolean
}

const nothing = { boolean: false, number: 0, string: '' } as const

/**
 * Every input has a value of its type: what was given, else its default, else nothing of its type. An empty text that was given is a value, too.
 * Source: actions/runner `WorkflowTemplateConverter.ConvertToWorkflowJobInputs`.
 * @throws in the words of GitHub for an input that it refuses; there the run does not start.
 */
export function workflowInputs(
  declared: Readonly<Record<string, WorkflowInput>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | number | boolean>> {
  const values = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  const known = new Set(Object.keys(declared).map((name) => name.toLowerCase()))
  for (const name of values.keys()) {
    if (!known.has(name)) throw new Error(`Invalid input, ${name} is not defined in the referenced workflow.`)
  }
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const value = values.get(name.toLowerCase())
      if (value === undefined && input.required)
        throw new Error(`Input ${name} is required, but not provided while calling.`)
      return [name, ofType(input.type, value ?? input.default ?? nothing[input.type])]
    }),
  )
}

/** A text takes any value; the others only their own: there `'true'` and `''` are no booleans. */
function ofType(type: WorkflowInput['type'], value: unknown): string | number | boolean {
  const scalar = ['string', 'number', 'boolean'].includes(typeof value)
  if (type === 'string' && scalar) return String(value)
  if (typeof value === type) return value as number | boolean
  throw new Error(`Unexpected value '${value}'`)
}
