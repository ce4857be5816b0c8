import { type Architecture, architectures } from '../core/architecture.ts'
import { type Tier, tiers } from './markdown/comment.ts'
import { canonicalJson } from './model/json.ts'
import {
  type AddonReport,
  byGate,
  type Publication,
  type Reason,
  type Report,
  type TargetReport,
  type Verdict,
} from './model/report.ts'

/** What one job of a run contributes to the comment that it shares with other jobs of the same run. */
export interface Part {
  /** Workflow and targets. Only parts of the same scope replace each other. */
  readonly scope: string
  /** What the job was asked to build. Empty if its inputs were refused and do not name the architectures. */
  readonly architectures: readonly Architecture[]
  /** How much of the report there is: the job itself has `all`, a comment may have less. */
  readonly tier: Tier
  readonly report: Report
}

/** Maximum parts of one comment: one for each architecture, and more if several targets share a `comment-key`. */
export const mostParts = 100

/** Maximum reasons of refused inputs that are kept. */
const mostRefused = 20

/**
 * Each architecture of a scope once, in the order of architectures. Of two parts with the same one, that of the later attempt is kept, then
 * the one that failed, then the one with more architectures. The order of writing does not matter; merging again changes nothing.
 */
export function mergeParts(parts: readonly Part[]): readonly Part[] {
  const latest = Math.max(0, ...parts.map(attemptOf))
  const taken = new Set<string>()
  const kept: Part[] = []
  const refused = new Map<string, Part>()
  for (const part of parts.toSorted(byPrecedence)) {
    if (part.architectures.length === 0) {
      // A part without architectures cannot be matched with a later one. Only those of the latest attempt are kept, which runs failed jobs again.
      if (attemptOf(part) === latest) refused.set(part.scope, joinRefused(refused.get(part.scope), part))
      continue
    }
    const free = part.architectures.filter((one) => !taken.has(JSON.stringify([part.scope, one])))
    for (const one of free) taken.add(JSON.stringify([part.scope, one]))
    if (free.length > 0) kept.push(free.length === part.architectures.length ? part : limitTo(part, free))
  }
  return [...kept, ...refused.values()].sort(byOrder).slice(0, mostParts)
}

const attemptOf = ({ report }: Part): number => report.run.runAttempt

const byPrecedence = (a: Part, b: Part): number =>
  attemptOf(b) - attemptOf(a) ||
  Number(a.report.verdict.passed) - Number(b.report.verdict.passed) ||
  b.architectures.length - a.architectures.length ||
  tiers.indexOf(a.tier) - tiers.indexOf(b.tier) ||
  compareTexts(canonicalJson(a), canonicalJson(b))

const byOrder = (a: Part, b: Part): number =>
  compareTexts(a.scope, b.scope) || architectureOrder(a) - architectureOrder(b)

const architectureOrder = (part: Part): number => {
  const place = architectures.findIndex((one) => part.architectures.includes(one))
  return place < 0 ? architectures.length : place
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The part with some of its architectures only. A reason that names no architecture is kept. */
export function limitTo(part: Part, kept: readonly Architecture[]): Part {
  const { report } = part
  const ofKept = ({ architecture }: Reason): boolean => architecture === undefined || kept.includes(architecture)
  return {
    ...part,
    architectures: kept,
    report: {
      ...report,
      addons: report.addons.map((addon) => ({
        ...addon,
        targets: addon.targets.filter(({ architecture }) => kept.includes(architecture)),
      })),
      verdict: {
        ...report.verdict,
        reasons: report.verdict.reasons.filter(ofKept),
        warnings: report.verdict.warnings.filter(ofKept),
      },
    },
  }
}

function joinRefused(known: Part | undefined, part: Part): Part {
  if (!known) return part
  const { verdict } = known.report
  const reasons = unique([...verdict.reasons, ...part.report.verdict.reasons])
  // Sorted, so that the order of the parts does not matter.
  const sorted = reasons.toSorted((a, b) => compareTexts(canonicalJson(a), canonicalJson(b)))
  return { ...known, report: { ...known.report, verdict: { ...verdict, reasons: sorted.slice(0, mostRefused) } } }
}

const unique = <T>(values: readonly T[]): readonly T[] => [
  ...new Map(values.map((value) => [canonicalJson(value), value])).values(),
]

/**
 * One report over all parts, as if one job had built everything: it passed if each of them did.
 * @throws RangeError when there is no part.
 */
export function joinParts(parts: readonly Part[]): Report {
  const [first] = parts
  if (!first) throw new RangeError('There is no part to report.')
  const newest = parts.reduce((a, b) => (attemptOf(b) > attemptOf(a) ? b : a))
  return {
    ...newest.report,
    addons: joinAddons(parts),
    verdict: {
      passed: parts.every(({ report }) => report.verdict.passed),
      reasons: joinReasons(parts, ({ reasons }) => reasons),
      warnings: joinReasons(parts, ({ warnings }) => warnings),
    },
    publication: joinPublications(parts.map(({ report }) => report.publication)),
  }
}

const joinReasons = (parts: readonly Part[], of: (verdict: Verdict) => readonly Reason[]): readonly Reason[] =>
  unique(parts.flatMap((part) => of(part.report.verdict).map((reason) => withArchitecture(reason, part)))).toSorted(
    byGate,
  )

/** A reason of a whole job, such as invalid input, gets the architecture of the job. */
function withArchitecture(reason: Reason, part: Part): Reason {
  const [only, ...more] = part.architectures
  const ofJob = reason.addon === undefined && reason.architecture === undefined
  return ofJob && only !== undefined && more.length === 0 ? { ...reason, architecture: only } : reason
}

function joinAddons(parts: readonly Part[]): readonly AddonReport[] {
  const groups = Map.groupBy(
    parts.flatMap(({ report }) => report.addons),
    ({ slug }) => slug,
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const contexts = unique(group.flatMap((addon) => addon.contexts ?? []))
    const manifest = group.find((addon) => addon.manifest)?.manifest
    const targets = group.flatMap((addon) => addon.targets).toSorted(byArchitecture)
    const tags = unique(group.flatMap((addon) => addon.tags ?? []))
    return {
      ...first,
      targets,
      ...(contexts.length > 0 && { contexts }),
      ...(manifest && { manifest }),
      ...(tags.length > 0 && { tags }),
    }
  })
}

const byArchitecture = (a: TargetReport, b: TargetReport): number =>
  architectures.indexOf(a.architecture) - architectures.indexOf(b.architecture)

/** Published if one of the jobs published. */
const joinPublications = (all: readonly Publication[]): Publication =>
  all.find(({ status }) => status === 'published') ?? all[0] ?? { status: 'not-published', reason: 'There is no job.' }
