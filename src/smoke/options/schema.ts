import type { RunConfig } from '../../addon/addon.ts'
import { type Diagnostic, error, notice, type SourceLocation, warning } from '../../core/diagnostics.ts'
import { isJsonObject, type JsonObject } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import type { ComparePattern } from './patterns.ts'
import { checkSchema, readType } from './types.ts'

/** Maximum characters of a value or a pattern in a message: they can have any length. */
const maxShown = 300

interface Validated {
  /** The options as the Supervisor writes them: without unknown keys, with numbers and booleans converted. */
  readonly options: JsonObject
  /** An error: the Supervisor would not start the add-on. */
  readonly problems: readonly Diagnostic[]
}

interface ValidationSettings {
  /** Locations of the keys under `options` and `schema`, by path `a.b.0`. */
  readonly locations?: ReadonlyMap<string, SourceLocation>
  /** The options from `smoke-options`. Their problems name the input and have no line of config.yaml. */
  readonly given?: JsonObject
  /** Pass a new one for each call. Without it, every `match(…)` causes a notice. */
  readonly compare?: ComparePattern | undefined
}

/**
 * Checks options against `schema` of config.yaml as the Supervisor does before every start, and reports all problems, not only the first.
 * Source: Supervisor apps/options.py and voluptuous 0.16, verified by tests. Lenient about values that the Supervisor checks against the machine
 * (`device`, `!secret`).
 */
export function validateOptions(
  options: JsonObject,
  schema: RunConfig['schema'],
  { locations = new Map(), given = {}, compare }: ValidationSettings = {},
): Validated {
  if (schema === false) return { options, problems: [] }
  const wrong = checkSchema(schema ?? {})
  if (wrong.length > 0) {
    const problemsOfSchema = wrong.map(({ path, problem, remedy }) =>
      error('smoke/bad-schema', `The schema of option "${path}" ${problem}.`, remedy, locationOf(path, locations)),
    )
    return { options, problems: problemsOfSchema }
  }
  const problems: Diagnostic[] = []
  const report: ReportProblem = (make, code, path, message, remedy) =>
    problems.push(
      isGiven(path, given)
        ? make(code, `smoke-options: ${message}`, remedy)
        : make(code, message, remedy, locationOf(path, locations)),
    )
  return { options: checker(report, compare)(schema ?? {}, options, ''), problems }
}

type ReportProblem = (make: typeof error, code: string, path: string, message: string, remedy: string) => void

function checker(report: ReportProblem, compare: ComparePattern | undefined) {
  const refuse = (path: string, message: string, remedy: string): undefined => {
    report(error, 'smoke/bad-option', path, message, remedy)
    return undefined
  }
  const refuseMissing = (path: string): undefined =>
    refuse(path, `Option "${path}" is required and has no value.`, 'Set it in "smoke-options".')

  function map(schema: JsonObject, given: JsonObject, path: string): JsonObject {
    // A map, because a key of the file may be `__proto__`.
    const result = new Map<string, unknown>()
    for (const [key, value] of Object.entries(given)) {
      const at = join(path, key)
      if (!Object.hasOwn(schema, key)) {
        const remedy = 'Add it to "schema", or remove it: the add-on never gets it.'
        report(warning, 'smoke/unknown-option', at, `Option "${at}" is not in the schema.`, remedy)
        continue
      }
      const checked = element(schema[key], value, at)
      if (checked !== undefined) result.set(key, checked)
    }
    for (const key of Object.keys(schema)) {
      if (Object.hasOwn(given, key) || isOptional(schema[key])) continue
      refuseMissing(join(path, key))
    }
    return Object.fromEntries(result)
  }

  function element(schema: unknown, value: unknown, path: string): unknown {
    if (Array.isArray(schema)) {
      if (Array.isArray(value)) return value.map((one, index) => element(schema[0], one, join(path, String(index))))
      return refuse(path, `Option "${path}" must be a list.`, 'Write it as a list.')
    }
    if (isJsonObject(schema)) {
      if (isJsonObject(value)) return map(schema, value, path)
      return refuse(path, `Option "${path}" must be a map.`, 'Write it as keys with values.')
    }
    // `checkSchema` has found no other kind.
    if (typeof schema !== 'string') return undefined
    if (value === null || value === undefined) {
      if (!schema.endsWith('?')) return refuseMissing(path)
      const message = `Option "${path}" is null, which the Supervisor refuses even for optional values.`
      return refuse(path, message, 'Remove it from "options", or set it in "smoke-options".')
    }
    if (isJsonObject(value) || Array.isArray(value)) {
      return refuse(path, `Option "${path}" must be a single value (${schema}).`, 'Write a single value.')
    }
    const result = validateValue(schema, value, compare)
    if ('value' in result) {
      if (result.unchecked) {
        const remedy =
          'The Supervisor compares it when the add-on starts: check it yourself, or use a pattern that RE2 supports.'
        report(notice, 'smoke/pattern-not-checked', path, `Option "${path}" ${result.unchecked}.`, remedy)
      }
      return result.value
    }
    const shown = schema.startsWith('password') ? 'another value' : JSON.stringify(value)
    return refuse(
      path,
      `Option "${path}" ${shorten(result.wrong, maxShown)}, but is ${shorten(shown, maxShown)}.`,
      result.quote ? 'Put it in quotes.' : 'Correct it, or its type in "schema".',
    )
  }

  return map
}

/** A list is optional if its entries are. */
function isOptional(schema: unknown): boolean {
  const type = Array.isArray(schema) && schema.length > 0 ? schema[0] : schema
  return typeof type === 'string' && type.endsWith('?')
}

const join = (path: string, key: string): string => (path ? `${path}.${key}` : key)

