import { architectures } from '../addon/architecture.ts'
import { isNewer, readMarker } from '../report/marker.ts'
import { mergeParts, type Part } from '../report/parts.ts'
import { readParts, renderShared } from '../report/shared-comment.ts'
import type { UpsertOptions, UpsertResult } from './comment.ts'
import { type Author, create, type Found, find, remove, replace } from './comment-requests.ts'
import { RestError } from './rest.ts'

/** A job of a run in which other jobs may build other architectures of the same targets. */
export interface SharedComment {
  readonly own: Part
  /** `false`: the job built everything there is. It shares a comment only where one of its run has parts already. */
  readonly partial: boolean
  readonly sleep: (ms: number) => Promise<void>
}

type SharedOptions = UpsertOptions & { readonly shared: SharedComment }

/** Times that a job writes before it leaves the comment to the others. */
const mostRounds = 6

/** Longer than reading and writing a comment takes, and different for jobs that end together: the next one then reads what this one wrote. */
const waitMs = ({ architectures: [first] }: Part, round: number): number =>
  round * (2000 + 1000 * Math.max(0, architectures.indexOf(first ?? 'amd64')))

/** The job is one of several that share a comment. */
export const sharesComment = (options: UpsertOptions, found: readonly Found[]): options is SharedOptions =>
  options.shared !== undefined && (options.shared.partial || partsOfRun(options.shared.own, found).length > 0)

/** What other jobs wrote. The run is the same for all of them, so nothing of it is taken from a comment but the attempt. */
const partsOfRun = ({ report: { run } }: Part, found: readonly Found[]): readonly Part[] =>
  found
    .filter(({ marker }) => marker.run === run.runId)
    .flatMap(({ body }) => readParts(body))
    .map((part) => ({
      ...part,
      report: { ...part.report, run: { ...run, runAttempt: part.report.run.runAttempt } },
    }))

/**
 * Adds the rows of this job to the comment of its run, or begins the comment anew where it is that of an older run.
 *
 * GitHub has no conditional update, so a job that read the comment before this one wrote it may take these rows away again. That is why
 * each job reads the comment once more after a while, and merges and writes again where a part is missing that it has ever seen. It ends
 * when a whole wait passed without such a loss.
 */
export async function upsertShared(
  options: SharedOptions,
  mine: Author,
  before: readonly Found[],
): Promise<UpsertResult> {
  let state: State = { parts: [options.shared.own], found: before }
  for (let round = 0; round < mostRounds; round++) {
    try {
      if (round > 0) {
        await options.shared.sleep(waitMs(options.shared.own, round))
        state = { ...state, found: await find(options, mine) }
      }
      const next = await write(options, mine, state)
      if ('result' in next) return next.result
      state = next
    } catch (thrown) {
      // It is written. Only whether it stays so is not known.
      if (state.written && thrown instanceof RestError) return state.written
      throw thrown
    }
  }
  return state.written ?? { skipped: 'The comment was removed while it was written.' }
}

interface State {
  /** Every part that was seen. */
  readonly parts: readonly Part[]
  readonly found: readonly Found[]
  readonly written?: { readonly url: string; readonly action: 'created' | 'updated' }
}

/** Writes what is missing, if anything is. */
async function write(
  options: SharedOptions,
  mine: Author,
  { parts: seen, found, written }: State,
): Promise<State | { readonly result: UpsertResult }> {
  const { run, key, policy, shared } = options
  const newer = found.find(({ marker }) => isNewer(marker, { run: run.id, attempt: marker.attempt }))
  if (newer) return { result: { url: newer.url, action: 'superseded' } }
  const parts = mergeParts([...seen, ...partsOfRun(shared.own, found)])
  const alone = !shared.partial && parts.length === 1 && parts[0] === shared.own
  const body = alone ? options.body : renderShared(parts, { key })
  const [first, ...doubles] = found
  if (!first) {
    if (policy === 'on-change' && readMarker(body)?.news === false) {
      return { result: { skipped: 'Nothing changed (comment: on-change).' } }
    }
    return { parts, found, written: await create(options, body, mine) }
  }
  const same = sameText(first.body, body)
  const replaced = !same && (await stillThere(replace(options, first, body)))
  // Two jobs that both found no comment both made one. The oldest now has the parts of both.
  if (same || replaced) await remove(options, doubles)
  if (same) return { result: { url: first.url, action: written?.action ?? 'unchanged' } }
  return {
    parts,
    found,
    ...(replaced ? { written: { url: first.url, action: written?.action ?? 'updated' } } : written && { written }),
  }
}

/** `false`: another job removed the comment, which was a second one. */
async function stillThere(request: Promise<void>): Promise<boolean> {
  try {
    await request
    return true
  } catch (thrown) {
    if (thrown instanceof RestError && thrown.status === 404) return false
    throw thrown
  }
}

const sameText = (a: string, b: string): boolean => a.replaceAll('\r\n', '\n').trimEnd() === b.trimEnd()
