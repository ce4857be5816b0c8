/** An input as `on.workflow_call` declares it. */
export interface WorkflowInput {
  readonly type: 'boolean' | 'number' | 'string'
  readonly default?: string | number | boolean
  readonly required?: boolean
}

const nothing = { boolean: false, number: 0, string: '' } as const

/**
 * Every input has a value of its type: the given value, otherwise its default, otherwise the empty value of its type. A given empty string is a value.
 * Source: actions/runner `WorkflowTemplateConverter.ConvertToWorkflowJobInputs`.
 * @throws with GitHub's message for an invalid input, for which the run does not start.
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

/** A string input accepts any value. Other types accept only their own: `'true'` and `''` are not booleans. */
function ofType(type: WorkflowInput['type'], value: unknown): string | number | boolean {
  const scalar = ['string', 'number', 'boolean'].includes(typeof value)
  if (type === 'string' && scalar) return String(value)
  if (typeof value === type) return value as number | boolean
  throw new Error(`Unexpected value '${value}'`)
}
