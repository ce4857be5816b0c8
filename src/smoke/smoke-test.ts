import { randomBytes } from 'node:crypto'
import { emulatorOf } from '../core/architecture.ts'
import { oneLine } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { type ContainerSpec, docker, saidBy } from '../docker/containers.ts'
import { isUsable, readHandler } from '../docker/emulation.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { pathPart } from '../plan/target-names.ts'
import { checkArchitecture, configMismatch } from './checks/architecture.ts'
import { judgeInit, judgeLog, judgeMemory, judgeSettling, judgeStartup, judgeUser } from './checks/running.ts'
import { checkSockets } from './checks/sockets.ts'
import { checkStop } from './checks/stop.ts'
import { judgeSupervisor, servicesInVain } from './checks/supervisor.ts'
import { checkVariants } from './checks/variants.ts'
import { environment, openTrial, stopIfCancelled, type Trial } from './container/container-run.ts'
import { type ImageFacts, readImage } from './container/image.ts'
import { type Monitor, startMonitor } from './container/monitor.ts'
import { isSupervised } from './container/processes.ts'
import { buildLine, handName, redactAll, reproduce } from './container/reproduce.ts'
import { collectEvidence } from './evidence.ts'
import { startErrorInWords } from './exit.ts'
import { gateOf, judged, skipped } from './gates.ts'
import { enterStage } from './network/shared-network.ts'
import { type OpenStage, openStage, type Stage } from './network/test-network.ts'
import { maskSecrets } from './options/secrets.ts'
import { openPatterns } from './patterns.ts'
import { askedInVain, describeNotGiven } from './policy.ts'
import { staysUp } from './readiness/readiness.ts'
import type { Outcome } from './readiness/wait.ts'
import type { Check, Evidence, SmokeResult } from './result.ts'
import { makeSetup, type Setup } from './setup.ts'
import { quoted, shellLine } from './shell.ts'
import { checksOf, isWeak, verdictOf, withHint } from './verdict.ts'

export { describeSmoke } from './describe.ts'

const settleMs = 3000
/** With a process supervisor in there, so many looks are needed to see a crash loop; on a busy machine they take their time. */
const looksAtSupervised = 6
const mostSettleMs = 20_000

export interface Circumstances {
  readonly emulated: boolean
  /** The image is there after the test under this name; else the line to try it by hand builds it first. */
  readonly kept?: boolean
}

/**
 * Starts an image as the Supervisor would and says whether it works. Whatever it makes carries the label of the run and is gone when it
 * returns. Several tests of one host may run at once: they share one network and one Supervisor.
 * @param imageReference of an image in the local store: its ID, or `name@sha256:…`.
 * @throws Failure `cancelled` when the run is cancelled, `environment` when Docker does not do what it should; never for a bad image.
 */
export async function smokeTest(
  target: Target,
  imageReference: string,
  { emulated, kept = false }: Circumstances,
  options: Options,
  host: Host,
  open: OpenStage = openStage,
): Promise<SmokeResult> {
  const began = host.clock.now()
  stopIfCancelled(host)
  const image = await inspectImage(imageReference, host)
  const id = `${pathPart(target.addon)}-${target.architecture}`.toLowerCase()
  const prefix = `aicleaner-${host.runId}-smoke-${id}-${randomBytes(3).toString('hex')}`
  const patterns = await openPatterns(target.run.schema)
  const setup = makeSetup(target, image, imageReference, options, { emulated, kept }, prefix, patterns)
  // Defaults are no secrets: they stand in config.yaml for all to read.
  maskSecrets(options, target.run.schema, host.log)

  const before = checksBefore(setup)
  const report = (found: Found): SmokeResult => {
    const checks = found.checks.map((check) => ({ ...check, reason: host.log.redact(check.reason) }))
    const { failed, reason } = verdictOf(checks)
    return {
      status: failed ? 'failed' : 'passed',
      readiness: found.readiness ?? setup.readiness,
      reason,
      durationMs: host.clock.now() - began,
      ...(found.timeToHealthyMs !== undefined && { timeToHealthyMs: Math.round(found.timeToHealthyMs) }),
      ...(found.peakMemoryBytes !== undefined && { peakMemoryBytes: found.peakMemoryBytes }),
      checks,
      ...(failed && found.evidence && { evidence: found.evidence }),
      ...(setup.problems.length > 0 && {
        diagnostics: setup.problems.map((one) => ({ ...one, message: host.log.redact(one.message) })),
      }),
    }
  }
  if (verdictOf(before).failed) return report({ checks: before, evidence: evidenceWithoutStart(setup, before, host) })

  const { stage, leave } = await enterStage(host, open)
  try {
    const found = await start(setup, before, stage, host)
    stopIfCancelled(host)
    return report(found)
  } finally {
    await removeVolumes(prefix, host)
    await leave()
  }
}

