import * as v from 'valibot'
import { check, listOf, text } from '../core/schema.ts'
import type { ImageMeasure } from '../image/measure.ts'
import { measure } from './measure-schema.ts'
import { type Stored, storedVersion } from './stored.ts'

/** The measurements are checked when they are used: a report has one for each image. */
const unchecked = v.unknown()
const schemaVersion = v.literal(storedVersion)
const storedSchema = v.object({
  schemaVersion,
  addon: text,
  architecture: text,
  commit: v.exactOptional(text),
  measure: unchecked,
})
const measured = v.object({ measure })
const reportSchema = v.object({
  schemaVersion,
  run: v.object({ sha: text }),
  addons: listOf(
    v.object({
      targets: listOf(
        v.object({ addon: text, architecture: text, size: v.exactOptional(v.object({ measure: unchecked })) }),
      ),
    }),
  ),
})

/** The measurement of one image in a text of `toStored` or a `report.json`, if it has one. Untrusted: throws an Error if it is neither. */
export function fromStored(content: string, addon: string, architecture: string): Stored | undefined {
  const json: unknown = JSON.parse(content)
  const all =
    typeof json === 'object' && json !== null && 'addons' in json ? fromReport(json) : [read(storedSchema, json)]
  const found = all.find((one) => one.addon === addon && one.architecture === architecture)
  if (!found) return undefined
  const { commit } = found
  return { addon, architecture, ...(commit !== undefined && { commit }), measure: measureOf(found) }
}

function fromReport(json: unknown): readonly (Omit<Stored, 'measure'> & { readonly measure: unknown })[] {
  const { run, addons } = read(reportSchema, json)
  return addons.flatMap(({ targets }) =>
    targets.flatMap(({ addon, architecture, size }) =>
      // The command line does not know the commit.
      size ? [{ addon, architecture, ...(run.sha !== '' && { commit: run.sha }), measure: size.measure }] : [],
    ),
  )
}

/** Comparisons use the numbers as they are, so they must be exact and must refer to layers that exist. */
function measureOf(stored: { readonly measure: unknown }): ImageMeasure {
  const found = read(measured, stored).measure
  const { layers, base, contents } = found
  const indexes = [
    ...(contents?.waste ?? []).flatMap(({ writtenBy, hiddenBy }) => [writtenBy, hiddenBy]),
    ...(contents?.packages ?? []).flatMap(({ layer }) => layer ?? []),
  ]
  if (indexes.some((index) => index >= layers.length)) throw new Error('it refers to a layer that does not exist')
  JSON.stringify(found, (_, inner: unknown) => {
    if (typeof inner === 'number' && !Number.isSafeInteger(inner)) throw new Error(`${inner} is too large`)
    return inner
  })
  return { ...found, ...(base && { base: { ...base, layers: Math.min(base.layers, layers.length) } }) }
}

function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const result = check(schema, value)
  if ('problems' in result) throw new Error(result.problems.join('; '))
  return result.value
}
