import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from './json-schema.ts'

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
  /** Schema of the JSON body; absent if the operation has no body. */
  readonly body?: { readonly required: boolean; readonly schema: Json }
  /** Schema of each response's JSON body by status; `null` for a response without a body. */
  readonly answers: Readonly<Record<string, Json | null>>
}

/** GitHub's published description, reduced to some operations and converted to JSON Schema. */
export interface Description {
  readonly operations: readonly Operation[]
  readonly components: Readonly<Record<string, Json>>
}

export type DescriptionName = 'api.github.com' | 'ghes-3.19'

/**
 * Reads the part of the description that `scripts/kept-schemas.ts` stored.
 * @throws if it was stored for other routes: run the script again.
 */
export function loadDescription(name: DescriptionName, routes: readonly string[]): Description {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')
  const { operations, components } = JSON.parse(text) as Description
  const kept = operations.map(({ route }) => route)
  if (kept.join('\n') !== routes.join('\n'))
    throw new Error(`fixtures/${name}.json was made for other routes. Run "node scripts/kept-schemas.ts".`)
  return { operations, components }
}
