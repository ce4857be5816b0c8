import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import type { InferOutput } from 'valibot'
import { reportJsonSchema } from '../../../scripts/docs/report-schema.ts'
import { check } from '../../../src/core/schema.ts'
import { toJson } from '../../../src/report/model/json.ts'
import { readReport } from '../../../src/report/model/read.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { reportSchema } from '../../../src/report/model/schema.ts'
import { everything } from '../everything.ts'
import { situations } from '../situations.ts'
import { pythonTree, reportWithTrees } from '../trees.ts'

const ajv = (schema: object) => {
  const made = new Ajv2020({ allErrors: true, strict: true, strictTypes: false })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(made)
  return made.compile(schema)
}

/** The same schema, in which what is not described is not allowed: a field that was added to the types and not here shows. */
function closed(definition: unknown): unknown {
  if (Array.isArray(definition)) return definition.map(closed)
  if (typeof definition !== 'object' || definition === null) return definition
  const inner = Object.fromEntries(Object.entries(definition).map(([name, value]) => [name, closed(value)]))
  return 'properties' in inner && 'required' in inner ? { ...inner, additionalProperties: false } : inner
}

const jsonSchema = reportJsonSchema()
const open = ajv(jsonSchema)
const strict = ajv(closed(jsonSchema) as object)

const reports: readonly (readonly [string, Report])[] = [
  ...Object.entries(situations).map(([name, make]) => [name, make()] as const),
  ['everything', everything()],
  ['trees', reportWithTrees(pythonTree(true), pythonTree(false))],
]

test('docs/report.schema.json is the schema of the source', () => {
  const text = readFileSync(new URL('../../../docs/report.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(jsonSchema)))
})

/** The names of the fields below a value of our report, as `.addons[].slug`. */
function fieldsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(one, `${path}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => [`${path}.${name}`, ...fieldsOf(one, `${path}.${name}`)])
}

/** The same, of a JSON Schema. The children of a tree are trees. */
function describedFields(part: JsonSchema, path = ''): readonly string[] {
  if (part.$ref !== undefined) return /\.children\[\]$/.test(path) ? [] : describedFields(definitionOf(part.$ref), path)
  const { properties = {}, items, anyOf = [], oneOf = [], allOf = [] } = part
  return [
    ...[...anyOf, ...oneOf, ...allOf].flatMap((one) => describedFields(one, path)),
    ...Object.entries(properties).flatMap(([name, one]) => [
      `${path}.${name}`,
      ...describedFields(one, `${path}.${name}`),
    ]),
    ...(items ? describedFields(items, `${path}[]`) : []),
  ]
}

interface JsonSchema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
}

const definitionOf = (reference: string): JsonSchema =>
  (jsonSchema as { $defs?: Record<string, JsonSchema> }).$defs?.[reference.replace('#/$defs/', '')] as JsonSchema

test('the report "everything" has every field that is described', () => {
  // A report is published or not: the commands are in one that is.
  const had = new Set([...fieldsOf(everything()), ...fieldsOf(situations.shrink?.() as Report)])
  // A size is known or not, wherever it is, and an image before is described as one after.
  const alike = /\.(?:bytes|unknown|percent)$|\.baseline\.measure\.|\.tree\./
  expect(describedFields(jsonSchema as JsonSchema).filter((path) => !had.has(path) && !alike.test(path))).toEqual([])
})

test.each(reports)('the report "%s" is as described, and nothing in it is not described', (_, made) => {
  const value: unknown = JSON.parse(toJson(made))
  for (const validate of [open, strict]) {
    validate(value)
    expect(validate.errors ?? []).toEqual([])
  }
  expect(readReport(toJson(made))).toEqual({ report: value })
})

test('our own check agrees with ajv on reports that something was done to', () => {
  const original = toJson(everything())
  const junk = fc.constantFrom<unknown>(
    null,
    -1,
    1.5,
    'x',
    '',
    [],
    {},
    true,
    { bytes: 1 },
    { unknown: 'y' },
    { bytes: 1, unknown: 'y' },
  )
  fc.assert(
    fc.property(fc.nat(), junk, fc.boolean(), (seed, value, remove) => {
      const changed: unknown = JSON.parse(original)
      mutate(changed, seed, value, remove)
      expect('value' in check(reportSchema, changed)).toBe(open(changed))
    }),
    { numRuns: 300 },
  )
})

/** Puts `value` in the place of one of all places, or takes that one away. */
function mutate(tree: unknown, seed: number, value: unknown, remove: boolean): void {
  const places: [Record<string, unknown>, string][] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const name of Object.keys(node)) {
      places.push([node as Record<string, unknown>, name])
      visit((node as Record<string, unknown>)[name])
    }
  }
  visit(tree)
  const place = places[seed % places.length]
  if (!place) return
  const [owner, name] = place
  if (remove && !Array.isArray(owner)) delete owner[name]
  else owner[name] = value
}

test('a report that is nested without end is refused, not a crash', () => {
  const deep = `${'{"name":"x","bytes":1,"children":['.repeat(200_000)}${']}'.repeat(200_000)}`
  const text = toJson(everything()).replace(/"tree": \{/, `"tree": ${deep}, "other": {`)
  expect(readReport(text)).toEqual({ diagnostic: expect.objectContaining({ code: 'report/unreadable' }) })
})

/**
 * Every field of a type with its path and type, as `.run.mode:plan` or `.run.headSha?:string`: the compiler compares these to any depth, but
 * not the types themselves. Left out: `context`, which is in result files only, and below `children`, which have the fields of their folder.
 */
type Fields<T> = T extends readonly (infer Item)[]
  ? `[]${Fields<Item>}`
  : T extends object
    ? {
        [Name in Exclude<
          keyof T & string,
          'context'
        >]-?: `.${Name}${object extends Pick<T, Name> ? '?' : ''}${Name extends 'children' ? '' : Fields<Exclude<T[Name], undefined>>}`
      }[Exclude<keyof T & string, 'context'>]
    : T extends string | boolean
      ? `:${string extends T ? 'string' : T}`
      : T extends number
        ? `:${number extends T ? 'number' : T}`
        : never
type OfSchema = Fields<InferOutput<typeof reportSchema>>
type OfReport = Fields<Report>

test('the schema and the types of a report have the same fields', () => {
  // Checked by the compiler: the names of fields that are only on one side are in its message.
  const notInSchema: [Exclude<OfReport, OfSchema>] extends [never] ? true : Exclude<OfReport, OfSchema> = true
  const notInReport: [Exclude<OfSchema, OfReport>] extends [never] ? true : Exclude<OfSchema, OfReport> = true
  expect([notInSchema, notInReport]).toEqual([true, true])
})
