import { isJsonObject, type JsonObject, parseJsonText } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import { type ApiResponse, errorResponse } from './response.ts'

/** Whether a value has the type that the Supervisor requires. */
type Fits = (value: unknown) => boolean

export const isText: Fits = (value) => typeof value === 'string'
export const isFlag: Fits = (value) => typeof value === 'boolean'
export const isObject: Fits = isJsonObject
export const isAny: Fits = () => true
export const orNull =
  (fits: Fits): Fits =>
  (value) =>
    value === null || fits(value)

interface Shape {
  readonly required?: Readonly<Record<string, Fits>>
  readonly optional?: Readonly<Record<string, Fits>>
  /** Other keys are ignored, not refused. */
  readonly ignoreOthers?: true
}

/**
 * Responds to a body that has the given shape, and refuses all others as the Supervisor does. Source: Supervisor api/utils.py and voluptuous
 * humanize_error.
 */
export function withBody(
  text: string,
  { required = {}, optional = {}, ignoreOthers }: Shape,
  respond: (body: JsonObject) => ApiResponse,
): ApiResponse {
  const body = text === '' ? {} : parseJsonText(text)
  if (body === undefined) return errorResponse(400, 'Invalid json')
  if (!isJsonObject(body)) return errorResponse(400, `expected a dictionary. Got ${pythonText(body)}`)
  const known = { ...optional, ...required }
  const problems = [
    ...Object.entries(body).flatMap(([key, value]) => {
      if (!Object.hasOwn(known, key) && ignoreOthers) return []
      if (!Object.hasOwn(known, key))
        return [`extra keys not allowed @ data['${shorten(key, 100)}']. Got ${pythonText(value)}`]
      return known[key]?.(value)
        ? []
        : [`not a valid value for dictionary value @ data['${key}']. Got ${pythonText(value)}`]
    }),
    ...Object.keys(required)
      .filter((key) => !Object.hasOwn(body, key))
      .map((key) => `required key not provided @ data['${key}']. Got None`),
  ]
  return problems.length > 0 ? errorResponse(400, problems.sort().slice(0, 10).join('\n')) : respond(body)
}

/** A value as Python prints it, roughly. */
const pythonText = (value: unknown): string => {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? `'${shorten(value, 100)}'` : shorten(JSON.stringify(value), 100)
}