interface Found extends Partial<Pick<SmokeResult, 'readiness' | 'timeToHealthyMs' | 'peakMemoryBytes' | 'evidence'>> {
  readonly checks: readonly Check[]
}

/** What can be said without a start, and would make one pointless. */
function checksBefore({ target, image, problems, options }: Setup): readonly Check[] {
  const gates = options.smokeChecks
  const [broken] = problems.filter(({ severity }) => severity === 'error')
  const [loose] = problems
  const mismatch = configMismatch(image, target.architecture)
  const checked = broken
    ? judged('options', false, `the Supervisor would not start it: ${oneLine(broken)}`, gates)
    : loose
      ? { ...judged('options', true, oneLine(loose), gates), status: 'warn' as const }
      : judged('options', true, 'the options fit the schema', gates)
  return [checked, ...(mismatch ? [judged('architecture', false, mismatch, gates)] : [])]
}

/** The usual start, then everything that can only be seen while it runs, then its end, then the unusual starts. */
async function start(setup: Setup, before: readonly Check[], stage: Stage, host: Host): Promise<Found> {
  const { target, image, options, emulated, deadlineMs, readiness, signals } = setup
  const gates = options.smokeChecks
  const dataVolume = `${setup.prefix}-data`
  const checks: Check[] = [...before]
  let monitor: Monitor | undefined
  const trial = await openTrial(setup, { suffix: '', dataVolume, deadlineMs, signals }, stage, host)
  const { notGiven } = trial
  const hardware = notGiven.length > 0 ? [skipped('hardware', describeNotGiven(notGiven))] : []
  const hint = askedInVain(notGiven)
  try {
    if (!checks.some(({ name }) => name === 'architecture')) {
      checks.push(await checkArchitecture(trial.watch.id, image, target.architecture, gates, host))
    }
    const outcome = await trial.run(() => {
      monitor = startMonitor(trial.watch.looks, host)
    })
    if (outcome.kind === 'not-started') {
      const reason = `${startErrorInWords(outcome.said)}: ${outcome.said}`
      checks.push(judged('starts', false, `${reason}${await emulatorHint(outcome.said, setup)}`, gates), ...hardware)
      return { checks: withHint(checks, hint), evidence: await evidenceOf(setup, trial, host, outcome.said) }
    }
    const { startup } = target.run
    const wanted = servicesInVain(trial.guest?.calls ?? [])
    checks.push(
      ...checksOf(outcome, trial.output, trial.watch.probes, {
        ...{ deadlineMs, readiness, emulated, startup, gates },
        ...(wanted !== undefined && { hint: wanted }),
      }),
    )
    if (!verdictOf(checks).failed)
      checks.push(...(await checksWhileRunning(setup, trial, outcome, monitor, stage, host)))
    checks.push(...lateChecks(setup, trial, checks, monitor, stage))
    checks.push(...hardware)
    const seen = {
      ...(outcome.kind === 'ready' && { timeToHealthyMs: outcome.afterMs }),
      // A weaker sign than the one that was waited for has decided.
      ...(isWeak(outcome) && { readiness: staysUp(outcome.afterMs).title }),
      ...(monitor?.peakMemoryBytes !== undefined && { peakMemoryBytes: monitor.peakMemoryBytes }),
    }
    if (verdictOf(checks).failed) {
      // Collected while the container is still as it failed: a stop would write over its exit code.
      return { checks: withHint(checks, hint), ...seen, evidence: await evidenceOf(setup, trial, host) }
    }
    await monitor?.stop()
    const state = await trial.watch.look()
    if (state?.running) checks.push(await checkStop(trial.watch, target.run.timeout, gates, host))
    if (verdictOf(checks).failed) return { checks, ...seen, evidence: await evidenceOf(setup, trial, host) }
    const collect = (tried: Trial, said?: string): Promise<Evidence> => evidenceOf(setup, tried, host, said)
    const unusual = await checkVariants(setup, { stage, dataVolume, readyMs: outcome.afterMs, collect }, host)
    checks.push(...unusual.map(({ check }) => check))
    // Of the start that failed, not of the usual one, which was well.
    const evidence = unusual.find((one) => one.evidence)?.evidence
    return { checks, ...seen, ...(evidence && { evidence }) }
  } finally {
    await monitor?.stop()
    await trial.close()
  }
}

/** "exec format error" is what an image says whose emulator is not registered: then it is the machine's fault. */
async function emulatorHint(said: string, { emulated, target: { architecture } }: Setup): Promise<string> {
  if (!emulated || !/format error/i.test(said) || isUsable(await readHandler(emulatorOf(architecture)))) return ''
  return `. This machine has no emulator for ${architecture} registered (${emulatorOf(architecture)} in binfmt_misc)`
}

