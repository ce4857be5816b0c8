import { checkAgainst, type Definition } from './model/schema-parts.ts'

/** Characters of one text: more than any that is written here, and few enough for what reads it later. */
export const longestText = 10_000

/** References followed one inside the other; a folder of an image is one. */
const deepest = 1000

/**
 * A copy of a value that `checkAgainst` has passed, with the fields that the schema names and no others, and with texts of at most
 * `longestText` characters.
 * @throws RangeError when it is nested too deeply to be written again.
 */
export function known(schema: Definition, definitions: Readonly<Record<string, Definition>>, value: unknown): unknown {
  return visit(schema, value, 0)

  function visit(definition: Definition, here: unknown, depth: number): unknown {
    if (depth > deepest) throw new RangeError('nested too deeply')
    const { $ref, oneOf, items, properties } = definition
    if ($ref !== undefined) return visit(definitions[$ref.replace('#/$defs/', '')] ?? {}, here, depth + 1)
    if (oneOf) {
      const fitting = oneOf.find((choice) => checkAgainst(choice, definitions, here).length === 0)
      return fitting && visit(fitting, here, depth)
    }
    if (Array.isArray(here)) return here.map((item) => visit(items ?? {}, item, depth))
    if (typeof here === 'string') return here.length > longestText ? `${here.slice(0, longestText - 1)}…` : here
    if (typeof here !== 'object' || here === null) return here
    const fields = here as Readonly<Record<string, unknown>>
    return Object.fromEntries(
      Object.entries(properties ?? {})
        .filter(([name]) => Object.hasOwn(fields, name))
        .map(([name, inner]) => [name, visit(inner, fields[name], depth)]),
    )
  }
}
