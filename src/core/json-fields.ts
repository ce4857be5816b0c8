/** An object of JSON, whose values may be anything. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Neither a list nor null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of a JSON text; undefined for a text that is not JSON. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A field of foreign JSON, whose shape is not known; undefined if it is missing. */
export const fieldOf = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  )

/** The text of a field; empty without one. */
export const textOf = (value: unknown, ...path: readonly string[]): string => {
  const field = fieldOf(value, ...path)
  return typeof field === 'string' ? field : ''
}

export const numberOf = (value: unknown, ...path: readonly string[]): number | undefined => {
  const field = fieldOf(value, ...path)
  return typeof field === 'number' && Number.isFinite(field) ? field : undefined
}

export const listOf = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const field = fieldOf(value, ...path)
  return Array.isArray(field) ? field : []
}

/** `owner/name` as the parameters of a route. */
export function ownerAndName(repository: string): { owner: string; repo: string } {
  const [owner = '', repo = ''] = repository.split('/')
  return { owner, repo }
}
