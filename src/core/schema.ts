import * as v from 'valibot'
import { architectures } from './architecture.ts'
import { listOf as itemsOf } from './json-fields.ts'

/** Maximum problems listed for one value. */
const mostProblems = 10

/** Maximum characters of one text; a longer one is cut. */
export const longestText = 10_000

export const text = v.pipe(
  v.string(),
  v.transform((value) => (value.length > longestText ? `${value.slice(0, longestText - 1)}…` : value)),
)
export const flag = v.boolean()
/** Checks for finite numbers, because `JSON.parse` turns 1e999 into Infinity. */
export const number = v.pipe(v.number(), v.finite('expected a finite number'))
export const integer = v.pipe(v.number(), v.integer('expected a whole number'))
export const whole = v.pipe(integer, v.minValue(0))
export const bytes = v.pipe(whole, v.description('Bytes.'))
export const signedBytes = v.pipe(integer, v.description('Bytes; negative: smaller than before.'))
export const milliseconds = v.pipe(number, v.minValue(0), v.description('Milliseconds.'))
export const layerIndex = v.pipe(whole, v.description('Index into the layers of the image, from 0.'))
export const architecture = v.picklist(architectures)
export const digest = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'))

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
export const dateTime = v.pipe(
  v.string(),
  v.check((value) => timestamp.test(value), 'expected a date and time'),
  v.metadata({ format: 'date-time' }),
)

/** As `v.array`, but stops after ten problems: each takes memory, and a hostile array can have millions. */
export function listOf<TOutput>(item: v.GenericSchema<unknown, TOutput>): v.GenericSchema<unknown, TOutput[]> {
  const array = v.array(item)
  return {
    ...array,
    '~run'(dataset, config) {
      const input = dataset.value
      if (!Array.isArray(input)) return array['~run'](dataset, config)
      const output: TOutput[] = []
      const issues: v.BaseIssue<unknown>[] = []
      for (let key = 0; key < input.length && issues.length < mostProblems; key += 1) {
        const value: unknown = input[key]
        const result = item['~run']({ value }, config)
        if (result.typed) output.push(result.value)
        if (!result.issues) continue
        const step: v.ArrayPathItem = { type: 'array', origin: 'value', input, key, value }
        for (const issue of result.issues) issues.push({ ...issue, path: [step, ...(issue.path ?? [])] })
      }
      const [first, ...others] = issues
      return first ? { typed: false, value: output, issues: [first, ...others] } : { typed: true, value: output }
    },
  }
}

/** A tree whose nodes have `children`. It is refused if it is deeper than `levels`: checking and writing it takes stack for each level. */
export const treeOf = <TOutput>(
  root: v.GenericSchema<unknown, TOutput>,
  levels: number,
): v.GenericSchema<unknown, TOutput> => {
  const tooDeep = v.never(`expected at most ${levels} levels`)
  return v.lazy((input) => (isWithin(input, levels) ? root : tooDeep))
}

const isWithin = (node: unknown, levels: number): boolean =>
  itemsOf(node, 'children').every((child) => levels > 0 && isWithin(child, levels - 1))

/** A copy of a value with only the fields that the schema names, and long texts cut; or up to ten problems: `place: what was expected`. */
export function check<TOutput>(
  schema: v.GenericSchema<unknown, TOutput>,
  value: unknown,
): { readonly value: TOutput } | { readonly problems: readonly string[] } {
  const result = v.safeParse(schema, value, { message: expectation, abortPipeEarly: true })
  return result.success ? { value: result.output } : { problems: result.issues.slice(0, mostProblems).map(problemOf) }
}

const expectation = ({ expected, path }: v.BaseIssue<unknown>): string =>
  path?.[0]?.origin === 'key' ? 'is missing' : `expected ${plainWords[expected ?? ''] ?? expected}`

const plainWords: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'an array',
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
}

const problemOf = ({ path, message }: v.BaseIssue<unknown>): string =>
  `$${path?.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') ?? ''}: ${message}`
