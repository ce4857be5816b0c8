import type { RunConfig } from '../../addon/addon.ts'
import { type Diagnostic, error, notice, type SourceLocation, warning } from '../../core/diagnostics.ts'
import type { ComparePattern } from '../patterns.ts'
import { isPlain } from './merge.ts'

type Plain = Readonly<Record<string, unknown>>

export interface Validated {
  /** As the Supervisor writes them: unknown keys left out, numbers and switches in their type. */
  readonly options: Plain
  /** An error: the Supervisor would not start the add-on. */
  readonly problems: readonly Diagnostic[]
}

/**
 * Checks options against `schema` of config.yaml as the Supervisor does before every start, and finds all problems, not the first.
 * Source: Supervisor apps/options.py and voluptuous 0.16, tried out. Lenient where the Supervisor depends on the machine (`device`, `!secret`).
 * @param places of the keys under `options` and `schema`, by path `a.b.0`
 * @param given what of the options came from `smoke-options`: its place is the input, whatever config.yaml has there.
 * @param compare a new one for each call; without it every `match(…)` gives a notice.
 */
export function validateOptions(
  options: Plain,
  schema: RunConfig['schema'],
  places: ReadonlyMap<string, SourceLocation> = new Map(),
  given: Plain = {},
  compare?: ComparePattern,
): Validated {
  if (schema === false) return { options, problems: [] }
  const problems: Diagnostic[] = []
  const say: Say = (make, code, path, message, remedy) =>
    problems.push(
      isGiven(path, given)
        ? make(code, `smoke-options: ${message}`, remedy)
        : make(code, message, remedy, placeOf(path, places)),
    )
  return { options: checker(say, compare).map(schema ?? {}, options, ''), problems }
}

type Say = (make: typeof error, code: string, path: string, message: string, remedy: string) => void

function checker(say: Say, compare: ComparePattern | undefined) {
  const refuse = (path: string, message: string, remedy: string): undefined => {
    say(error, 'smoke/bad-option', path, message, remedy)
    return undefined
  }

  function map(schema: Plain, given: Plain, path: string): Plain {
    // A map, because a key of the file may be `__proto__`.
    const result = new Map<string, unknown>()
    for (const [key, value] of Object.entries(given)) {
      const at = join(path, key)
      if (!Object.hasOwn(schema, key)) {
        const remedy = 'Enter it under "schema", or remove it: the add-on never sees it.'
        say(warning, 'smoke/unknown-option', at, `Option "${at}" is not in the schema.`, remedy)
        continue
      }
      const checked = element(schema[key], value, at)
      if (checked !== undefined) result.set(key, checked)
    }
    for (const key of Object.keys(schema)) {
      if (Object.hasOwn(given, key) || isOptional(schema[key])) continue
      refuse(
        join(path, key),
        `Option "${join(path, key)}" is required and has no value.`,
        `Give it one in "smoke-options".`,
      )
    }
    return Object.fromEntries(result)
  }

  function element(schema: unknown, value: unknown, path: string): unknown {
    if (Array.isArray(schema)) {
      if (Array.isArray(value)) return value.map((one, index) => element(schema[0], one, join(path, String(index))))
      return refuse(path, `Option "${path}" has to be a list.`, 'Write it as a list.')
    }
    if (isPlain(schema)) {
      if (isPlain(value)) return map(schema, value, path)
      return refuse(path, `Option "${path}" has to be a map.`, 'Write it as keys with values.')
    }
    if (typeof schema !== 'string')
      return refuse(path, `The schema of option "${path}" is no type.`, 'Write a type: str, int, bool, …')
    if (value === null || value === undefined) {
      return schema.endsWith('?')
        ? refuse(
            path,
            `Option "${path}" is null, which the Supervisor refuses though it is optional.`,
            'Leave it out of "options", or give it a value in "smoke-options".',
          )
        : refuse(path, `Option "${path}" is required and has no value.`, 'Give it one in "smoke-options".')
    }
    if (isPlain(value) || Array.isArray(value)) {
      return refuse(path, `Option "${path}" has to be one value (${schema}).`, 'Write a single value.')
    }
    const found = single(schema, value, compare)
    if ('value' in found) {
      if (found.unchecked) {
        const remedy =
          'The Supervisor compares it at the start of the add-on: compare it yourself, or write the pattern for RE2.'
        say(notice, 'smoke/pattern-not-checked', path, `Option "${path}" ${found.unchecked}.`, remedy)
      }
      if (found.note) {
        const remedy = 'Take the limit out of "schema", or write "match(^.{2,4}$)".'
        say(warning, 'smoke/length-limit', path, `Option "${path}" ${found.note}.`, remedy)
      }
      return found.value
    }
    const shown = schema.startsWith('password') ? 'another value' : JSON.stringify(value)
    return refuse(
      path,
      `Option "${path}" ${shortened(found.wrong)}, but is ${shortened(shown)}.`,
      found.quote ? 'Put it in quotes.' : 'Correct it, or its type in "schema".',
    )
  }

  return { map }
}

