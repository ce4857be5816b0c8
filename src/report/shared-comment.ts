import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import * as v from 'valibot'
import { architectures } from '../core/architecture.ts'
import { architecture, check, listOf, text } from '../core/schema.ts'
import { readMarker } from '../github/comment-marker.ts'
import type { CommentParts, SharedComment } from '../github/comment-options.ts'
import { condense } from './condense.ts'
import { type CommentOptions, commentLimit, markerOf, renderBody, tiers } from './markdown/comment.ts'
import { canonicalJson } from './model/json.ts'
import { reportSchema } from './model/schema.ts'
import { joinParts, limitTo, mergeParts, mostParts, type Part } from './parts.ts'
import { rowsOf } from './rows.ts'

/** The hidden line before the marker: the parts as JSON, compressed, in base64, whose letters cannot end an HTML comment. */
const [before, after] = ['<!-- aicleaner-build parts=', ' -->']

/** Bytes of the JSON: far more than condensed reports have. */
const largestParts = 4 * 1024 * 1024

const schema = v.object({
  version: v.literal(1),
  parts: listOf(
    v.object({ scope: text, architectures: listOf(architecture), tier: v.picklist(tiers), report: reportSchema }),
  ),
})

/** How a job takes part in the comment of its run, whose key is `key`. `own`: the part that the job writes. */
export const sharedCommentOf = (
  own: Part,
  key: string,
  { partial, sleep }: Pick<SharedComment, 'partial' | 'sleep'>,
): SharedComment => ({
  partial,
  sleep,
  parts: partsWith([own], own, key),
  // Longer than reading and writing a comment takes, and different for jobs that end together: the next one then reads what this one wrote.
  waitMs: (round) => round * (2000 + 1000 * Math.max(0, architectures.indexOf(own.architectures[0] ?? 'amd64'))),
})

function partsWith(parts: readonly Part[], own: Part, key: string): CommentParts {
  const { run } = own.report
  // All jobs have the same run, so only the attempt is taken from the comment.
  const ofRun = (part: Part): Part => ({
    ...part,
    report: { ...part.report, run: { ...run, runAttempt: part.report.run.runAttempt } },
  })
  return {
    add: (bodies) => partsWith(mergeParts([...parts, ...bodies.flatMap(readParts).map(ofRun)]), own, key),
    hasOthers: parts.length > 1 || parts[0] !== own,
    render: () => renderShared(parts, { key }),
  }
}

/**
 * The comment of several jobs: like that of `renderComment`, over all parts. The parts are hidden in it for the next job.
 * Parts that were condensed once stay condensed, so the comment shows no more of the other parts.
 * @throws RangeError when even the last tier does not fit.
 */
export function renderShared(parts: readonly Part[], { key, limit = commentLimit }: CommentOptions): string {
  const least = Math.max(0, ...parts.map(({ tier }) => tiers.indexOf(tier)))
  for (const tier of tiers.slice(least)) {
    const condensed = parts.map((part) => ({ ...part, tier, report: condense(part.report, tier) }))
    const state = writeParts(condensed)
    // The hidden parts take at most half of the comment, so that the visible report has room.
    if (state.length > limit / 2) continue
    const report = joinParts(condensed)
    const rows = rowsOf(report)
    const text = `${renderBody(report, rows, tier)}\n\n${state}\n${markerOf(report, rows, key)}\n`
    if (text.length <= limit) return text
  }
  throw new RangeError(`The parts of ${parts.length} jobs do not fit into one comment of ${limit} characters.`)
}

function writeParts(parts: readonly Part[]): string {
  const json = Buffer.from(canonicalJson({ version: 1, parts }))
  // The best quality takes seconds if there are many add-ons.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  return `${before}${brotliCompressSync(json, { params }).toString('base64')}${after}`
}

/**
 * The parts in one of our comments. It may have been edited: if they are not exactly as they were written, there are none, and rows of
 * architectures that are not those of their part are left out.
 */
export function readParts(body: string): readonly Part[] {
  const marker = readMarker(body)
  const line = body.replaceAll('\r\n', '\n').trimEnd().split('\n').at(-2) ?? ''
  if (!marker || !line.startsWith(before) || !line.endsWith(after) || line.length > commentLimit) return []
  const base64 = line.slice(before.length, -after.length)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return []
  try {
    const json = brotliDecompressSync(Buffer.from(base64, 'base64'), { maxOutputLength: largestParts })
    const read = check(schema, JSON.parse(json.toString()))
    if ('problems' in read) return []
    return read.value.parts
      .slice(0, mostParts)
      .filter(({ report: { run } }) => run.runId === marker.run && run.runAttempt <= marker.attempt)
      .map((part) => limitTo({ ...part, report: condense(part.report, part.tier) }, part.architectures))
  } catch {
    // Not compressed, not JSON, or too large.
    return []
  }
}
