type Value = string | number | boolean | readonly string[] | undefined

/** `flag('--tag', ['a', 'b'])` → `--tag a --tag b`; `flag('--pull', true)` → `--pull`. A value that looks like a flag stays a value. */
export function flag(name: string, value: Value): readonly string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [name]
  if (typeof value === 'object') return value.flatMap((one) => [name, one])
  return [name, String(value)]
}

/** `KEY=value` for each pair. */
export const assignments = (pairs: ReadonlyMap<string, string>): readonly string[] =>
  [...pairs].map(([key, value]) => `${key}=${value}`)

/** Buildx reads `type=x,dest=y` as one record of CSV. Source: buildx util/buildflags, encoding/csv. */
export const csv = (fields: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => csvField(`${key}=${value}`))
    .join(',')

/** A field with a comma, a quote or a line end is quoted. */
export const csvField = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
