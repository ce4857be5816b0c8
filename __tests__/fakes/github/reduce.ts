import type { Description, Operation, Parameter } from './description.ts'
import { type Json, toJsonSchema } from './json-schema.ts'

/** The parts of OpenAPI 3.0 that are read here. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, Json>>>>
}
interface OpenApiOperation {
  readonly parameters?: readonly Json[]
  readonly requestBody?: Json
  readonly responses: Readonly<Record<string, Json>>
}
type Content = { readonly content?: Readonly<Record<string, { readonly schema?: Json }>>; readonly required?: boolean }

/** Reduces a description to some operations, as JSON Schema. @throws if an operation is unknown. */
export function reduce(whole: OpenApi, routes: readonly string[]): Description {
  const components: Record<string, Json> = {}
  const follow = (node: Json): Json => {
    const { $ref } = node as { $ref?: string }
    return $ref === undefined
      ? node
      : ($ref
          .slice(2)
          .split('/')
          .reduce<unknown>((at, part) => (at as never)[part], whole) as Json)
  }
  const schemaOf = (node: Json): Json => {
    const schema = toJsonSchema(node)
    for (const name of namesIn(schema)) {
      if (Object.hasOwn(components, name)) continue
      components[name] = {}
      components[name] = schemaOf(whole.components.schemas?.[name] ?? {})
    }
    return schema
  }
  const bodyOf = (node: Json): Json | null => {
    const { content = {} } = node as Content
    const schema = Object.entries(content).find(([type]) => /json/.test(type))?.[1].schema
    return schema ? schemaOf(schema) : null
  }
  const operations = routes.map((route): Operation => {
    const [method = '', path = ''] = route.split(' ')
    const operation = whole.paths[path]?.[method.toLowerCase()]
    if (!operation) throw new Error(`The OpenAPI description has no ${route}.`)
    const parameters = (operation.parameters ?? []).map((node): Parameter => {
      const { name, in: place, required = false, schema = {} } = follow(node) as unknown as Parameter
      return { name, in: place, required, schema: schemaOf(schema) }
    })
    const body = operation.requestBody && follow(operation.requestBody)
    const bodySchema = body && bodyOf(body)
    return {
      route,
      parameters,
      ...(body && bodySchema && { body: { required: (body as Content).required ?? false, schema: bodySchema } }),
      answers: Object.fromEntries(
        Object.entries(operation.responses).map(([status, answer]) => [status, bodyOf(follow(answer))]),
      ),
    }
  })
  return { operations, components }
}

const namesIn = (schema: Json): ReadonlySet<string> =>
  new Set(
    [...JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].flatMap(([, name]) =>
      name ? [name] : [],
    ),
  )
