/** What GitHub sends is read field by field: nothing is taken for granted of its shape. */
export const fieldOf = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  )

/** The text of a field; empty where there is none. */
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
export function placeOf(repository: string): { owner: string; repo: string } {
  const [owner = '', repo = ''] = repository.split('/')
  return { owner, repo }
}
