import * as v from 'valibot'
import type { Diagnostic } from '../../core/diagnostics.ts'
import { fieldOf, parseJsonText } from '../../core/json-fields.ts'
import { check, digest, integer, listOf, text } from '../../core/schema.ts'
import { escapeControls } from '../../core/text.ts'
import { badResult, type ResultFile } from './result-file.ts'
import { context, diagnostic, target } from './schema.ts'

/** Maximum diagnostics of one job. No job reports more. */
const mostDiagnostics = 50

const schema = v.object({
  schemaVersion: v.literal(1),
  kind: v.literal('aicleaner-build-result'),
  id: text,
  sha: text,
  run: v.object({ id: text, attempt: v.pipe(integer, v.minValue(1)) }),
  // In a report the build context belongs to the add-on, here to its target.
  report: v.object({ ...target.entries, context: v.exactOptional(context) }),
  failure: v.exactOptional(
    v.object({
      kind: v.picklist(['input', 'environment', 'cancelled']),
      diagnostics: v.pipe(
        listOf(diagnostic),
        v.transform((all) => all.slice(0, mostDiagnostics)),
      ),
    }),
  ),
  notPushed: v.exactOptional(text),
  pushed: v.exactOptional(listOf(digest)),
})

/**
 * Reads the result of another job. It comes from an artifact, so nothing in it is trusted: fields have their types, unknown fields are dropped
 * and long texts are cut. `name` must be safe to print.
 */
export function readResultFile(name: string, contents: string): ResultFile | Diagnostic {
  const value = parseJsonText(contents)
  if (value === undefined) return badResult(name, 'is not JSON')
  if (fieldOf(value, 'kind') !== 'aicleaner-build-result') return badResult(name, 'is not a result file')
  const version = fieldOf(value, 'schemaVersion')
  if (version !== 1) return badResult(name, `has schema version ${shown(version)}, this version reads 1`)
  const read = check(schema, value)
  if ('problems' in read) return badResult(name, `is not a valid result file: ${read.problems.slice(0, 3).join('; ')}`)
  const wrong = contradictionIn(read.value)
  return wrong === undefined ? read.value : badResult(name, wrong)
}

function contradictionIn({ id, report: { addon, architecture, build, size } }: ResultFile): string | undefined {
  if (id !== `${addon}/${architecture}`)
    return `is for ${shown(id)}, but reports on ${shown(`${addon}/${architecture}`)}`
  if (build.status !== 'built' || size === undefined) return undefined
  const { manifestDigest, configDigest } = size.measure
  return manifestDigest === build.manifestDigest && configDigest === build.configDigest
    ? undefined
    : 'has the size of another image than the one that was built'
}

/** An untrusted value as part of a sentence. */
const shown = (value: unknown): string =>
  escapeControls(typeof value === 'object' ? 'an object' : String(value).slice(0, 100))