async function checksWhileRunning(
  setup: Setup,
  trial: Trial,
  outcome: Outcome,
  monitor: Monitor | undefined,
  stage: Stage,
  host: Host,
): Promise<readonly Check[]> {
  const { target, image, options, emulated } = setup
  const gates = options.smokeChecks
  if (target.run.startup === 'once') return []
  const startup = outcome.kind === 'ready' ? [judgeStartup(image, outcome.afterMs, emulated, gates)] : []
  const settledMs = await settle(monitor, host)
  stopIfCancelled(host)
  const state = await trial.watch.look()
  const looks = monitor?.looks ?? []
  const settled = judgeSettling(state, trial.watch.probes, looks, settledMs, gates)
  if (!state?.running) {
    const starved = trial.watch.outOfMemory
    return [...startup, ...(starved ? [judgeMemory(true, monitor?.peakMemoryBytes, gates)] : []), settled]
  }
  return [
    ...startup,
    settled,
    await checkSockets(trial.watch.id, state, target.run, setup.ingressPort, image, gates, host),
    judgeUser(looks, gates),
    judgeInit(image, target.run.init, gates),
    judgeSupervisor(trial.guest, stage, options.supervisor === 'on', gates),
  ]
}

/** Lets it run some more, and says how long it did. */
async function settle(monitor: Monitor | undefined, { clock, signal }: Host): Promise<number> {
  const began = clock.now()
  await clock.sleep(settleMs, signal)
  for (;;) {
    const looks = monitor?.looks ?? []
    const tookMs = clock.now() - began
    const seen = looks.length >= looksAtSupervised || !looks.some(isSupervised)
    if (seen || tookMs >= mostSettleMs || signal.aborted) return tookMs
    await clock.sleep(500, signal)
  }
}

/** What is worth saying however it ended. */
function lateChecks(
  { options }: Setup,
  trial: Trial,
  checks: readonly Check[],
  monitor: Monitor | undefined,
  stage: Stage,
): readonly Check[] {
  const gates = options.smokeChecks
  const has = (wanted: string): boolean => checks.some(({ name }) => name === wanted)
  return [
    ...(has('memory') ? [] : [judgeMemory(trial.watch.outOfMemory, monitor?.peakMemoryBytes, gates)]),
    ...(has('supervisor') ? [] : [judgeSupervisor(trial.guest, stage, options.supervisor === 'on', gates)]),
    ...(gateOf('log', gates) === 'off' ? [] : [judgeLog(trial.output.suspicious, gates)]),
  ]
}

const evidenceOf = (setup: Setup, trial: Trial, host: Host, startError?: string) =>
  collectEvidence(
    trial.watch,
    {
      output: trial.output,
      supervisorCalls: trial.guest?.calls ?? [],
      reproduce: byHand(setup, trial.spec, host.log.redact),
      mounts: (trial.spec.mounts ?? []).map(({ target }) => target).concat(trial.spec.tmpfs ?? []),
      image: setup.image.id,
      emulated: setup.emulated,
      ...(startError !== undefined && { startError }),
    },
    host,
  )

/** The image of a run is gone when somebody reads this. */
const byHand = (
  { target, addonOptions, kept }: Setup,
  spec: ContainerSpec,
  redact: (text: string) => string,
): string =>
  kept
    ? reproduce(spec, addonOptions, redact)
    : reproduce({ ...spec, image: handName(target) }, addonOptions, redact, buildLine(target, redact))

const evidenceWithoutStart = (setup: Setup, checks: readonly Check[], { log }: Host): Evidence => ({
  state: 'not started',
  outOfMemory: false,
  probes: [],
  stdout: [],
  stderr: [],
  diff: [],
  supervisorCalls: [],
  reproduce: checks.some(({ name, status }) => name === 'options' && status === 'fail')
    ? `printf %s ${quoted(JSON.stringify(redactAll(setup.addonOptions, log.redact)))} > options.json`
    : shellLine([
        ...(setup.kept ? [] : [buildLine(setup.target, log.redact)]),
        `docker image inspect ${quoted(setup.kept ? setup.reference : handName(setup.target))}`,
      ]),
  image: setup.image.id,
  emulated: setup.emulated,
})

async function inspectImage(reference: string, { processes }: Host): Promise<ImageFacts> {
  const answer = await docker(processes, ['image', 'inspect', reference])
  const image = readImage(answer.stdout)
  if (!image) throw environment('smoke/no-image', `The engine does not say what ${reference} is: ${saidBy(answer)}.`)
  return image
}

async function removeVolumes(prefix: string, { processes }: Host): Promise<void> {
  const { stdout } = await docker(processes, ['volume', 'ls', '--quiet', '--filter', `name=^${prefix}`])
  const names = stdout.split('\n').filter((name) => name.startsWith(prefix))
  if (names.length > 0) await docker(processes, ['volume', 'rm', '--force', ...names])
}
