import pLimit from 'p-limit'
import type { Host } from '../core/host.ts'
import { textOf } from '../core/json-fields.ts'
import { enumerate } from '../core/text.ts'
import type { Options } from '../inputs/options.ts'
import { parseRepository } from '../registry/name.ts'
import type { PublishedAddon } from '../registry/publish.ts'
import type { PublishedTag } from '../registry/published-tag.ts'
import { type AnonymousRegistry, openPullCheck, type Pull } from '../registry/pull-check.ts'
import { pullRemedy } from '../registry/pull-remedy.ts'
import type { Reason } from '../report/model/report.ts'

/** Milliseconds for all tags. */
const limitMs = 30_000
const pullsAtOnce = 6
/** Names listed in one message. */
const mostNames = 4

/** What the check found, by what `pull-check` says to do about it. */
export interface PullFindings {
  readonly reasons: readonly Reason[]
  readonly warnings: readonly Reason[]
}

type CheckHost = Pick<Host, 'clock' | 'signal' | 'log' | 'event' | 'payload'>

/** Pulls every published tag without a login, as devices do. What a registry does not say in time is a line in the log. Never rejects. */
export async function checkPulls(
  published: ReadonlyMap<string, PublishedAddon>,
  { pullCheck }: Pick<Options, 'pullCheck'>,
  host: CheckHost,
  registry: AnonymousRegistry,
): Promise<PullFindings> {
  const limit = pLimit(pullsAtOnce)
  const over = new AbortController()
  const late = host.clock
    .sleep(limitMs, AbortSignal.any([over.signal, host.signal]))
    .then((): Pull => ({ status: 'unknown', why: `no response within ${limitMs / 1000} s.` }))
  const pull = openPullCheck(registry)
  const tags = [...published].flatMap(([addon, { tags: all }]) => all.map((tag) => ({ addon, tag })))
  const checked = await Promise.all(
    tags.map(async (one) => ({ ...one, pull: await Promise.race([limit(() => pull(one.tag)), late]) })),
  )
  over.abort()
  // A cancel ends the requests, which says nothing about the registry.
  if (host.signal.aborted) return { reasons: [], warnings: [] }
  reportUnknown(checked, host)
  const found = problemsOf(checked, host)
  return pullCheck === 'fail' ? { reasons: found, warnings: [] } : { reasons: [], warnings: found }
}

interface Checked {
  readonly addon: string
  readonly tag: PublishedTag
  readonly pull: Pull
}

const nameOf = ({ tag: { image, tag } }: Checked): string => `${image}:${tag}`

/** One line for each reason. */
function reportUnknown(checked: readonly Checked[], { log }: CheckHost): void {
  const unknown = checked.flatMap((one) => (one.pull.status === 'unknown' ? [{ ...one, why: one.pull.why }] : []))
  for (const [why, group] of Map.groupBy(unknown, (one) => one.why)) {
    log.info(`It is not known whether devices can pull ${enumerate(group.map(nameOf), mostNames)}: ${why}`)
  }
}

/** One problem for all tags of an add-on in one registry. */
function problemsOf(checked: readonly Checked[], { event, payload, log }: CheckHost): readonly Reason[] {
  const groups = Map.groupBy(
    checked.filter(({ pull }) => pull.status === 'refused' || pull.status === 'broken'),
    ({ addon, tag, pull }) => JSON.stringify([addon, parseRepository(tag.image).host, pull.status]),
  )
  return [...groups.values()].flatMap((group): readonly Reason[] => {
    const [first] = group
    if (!first || !('why' in first.pull)) return []
    const message = log.redact(
      `Devices cannot pull ${enumerate(group.map(nameOf), mostNames)} without a login: ${first.pull.why}`,
    )
    const ownerType = textOf(payload, 'repository', 'owner', 'type')
    const remedy =
      first.pull.status === 'refused'
        ? pullRemedy([...new Set(group.map(({ tag: { image } }) => image))], { event, ownerType })
        : 'Check what answers for the registry: a proxy, a mirror, or another run that publishes the same tag.'
    return [{ gate: 'pull', addon: first.addon, message, remedy }]
  })
}
