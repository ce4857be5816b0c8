import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import type { InferOutput } from 'valibot'
import { reportJsonSchema } from '../../../scripts/report-schema.ts'
import { check } from '../../../src/core/schema.ts'
import { toJson } from '../../../src/report/model/json.ts'
import { readReport } from '../../../src/report/model/read.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { reportSchema } from '../../../src/report/model/schema.ts'
import { addon, built, compared, contents, report, target, unhealthy } from '../reports.ts'
import { situations } from '../situations.ts'
import { file, folder, pythonTree, reportWithTrees } from '../trees.ts'

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

/** Every field that a report can have, at least once. */
function everything(): Report {
  const size = compared(1e7, 2e7, {
    changes: ['+10.0 MB: package x was added'],
    budgets: [{ budget: 'max-increase', limit: '5 %', limitBytes: 5, actualBytes: 1e7, over: true, message: 'm' }],
  })
  const [layer] = size.measure.layers
  const where = { file: 'docker/Dockerfile', line: 3, column: 1 }
  return report(
    [
      addon(
        [
          target('amd64', {
            build: {
              ...built(),
              warnings: [{ severity: 'warning', code: 'c', message: 'm', remedy: 'r', where }],
            } as never,
            smoke: {
              ...unhealthy(),
              timeToHealthyMs: 1.5,
              peakMemoryBytes: 1,
              evidence: { ...(unhealthy().evidence as never as object), exitCode: 1 },
            } as never,
            audit: [
              { rule: 'r', severity: 'error', message: 'm', fix: 'f', link: 'https://x.example', where, bytes: 5 },
            ],
            published: `sha256:${'a'.repeat(64)}`,
            attestation: `sha256:${'c'.repeat(64)}`,
            size: {
              ...size,
              noBaseline: 'none',
              measure: {
                ...size.measure,
                created: '2026-01-01T00:00:00Z',
                revision: 'abc',
                base: { reference: 'python:3.12', layers: 1 },
                layers: [
                  layer as never,
                  { ...(layer as object), onDisk: { unknown: 'only the manifest was read' } } as never,
                ],
                contents: {
                  ...contents,
                  waste: [{ path: 'x', bytes: 1, files: 2, reason: 'deleted', writtenBy: 0, hiddenBy: 1 }],
                  packages: [{ manager: 'apk', name: 'x', version: '1', bytes: 1, layer: 0 }],
                  duplicates: [{ bytes: 1, paths: ['a', 'b'], copies: 2 }],
                  tree: folder('', [{ ...file('x', 1), package: 0 }]),
                },
              },
              comparison: {
                ...(size.comparison as NonNullable<typeof size.comparison>),
                base: { before: { bytes: 1 }, after: { unknown: 'x' } },
                own: { before: { bytes: 1 }, after: { bytes: 2 }, bytes: 1, percent: 100 },
                packages: [{ manager: 'apk', name: 'x', before: '1', after: '2', bytes: -1, layer: 0 }],
                folders: [{ path: 'x', bytes: -1, before: 2, after: 1 }],
              },
            },
          }),
          target('armv7', {
            sizeError: 'no',
            build: { status: 'failed', durationMs: 1, emulated: true, reason: 'r', where, log: ['x'] },
          }),
        ],
        { manifest: { image: 'x', tags: ['1'], digest: `sha256:${'b'.repeat(64)}` } },
      ),
    ],
    {
      diagnostics: [{ severity: 'notice', code: 'c', message: 'm', remedy: 'r', where }],
      publication: { status: 'published' },
    },
  )
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
