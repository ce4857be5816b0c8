import { rm } from 'node:fs/promises'
import { removeTraces } from '../build/cleanup.ts'
import { Failure, isError, unexpected } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { Engine } from '../docker/engine.ts'
import { type Mode, modes, type Options } from '../inputs/options.ts'
import { readInputs, secretsOf } from '../inputs/read-inputs.ts'
import { planOutputs } from '../plan/outputs.ts'
import type { Plan } from '../plan/plan.ts'
import { showPlan } from '../plan/show.ts'
import { exitCodeOf } from '../report/model/exit-code.ts'
import { makeReport, reasonsOf } from '../report/model/make-report.ts'
import type { Report } from '../report/model/report.ts'
import type { ActionOutputs, Delivery } from './deliver-report.ts'
import { isForkComment, postFork } from './fork-comment.ts'
import { selectionOf, shareOf } from './job-share.ts'
import { knownNames } from './known-names.ts'
import { readPlan } from './load-plan.ts'

export interface ActionInput {
  /** The text of an input, '' where it was not given. */
  readonly text: (name: string) => string
  /** Names that were given, where they are known. */
  readonly given?: readonly string[]
  readonly host: Host
  readonly outputs: ActionOutputs
}

export interface ActionResult {
  /** 0 passed, 1 a check failed, 2 bad input, 3 the environment failed, 130 cancelled. */
  readonly exitCode: number
  /** Nothing is left for the post step to remove. */
  readonly clean: boolean
}

/** From the text of the inputs to the exit code; the same on a runner and in a terminal. */
export async function runAction({ text, given, host, outputs }: ActionInput): Promise<ActionResult> {
  const startedAt = host.clock.now()
  for (const secret of secretsOf(text, host.environment)) host.log.mask(secret)
  try {
    const inputs = await readInputs(text, {
      workspace: host.workspace,
      environment: host.environment,
      ...knownNames,
      ...(given && { given }),
    })
    if (inputs.options && isForkComment(inputs.options, host)) {
      await postFork(inputs.options, host, outputs)
      await rm(host.temporary, { recursive: true, force: true })
      return { exitCode: 0, clean: true }
    }
    // Asked while the files are read: neither needs the other, and both take a tenth of a second.
    const engine = inputs.options && usesDocker(inputs.options.mode) ? askEngine(host) : undefined
    const { plan, options } = await readPlan(inputs, host)
    for (const diagnostic of plan.diagnostics) host.log.report(diagnostic)
    if (options.mode === 'plan') return await showOnly(plan, options, host, outputs)
    const { run } = await import('./pipeline.ts')
    const { report, made } = await run(plan, options, host, engine)
    return await finish(report, made, { ...options, share: shareOf(plan, options) }, host, outputs)
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : unexpected(thrown)
    // What is odd is often why something is wrong: a key that is misspelt, a base that is missing.
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
    return finish(report, false, deliveryOf(text, host), host, outputs)
  }
}

const usesDocker = (mode: Mode): boolean => mode === 'run' || mode === 'build'

function askEngine(host: Host): Promise<Engine> {
  const answer = import('../docker/engine.ts').then(({ inspectEngine }) => inspectEngine(host))
  // Where the files are wrong nobody waits for it.
  answer.catch(() => {})
  return answer
}

async function showOnly(plan: Plan, options: Options, host: Host, outputs: ActionOutputs): Promise<ActionResult> {
  for (const line of showPlan(plan)) host.log.info(line)
  for (const [name, value] of planOutputs(plan, options)) outputs.output(name, value)
  await rm(host.temporary, { recursive: true, force: true })
  return { exitCode: 0, clean: true }
}

async function finish(
  report: Report,
  made: boolean,
  options: Delivery,
  host: Host,
  outputs: ActionOutputs,
): Promise<ActionResult> {
  const { deliver } = await import('./deliver-report.ts')
  // Each stage has removed its own already; this looks once more, while GitHub is spoken to.
  const [problems] = await Promise.all([cleanUp(made, host), deliver(report, options, host, outputs)])
  for (const problem of problems) host.log.info(`Not removed: ${problem}`)
  return { exitCode: exitCodeOf(report), clean: problems.length === 0 }
}

/** Where nothing was made in Docker there is no more than the folder, and perhaps no Docker. */
async function cleanUp(made: boolean, host: Host): Promise<readonly string[]> {
  if (made) return removeTraces(host, host)
  await rm(host.temporary, { recursive: true, force: true })
  return []
}

/** What a report of refused inputs needs of them; each is taken as it stands, because the inputs as a whole are not to be trusted. */
const deliveryOf = (text: ActionInput['text'], host: Host): Delivery => ({
  comment: text('comment') === 'never' ? 'never' : 'auto',
  ...selectionOf(text, host),
  ...(text('comment-key') && { commentKey: text('comment-key') }),
  ...(text('github-token') && { githubToken: text('github-token') }),
})
