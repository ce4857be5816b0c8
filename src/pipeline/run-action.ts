import { rm } from 'node:fs/promises'
import { Failure, isError, unexpected } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { type Mode, modes, type Options } from '../inputs/options.ts'
import { readInputs, secretsOf } from '../inputs/read-inputs.ts'
import { planOutputs } from '../plan/outputs.ts'
import { showPlan } from '../plan/show.ts'
import { exitCodeOf } from '../report/model/exit-code.ts'
import { makeReport, reasonsOf } from '../report/model/make-report.ts'
import { defaultStages } from './default-stages.ts'
import type { ActionOutputs, Delivery } from './deliver-report.ts'
import { selectionOf, shareOf } from './job-share.ts'
import { knownNames } from './known-names.ts'
import { loadPlan } from './load-plan.ts'
import type { RunResult } from './pipeline.ts'
import type { Stages } from './stages.ts'

export interface ActionInput {
  /** The text of an input, '' if it was not given. */
  readonly text: (name: string) => string
  /** Names of the given inputs, if they are known. */
  readonly given?: readonly string[]
  readonly host: Host
  readonly outputs: ActionOutputs
  readonly stages?: Stages
}

interface ActionResult {
  /** 0 passed, 1 a check failed, 2 bad input, 3 the environment failed, 130 cancelled. */
  readonly exitCode: number
  /** The post step has nothing to remove. */
  readonly clean: boolean
}

/** From the text of the inputs to the exit code; the same on a runner and in a terminal. */
export async function runAction({ stages = defaultStages, ...input }: ActionInput): Promise<ActionResult> {
  const { text, given, host, outputs } = input
  const startedAt = host.clock.now()
  for (const secret of secretsOf(text, host.environment)) host.log.mask(secret)
  try {
    const inputs = await readInputs(text, { ...host, ...knownNames, ...(given && { given }) })
    if (inputs.options && isForkComment(inputs.options, host)) {
      await stages.postForkComment(inputs.options, host, outputs)
      return await endWithoutReport(host)
    }
    // The engine is inspected while the files are read: both take a tenth of a second.
    const engine = inputs.options && usesDocker(inputs.options.mode) ? stages.inspectEngine(host) : undefined
    // Not awaited if the files have errors; a rejection must not count as unhandled.
    engine?.catch(() => {})
    const { plan, options, changes } = await loadPlan(inputs, host)
    for (const diagnostic of plan.diagnostics) host.log.report(diagnostic)
    if (options.mode === 'plan') {
      for (const line of showPlan(plan)) host.log.info(line)
      for (const [name, value] of planOutputs(plan, options)) outputs.output(name, value)
      return await endWithoutReport(host)
    }
    if (options.mode === 'refresh') {
      const { refresh } = await import('./refresh.ts')
      await refresh(plan, options, host, outputs)
      return await endWithoutReport(host)
    }
    const { runPipeline } = await import('./pipeline.ts')
    const result = await runPipeline({ plan, options, host, engine, changes }, stages)
    return await finish(result, { ...options, share: shareOf(plan, options) }, input, stages)
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : unexpected(thrown)
    // Warnings are reported too, because they are often the cause of an error: a misspelled key, a missing base image.
    for (const diagnostic of failure.diagnostics) if (!isError(diagnostic)) host.log.report(diagnostic)
    const report = makeReport(
      {
        mode: modes.find((mode) => mode === text('mode').trim().toLowerCase()) ?? 'run',
        targets: new Map(),
        verdict: { passed: false, reasons: reasonsOf(failure), warnings: [] },
        publication: { status: 'not-published', reason: 'Nothing was built.' },
        diagnostics: failure.diagnostics,
        startedAt,
        finishedAt: host.clock.now(),
      },
      host.event,
    )
    return finish({ report, leftResources: false }, deliveryOf(text, host), input, stages)
  }
}

/** `mode: publish` on `workflow_run`: the run of a fork has ended, and this run of the base repository may write its comment. */
const isForkComment = ({ mode, results }: Pick<Options, 'mode' | 'results'>, host: Host): boolean =>
  mode === 'publish' && host.event.name === 'workflow_run' && results !== undefined

const usesDocker = (mode: Mode): boolean => mode === 'run' || mode === 'build'

async function endWithoutReport(host: Host): Promise<ActionResult> {
  await removeTemporary(host)
  return { exitCode: 0, clean: true }
}

async function finish(
  { report, leftResources }: RunResult,
  delivery: Delivery,
  { host, outputs }: ActionInput,
  stages: Stages,
): Promise<ActionResult> {
  // Each stage has removed its own resources; this checks once more, while GitHub is contacted.
  const [problems] = await Promise.all([
    leftResources ? stages.removeTraces(host) : removeTemporary(host),
    stages.deliverReport(report, delivery, host, outputs),
  ])
  for (const problem of problems) host.log.info(`Not removed: ${problem}`)
  return { exitCode: exitCodeOf(report), clean: problems.length === 0 }
}

/** Removes only the temporary folder: nothing was created in Docker, which may not even be installed. */
async function removeTemporary({ temporary }: Host): Promise<readonly string[]> {
  await rm(temporary, { recursive: true, force: true })
  return []
}

/** How the report of refused inputs is delivered. Each input is used as it is, because the inputs as a whole are not valid. */
const deliveryOf = (text: ActionInput['text'], host: Host): Delivery => ({
  comment: text('comment') === 'never' ? 'never' : 'auto',
  ...selectionOf(text, host),
  ...(text('comment-key') && { commentKey: text('comment-key') }),
  ...(text('github-token') && { githubToken: text('github-token') }),
})
