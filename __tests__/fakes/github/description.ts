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

/**
 * Reads what `scripts/kept-schemas.ts` kept of the description.
 * @throws where that is of other routes: the script has to be run again.
 */
export function loadDescription(name: DescriptionName, routes: readonly string[]): Description {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')
  const { operations, components } = JSON.parse(text) as Description
  const kept = operations.map(({ route }) => route)
  if (kept.join('\n') !== routes.join('\n'))
    throw new Error(`fixtures/${name}.json describes other routes. Run "node scripts/kept-schemas.ts".`)
  return { operations, components }
}
