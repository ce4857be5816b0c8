import { type Diagnostic, notice, warning } from '../../core/diagnostics.ts'
import { quoted, quotedList } from '../../core/parsed.ts'
import { cosignInstaller } from '../../core/pins.ts'
import type { Edit } from './edits.ts'
import { onlyExpression, uses } from './expressions.ts'
import {
  inputEdits,
  type NewInputs,
  type Reason,
  type Settings,
  settingsOf,
  writtenInputs,
} from './successor-inputs.ts'
import { type Joined, joinJobs, withoutMatrix } from './successor-jobs.ts'
import type { StepOfJob, Trio } from './successor-publish.ts'
import { type Job, jobsOf, replacedAction, type Step } from './workflow-steps.ts'
import { pairOf, scalarText, type YamlText } from './yaml-text.ts'

/** The actions that replaced the retired one. Source: home-assistant/builder, `actions/`, 2026.06.0. */
const successor = /^home-assistant\/builder\/actions\/([\w-]+)@/i
const kindOf = (step: Step): string | undefined => successor.exec(step.uses)?.[1]?.toLowerCase()

interface Result {
  readonly edits: readonly Edit[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The change for one step that builds, and for its three jobs if they become one step. */
interface Change {
  readonly build: StepOfJob
  readonly settings: Settings
  readonly inputs: NewInputs
  readonly edits: readonly Edit[]
  readonly reasons: readonly Reason[]
  readonly joined?: Joined
  readonly trio?: Trio
}

/**
 * Replaces the steps of `home-assistant/builder/actions/*` with one step of this action: in the whole file, or nowhere in it. If it is not certain
 * that the same is built, the file keeps its steps, and a warning has the reason and what to write.
 */
export function migrateSuccessor(page: YamlText, action: string): Result {
  const jobs = jobsOf(page)
  const all = jobs.flatMap((job) => job.steps.map((step) => ({ job, step })))
  const of = (kind: string) => all.filter(({ step }) => kindOf(step) === kind)
  const builds = of('build-image')
  const publishes = of('publish-multi-arch-manifest')
  const trios = new Map(builds.map((build) => [build, trioOf(jobs, build, publishes)]))
  const prepared = [...trios.values()].map((trio) => trio?.prepare.step)
  const changes = builds.map((build) => {
    const trio = trios.get(build)
    const alone = prepared.indexOf(trio?.prepare.step) === prepared.lastIndexOf(trio?.prepare.step)
    return changeOf(page, jobs, build, trio, alone)
  })
  const handled = new Set(
    changes.flatMap(({ build, trio }) => [build, trio?.prepare, trio?.publish]).map((one) => one?.step),
  )
  const stay = all
    .filter(({ step }) => kindOf(step) !== undefined && !handled.has(step))
    .map(({ step }) => staying(page, step))
  if (changes.some(({ reasons }) => reasons.length > 0))
    return { edits: [], diagnostics: [...changes.flatMap((change) => kept(page, jobs, change, action)), ...stay] }
  // One installation is enough for all later steps of a job.
  const first = new Map(
    changes.toReversed().flatMap(({ build, settings }) => (settings.needsCosign ? [[build.job, build.step]] : [])),
  )
  const edits = changes.flatMap(({ build: { step, job }, edits: own }) => [
    ...own,
    ...replacedAction(page, step.usesNode, action),
    ...(first.get(job) === step && !hasCosign(job, step)
      ? [page.insertItem(step.map, `uses: ${cosignInstaller}`)]
      : []),
  ])
  return { edits, diagnostics: [...changes.flatMap((change) => [...done(page, change)]), ...stay] }
}

function changeOf(
  page: YamlText,
  jobs: readonly Job[],
  build: StepOfJob,
  trio: Trio | undefined,
  alone: boolean,
): Change {
  const settings = settingsOf(build.step)
  const reasons = [...settings.reasons]
  const doubt = (text: string, at: unknown = build.step.map): void => {
    reasons.push({ text, at })
  }
  const tied = [build.job, ...jobs.filter(({ name }) => build.job.needs.includes(name ?? ''))].find(({ pair }) =>
    page.isTied(pair.value),
  )
  if (tied) doubt('it has anchors or aliases', tied.pair)
  if (build.step.inputs === undefined) doubt('its "with" is not a map of names and strings')
  if (page.dashOf(build.step.map) === undefined) doubt('its steps are in brackets')
  const id = scalarText(pairOf(build.step.map, 'id')?.value)
  if (id !== undefined && uses(page.source(build.job.pair), `steps.${id}.outputs`))
    doubt('its output "digest" is used; this action has "digests", a JSON object by architecture')
  if (trio === undefined) {
    const inputs: NewInputs = { values: new Map(), more: [['multi-arch-image', 'false'], ...settings.more] }
    const edits = inputEdits(page, build.step, inputs)
    if (edits === undefined) doubt('its inputs are in braces')
    return { build, settings, inputs, edits: edits ?? [], reasons }
  }
  if (!alone) {
    doubt('several steps build from the same matrix')
    return { build, settings, inputs: { values: new Map(), more: settings.more }, edits: [], reasons, trio }
  }
  const joined = joinJobs(page, jobs, trio, settings)
  const { inputs, edits } = joined
  return { build, settings, inputs, edits, reasons: [...reasons, ...joined.reasons], joined, trio }
}

/** The three jobs, if the job builds for a matrix that `actions/prepare-multi-arch-matrix` created in another job. */
function trioOf(jobs: readonly Job[], build: StepOfJob, publishes: readonly StepOfJob[]): Trio | undefined {
  const strategy = pairOf(build.job.map, 'strategy')?.value
  const matrix = onlyExpression(scalarText(pairOf(strategy, 'matrix')?.value) ?? '') ?? ''
  const [, name, output = ''] = /^fromJSON\( ?needs\.([\w-]+)\.outputs\.([\w-]+) ?\)$/i.exec(matrix) ?? []
  const job = jobs.find((one) => one.name !== undefined && one.name === name)
  const outputs = job && pairOf(job.map, 'outputs')?.value
  const from = onlyExpression(scalarText(pairOf(outputs, output)?.value) ?? '') ?? ''
  const id = /^steps\.([\w-]+)\.outputs\.matrix$/.exec(from)?.[1]
  const step = job?.steps.find(({ map }) => id !== undefined && scalarText(pairOf(map, 'id')?.value) === id)
  if (!job || !step || kindOf(step) !== 'prepare-multi-arch-matrix') return undefined
  const publish = publishes.find(
    (one) => one.job !== build.job && one.job !== job && one.job.needs.includes(build.job.name ?? ''),
  )
  return { prepare: { job, step }, output, build, publish }
}

/** Whether an earlier step of the job always installs cosign. */
const hasCosign = ({ steps }: Job, step: Step): boolean =>
  steps
    .slice(0, steps.indexOf(step))
    .some(({ uses: other, map }) => /^sigstore\/cosign-installer@/i.test(other) && !pairOf(map, 'if'))

function* done(page: YamlText, { build, settings, joined, trio }: Change): Generator<Diagnostic> {
  for (const [pair, why] of settings.dropped) {
    const name = scalarText(pair.key) ?? ''
    yield notice(
      'migrate/no-counterpart',
      `"${name}" is removed: ${why}.`,
      'Check that nothing needs it.',
      page.locationOf(pair),
    )
  }
  if (!joined || !trio) return
  const jobs = quotedList(joined.removedJobs, ' and ')
  yield notice(
    'migrate/one-job',
    `The job ${quoted(build.job.name ?? '')} builds, tests and publishes all architectures${jobs === '' ? '' : `; ${jobs} ${joined.removedJobs.length === 1 ? 'is' : 'are'} removed`}.${joined.wasNative ? ' It runs on one machine, so other architectures are emulated.' : ''}`,
    joined.wasNative
      ? 'For a native runner for each architecture, call the reusable workflow instead, with "uses: org/aicleaner-build/.github/workflows/build-addon.yml@v1".'
      : 'No action is needed.',
    page.locationOf(build.step.map),
  )
}

/** Why a file keeps its steps, and what to write instead of them. */
function kept(
  page: YamlText,
  jobs: readonly Job[],
  { build, inputs, trio, reasons }: Change,
  action: string,
): readonly Diagnostic[] {
  const [first] = reasons
  if (first === undefined) return []
  const names = [trio?.prepare.job.name, build.job.name, trio?.publish?.job.name].filter((name) => name !== undefined)
  const written = writtenInputs(build.step, inputs)
    .map(([name, value]) => `${name}: ${quoted(trio ? withoutMatrix(value) : value)}`)
    .join(', ')
  const listed = reasons.slice(0, mostReasons).map(({ text, at }) => `${nameOf(page, jobs, at)}${text}`)
  if (reasons.length > mostReasons) listed.push(`and ${reasons.length - mostReasons} more`)
  const place = trio ? `the jobs ${quotedList(names)}` : 'it'
  return [
    warning(
      'migrate/workflow-kept',
      `The file keeps its steps of home-assistant/builder/actions, because ${listed.join('; ')}.`,
      `Write one step by hand instead of ${place}: "uses: ${action}" with ${written}.`,
      page.locationOf(first.at),
    ),
  ]
}

/** A message has this many reasons, and the number of the others. */
const mostReasons = 10

/** `in the job "manifest" (line 12) `. */
function nameOf(page: YamlText, jobs: readonly Job[], at: unknown): string {
  const { line } = page.locationOf(at)
  const job = jobs.find(({ pair }) => page.locationOf(pair).line <= line && line <= page.rowOf(page.endOf(pair)) + 1)
  return job?.name === undefined ? `in line ${line} ` : `in the job ${quoted(job.name)} (line ${line}) `
}

/** Steps of the same repository without a counterpart here, or without a connection to a step that builds. */
function staying(page: YamlText, step: Step): Diagnostic {
  const kind = kindOf(step)
  const [what, remedy] =
    kind === 'cosign-verify'
      ? [
          'this action has no step that only verifies a signature',
          'Where it verifies the base image, use the input "verify-base: keyless:IDENTITY" and remove the step. Otherwise keep it; it needs cosign.',
        ]
      : kind === 'publish-multi-arch-manifest'
        ? [
            'the images that it joins are built by separate steps',
            'Build all architectures with one step of this action, which publishes the multi-architecture image as well, and remove this one.',
          ]
        : kind === 'prepare-multi-arch-matrix'
          ? [
              'no step in this file builds with its matrix',
              'Use "mode: plan", whose output "matrix" has "architecture" and "runner", or remove the step.',
            ]
          : ['it is unknown', 'See https://github.com/home-assistant/builder for what it does.']
  return notice('migrate/no-counterpart', `"${kind}" stays: ${what}.`, remedy, page.locationOf(step.usesNode))
}