/** A list is as optional as its entries are. */
function isOptional(schema: unknown): boolean {
  const type = Array.isArray(schema) && schema.length > 0 ? schema[0] : schema
  return typeof type === 'string' && type.endsWith('?')
}

const join = (path: string, key: string): string => (path ? `${path}.${key}` : key)

/** The input says it, or something above it that leaves no room for what config.yaml says. */
function isGiven(path: string, given: Plain): boolean {
  let value: unknown = given
  for (const key of path.split('.')) {
    if (!isPlain(value)) return true
    if (!Object.hasOwn(value, key)) return false
    value = value[key]
  }
  return true
}

/** Of the key, else of the nearest one above it. */
function placeOf(path: string, places: ReadonlyMap<string, SourceLocation>): SourceLocation | undefined {
  for (let at = path; at; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const place = places.get(at)
    if (place) return place
  }
  return undefined
}

type Single =
  /** `unchecked`: why it was not compared with its pattern. Both continue a sentence. */
  | { readonly value: unknown; readonly note?: string; readonly unchecked?: string }
  /** `quote`: the same value as a text would do. */
  | { readonly wrong: string; readonly quote?: true }

const types =
  /^(?:(?<bool>bool)|(?<email>email)|(?<url>url)|(?<port>port)|(?<device>device(?:\(subsystem=[a-z]+\))?)|(?<text>str|password)(?:\((?<textMin>\d+)?,(?<textMax>\d+)?\))?|(?<int>int)(?:\((?<intMin>-?\d+)?,(?<intMax>-?\d+)?\))?|(?<float>float)(?:\((?<floatMin>-?(?:\d+(?:\.\d+)?|\.\d+))?,(?<floatMax>-?(?:\d+(?:\.\d+)?|\.\d+))?\))?|match\((?<match>.*)\)|list\((?<list>.+)\))\??$/

/** Pure: one value against one type. `wrong` continues a sentence: `has to be a whole number`. */
export function single(type: string, value: unknown, compare?: ComparePattern): Single {
  const groups = types.exec(type)?.groups
  if (!groups) return { wrong: `has a type that is not known (${type})` }
  const text = String(value)
  if (text.startsWith('!secret ')) return { value }
  if (groups.text) return ofText(value, groups)
  if (groups.int) return ofNumber(value, wholeNumber, groups.intMin, groups.intMax)
  if (groups.float) return ofNumber(value, anyNumber, groups.floatMin, groups.floatMax)
  if (groups.port) return ofNumber(value, { ...wholeNumber, what: 'a port' }, '1', '65535')
  if (groups.bool) return ofSwitch(value)
  if (groups.email) return isEmail(text) ? { value } : { wrong: 'has to be an e-mail address' }
  if (groups.url) return /^[a-z][a-z\d+.-]*:\/\/[^/\s]+/i.test(text) ? { value } : { wrong: 'has to be a URL' }
  if (groups.match !== undefined) return ofPattern(value, groups.match, compare)
  if (groups.list !== undefined) return ofList(value, groups.list.split('|'))
  return typeof value === 'string' ? { value } : { wrong: 'has to be the path of a device' }
}