/** The value, or a parent that replaces everything below it, comes from the input. */
function isGiven(path: string, given: JsonObject): boolean {
  let value: unknown = given
  for (const key of path.split('.')) {
    if (!isJsonObject(value)) return true
    if (!Object.hasOwn(value, key)) return false
    value = value[key]
  }
  return true
}

/** The location of a key, or else that of its nearest parent. */
function locationOf(path: string, locations: ReadonlyMap<string, SourceLocation>): SourceLocation | undefined {
  for (let at = path; at; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const location = locations.get(at)
    if (location) return location
  }
  return undefined
}

type ValueResult =
  /** `unchecked`: why it was not compared with its pattern. The text continues a sentence. */
  | { readonly value: unknown; readonly unchecked?: string }
  /** `quote`: the value would be valid as a string. */
  | { readonly wrong: string; readonly quote?: true }

/** Pure: checks one value against one type. `wrong` continues a sentence: `must be a whole number`. */
export function validateValue(type: string, value: unknown, compare?: ComparePattern): ValueResult {
  const groups = readType(type)
  if (!groups) return { wrong: `has an unknown type (${type})` }
  const text = String(value)
  if (text.startsWith('!secret ')) return { value }
  if (groups.text) return validateText(value, groups)
  if (groups.int) return validateNumber(value, wholeNumber, groups.intMin, groups.intMax)
  if (groups.float) return validateNumber(value, anyNumber, groups.floatMin, groups.floatMax)
  if (groups.port) return validateNumber(value, { ...wholeNumber, what: 'a port' }, '1', '65535')
  if (groups.bool) return validateBoolean(value)
  if (groups.email) return isEmail(text) ? { value } : { wrong: 'must be an e-mail address' }
  if (groups.url) return /^[a-z][a-z\d+.-]*:\/\/[^/\s]+/i.test(text) ? { value } : { wrong: 'must be a URL' }
  if (groups.match !== undefined) return validatePattern(value, groups.match, compare)
  if (groups.list !== undefined) return validateChoice(value, groups.list.split('|'))
  return typeof value === 'string' ? { value } : { wrong: 'must be the path of a device' }
}

/** The Supervisor does not accept a number as a string: it compares the value with its string form (voluptuous, All). */
function validateText(value: unknown, { textMin, textMax }: Record<string, string | undefined>): ValueResult {
  if (typeof value !== 'string') return { wrong: 'must be a string', quote: true }
  const { length } = [...value]
  if ((textMin && length < Number(textMin)) || (textMax && length > Number(textMax))) {
    return { wrong: `must be ${textMin ?? 0} to ${textMax ?? 'any number of'} characters long` }
  }
  return { value }
}

/** The value as Python writes it: 1.0 is "1.0", true is "True". */
function pythonTexts(value: unknown): readonly string[] {
  if (typeof value === 'boolean') return [value ? 'True' : 'False']
  // It may have been written as 1 or as 1.0.
  if (typeof value === 'number' && Number.isInteger(value)) return [`${value}`, `${value}.0`]
  return [String(value)]
}

function validateChoice(value: unknown, choices: readonly string[]): ValueResult {
  const text = pythonTexts(value).find((one) => choices.includes(one))
  if (text !== undefined) return { value: text }
  return { wrong: `must be one of ${choices.join(', ')}`, ...(choices.includes(String(value)) && { quote: true }) }
}

/** Source: voluptuous, Email. Without quoted names and numeric domains. */
const isEmail = (text: string): boolean =>
  /^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z0-9-]{2,}\.?$/i.test(
    text,
  )

interface NumberKind {
  readonly what: string
  readonly round: (value: number) => number
  /** The strings that Python's int() or float() accepts. */
  readonly text: RegExp
}
const wholeNumber: NumberKind = { what: 'a whole number', round: Math.trunc, text: /^\s*[+-]?\d+(_\d+)*\s*$/ }
const anyNumber: NumberKind = {
  what: 'a number',
  round: (value) => value,
  text: /^\s*[+-]?(\d+(_\d+)*\.?|\d*\.\d+)(e[+-]?\d+)?\s*$/i,
}

function validateNumber(value: unknown, { what, round, text }: NumberKind, min?: string, max?: string): ValueResult {
  const number =
    typeof value === 'string' ? (text.test(value) ? Number(value.replaceAll('_', '')) : Number.NaN) : Number(value)
  if (!Number.isFinite(number)) return { wrong: `must be ${what}` }
  const rounded = round(number)
  if (min !== undefined && rounded < Number(min)) return { wrong: `must be ${what} of at least ${min}` }
  if (max !== undefined && rounded > Number(max)) return { wrong: `must be ${what} of at most ${max}` }
  return { value: rounded }
}

/** Source: voluptuous, Boolean. */
function validateBoolean(value: unknown): ValueResult {
  if (typeof value !== 'string') return { value: Boolean(value) }
  const text = value.toLowerCase()
  if (['1', 'true', 'yes', 'on', 'enable'].includes(text)) return { value: true }
  if (['0', 'false', 'no', 'off', 'disable'].includes(text)) return { value: false }
  return { wrong: 'must be true or false' }
}

/** A value that cannot be compared counts as valid. */
function validatePattern(value: unknown, pattern: string, compare: ComparePattern | undefined): ValueResult {
  const texts = pythonTexts(value)
  const match = compare?.(pattern, texts) ?? { unchecked: 'because no engine for patterns is loaded' }
  if ('text' in match) return { value: match.text }
  if ('differs' in match) return { wrong: `must match ${pattern}` }
  return { value: texts[0], unchecked: `is not compared with its pattern, ${match.unchecked}` }
}
