import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Json, toJsonSchema } from './json-schema.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required: boolean
  readonly schema: Json
}

export interface Operation {
  /** `GET /repos/{owner}/{repo}` */
  readonly route: string
  readonly parameters: readonly Parameter[]
  /** Schema of the JSON body; absent where there is none. */
  readonly body?: { readonly required: boolean; readonly schema: Json }
  /** Schema of each answer's JSON body by status; `null` for an answer without a body. */
  readonly answers: Readonly<Record<string, Json | null>>
}

/** GitHub's published description, cut down to some operations and in JSON Schema's own words. */
export interface Description {
  readonly operations: readonly Operation[]
  readonly components: Readonly<Record<string, Json>>
}

export type DescriptionName = 'api.github.com' | 'ghes-3.19'

/** Change this when the reduction changes: it is part of the name of the cached file. */
const format = 1

/**
 * Reading the whole description (13 MB) takes half a second, so what was cut out of it is kept in `node_modules/.cache`.
 * @throws when the description does not know one of the routes.
 */
export function loadDescription(name: DescriptionName, routes: readonly string[]): Description {
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('@octokit/openapi/package.json')
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
  const key = JSON.stringify([format, version, name, routes])
  const folder = join(dirname(packageFile), '../../.cache/aicleaner-build-standins')
  const file = join(folder, `${name}.json`)
  const kept = readKept(file)
  if (kept?.key === key) return kept.description
  const whole: unknown = JSON.parse(readFileSync(join(dirname(packageFile), 'generated', `${name}.json`), 'utf8'))
  const description = reduce(whole as OpenApi, routes)
  // Jest runs several processes: each writes a file of its own, and renaming is atomic.
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({ key, description }))
  renameSync(`${file}.${process.pid}`, file)
  return description
}

function readKept(file: string): { readonly key: string; readonly description: Description } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { key: string; description: Description }
  } catch {
    return undefined
  }
}

/** As much of OpenAPI 3.0 as is read here. */
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
