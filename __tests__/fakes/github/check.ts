import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { routePattern } from '../faults.ts'
import type { Description, Operation } from './description.ts'

export interface Match {
  readonly operation: Operation
  /** Decoded values of the path. */
  readonly path: Readonly<Record<string, string>>
}

export interface Checker {
  find(method: string, path: string): Match | undefined
  /** Problems of the request, compared with GitHub's description; empty if valid. */
  request(match: Match, query: URLSearchParams, body: unknown): readonly string[]
  /** Problems of a response. An error status that the operation does not list must still have the shape of GitHub's errors. */
  answer(operation: Operation, status: number, body: unknown): readonly string[]
}

export function createChecker(description: Description): Checker {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, logger: false })
  // A CommonJS package: its default export is a property of what `import` gives.
  ;(addFormats as unknown as { default: (ajv: Ajv) => void }).default(ajv)
  ajv.addSchema({ $id: 'github', ...description })
  const compiled = new Map<string, ValidateFunction>()
  // Compiled on first use: the schema of a pull request alone takes tens of milliseconds.
  const validate = (pointer: string, value: unknown, coerced = false): readonly string[] => {
    let check = compiled.get(pointer)
    if (!check) {
      check = ajv.compile({ $ref: `github#/${pointer}` })
      compiled.set(pointer, check)
    }
    if (check(value)) return []
    if (coerced && typeof value === 'string' && check(fromText(value))) return []
    return (check.errors ?? []).map(describe)
  }
  const routes = description.operations.map((operation) => {
    const [method = '', path = ''] = operation.route.split(' ')
    return { operation, method, pattern: routePattern(path) }
  })
  const at = (operation: Operation): string => `operations/${description.operations.indexOf(operation)}`

  return {
    find(method, path) {
      for (const { operation, method: own, pattern } of routes) {
        const found = own === method ? pattern.exec(path) : null
        if (found) {
          const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])
          return { operation, path: Object.fromEntries(values) }
        }
      }
      return undefined
    },
    request({ operation, path }, query, body) {
      const wrong: string[] = []
      const known = new Set(operation.parameters.filter((one) => one.in === 'query').map((one) => one.name))
      for (const name of query.keys()) if (!known.has(name)) wrong.push(`query: there is no parameter "${name}"`)
      operation.parameters.forEach((parameter, index) => {
        const value = parameter.in === 'query' ? query.get(parameter.name) : path[parameter.name]
        if (parameter.in !== 'query' && parameter.in !== 'path') return
        if (value === null || value === undefined) {
          if (parameter.required) wrong.push(`${parameter.in}: "${parameter.name}" is missing`)
          return
        }
        const found = validate(`${at(operation)}/parameters/${index}/schema`, value, true)
        wrong.push(...found.map((text) => `${parameter.in}: "${parameter.name}"${text}`))
      })
      return [...wrong, ...checkBody(operation, body)]
    },
    answer(operation, status, body) {
      const schema = operation.answers[String(status)]
      if (schema === null) return body === undefined ? [] : ['the response has a body, but the description has none']
      if (schema !== undefined) return validate(`${at(operation)}/answers/${status}`, body)
      if (status < 400) return [`the description has no response ${status}`]
      const { message } = (body ?? {}) as { message?: unknown }
      return typeof message === 'string' ? [] : ['an error has no "message"']
    },
  }

  function checkBody(operation: Operation, body: unknown): readonly string[] {
    if (!operation.body) return body === undefined ? [] : ['body: not allowed']
    if (body === undefined) return operation.body.required ? ['body: missing'] : []
    const properties = (operation.body.schema as { properties?: object }).properties
    const unknown =
      properties && body !== null ? Object.keys(body as object).filter((name) => !Object.hasOwn(properties, name)) : []
    return [
      ...validate(`${at(operation)}/body/schema`, body).map((text) => `body:${text}`),
      ...unknown.map((name) => `body: there is no property "${name}"`),
    ]
  }
}

const describe = ({ instancePath, message = 'is wrong', params }: ErrorObject): string =>
  ` ${instancePath} ${message}${'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : ''}`

/** Values of a path or a query are transmitted as text. */
function fromText(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return text === 'true' ? true : text === 'false' ? false : text
}