/** A number is no text for the Supervisor: it compares the value with the text of the value (voluptuous, All). */
function ofText(value: unknown, { textMin, textMax }: Record<string, string | undefined>): Single {
  if (typeof value !== 'string') return { wrong: 'has to be a text', quote: true }
  if ((textMin && value.length < Number(textMin)) || (textMax && value.length > Number(textMax))) {
    return { wrong: `has to be ${textMin ?? 0} to ${textMax ?? 'any number of'} characters long` }
  }
  return textMin || textMax
    ? { value, note: 'has a limit of length, with which the Supervisor compares the text itself: it refuses any value' }
    : { value }
}

/** Python has texts for numbers that JavaScript writes differently: 1.0 is "1.0", true is "True". */
function pythonTexts(value: unknown): readonly string[] {
  if (typeof value === 'boolean') return [value ? 'True' : 'False']
  // Whether it was written 1 or 1.0 is not known here.
  if (typeof value === 'number' && Number.isInteger(value)) return [`${value}`, `${value}.0`]
  return [String(value)]
}

function ofList(value: unknown, choices: readonly string[]): Single {
  const text = pythonTexts(value).find((one) => choices.includes(one))
  if (text !== undefined) return { value: text }
  return { wrong: `has to be one of ${choices.join(', ')}`, ...(choices.includes(String(value)) && { quote: true }) }
}

/** Source: voluptuous, Email. Without quoted names and numeric domains, which nobody has. */
const isEmail = (text: string): boolean =>
  /^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z0-9-]{2,}\.?$/i.test(
    text,
  )

interface NumberKind {
  readonly what: string
  readonly round: (value: number) => number
  /** What Python's int() or float() takes of a text. */
  readonly text: RegExp
}
const wholeNumber: NumberKind = { what: 'a whole number', round: Math.trunc, text: /^\s*[+-]?\d+(_\d+)*\s*$/ }
const anyNumber: NumberKind = {
  what: 'a number',
  round: (value) => value,
  text: /^\s*[+-]?(\d+(_\d+)*\.?|\d*\.\d+)(e[+-]?\d+)?\s*$/i,
}

function ofNumber(value: unknown, { what, round, text }: NumberKind, min?: string, max?: string): Single {
  const number =
    typeof value === 'string' ? (text.test(value) ? Number(value.replaceAll('_', '')) : Number.NaN) : Number(value)
  if (!Number.isFinite(number)) return { wrong: `has to be ${what}` }
  const rounded = round(number)
  if (min !== undefined && rounded < Number(min)) return { wrong: `has to be ${what} of at least ${min}` }
  if (max !== undefined && rounded > Number(max)) return { wrong: `has to be ${what} of at most ${max}` }
  return { value: rounded }
}

/** Source: voluptuous, Boolean. */
function ofSwitch(value: unknown): Single {
  if (typeof value !== 'string') return { value: Boolean(value) }
  const text = value.toLowerCase()
  if (['1', 'true', 'yes', 'on', 'enable'].includes(text)) return { value: true }
  if (['0', 'false', 'no', 'off', 'disable'].includes(text)) return { value: false }
  return { wrong: 'has to be true or false' }
}

/** What cannot be compared is not held against the value. */
function ofPattern(value: unknown, pattern: string, compare: ComparePattern | undefined): Single {
  const texts = pythonTexts(value)
  const found = compare?.(pattern, texts) ?? { unchecked: 'because no engine for patterns is loaded' }
  if ('text' in found) return { value: found.text }
  if ('differs' in found) return { wrong: `has to match ${pattern}` }
  return { value: texts[0], unchecked: `is not compared with its pattern, ${found.unchecked}` }
}

/** Foreign text in a message. */
const shortened = (text: string, most = 300): string =>
  text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text
