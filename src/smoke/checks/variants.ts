import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import type { ContainerSpec } from '../../docker/containers.ts'
import { openTrial, type Trial } from '../container/container-run.ts'
import { exitInWords, seconds } from '../exit.ts'
import { type CheckName, gateOf, judged, skipped } from '../gates.ts'
import type { Stage } from '../network/test-network.ts'
import type { Signal } from '../readiness/readiness.ts'
import type { Outcome } from '../readiness/wait.ts'
import type { Check, Evidence } from '../result.ts'
import type { Setup } from '../setup.ts'
import { isWeak } from '../verdict.ts'

/** One more start, to see what an add-on needs. */
interface Variant {
  readonly name: CheckName
  /** Completes `starts …`, and `does not start …`. */
  readonly manner: string
  readonly sameData?: true
  readonly offline?: true
  readonly change?: (spec: ContainerSpec) => ContainerSpec
}

const variants: readonly Variant[] = [
  { name: 'restart', manner: 'again on the same /data', sameData: true },
  {
    name: 'read-only',
    manner: 'with a read-only root and tmpfs on /tmp, /run and /var/tmp',
    change: (spec) => ({
      ...spec,
      readOnly: true,
      // s6-overlay executes from /run.
      tmpfs: [
        ...['/tmp:exec', '/run:exec', '/var/tmp'].filter((path) => !isMounted(spec, path)),
        ...(spec.tmpfs ?? []).filter((path) => path !== '/tmp'),
      ],
    }),
  },
  {
    name: 'capabilities',
    manner: 'with all capabilities dropped and no new privileges',
    change: (spec) => ({
      ...spec,
      capAdd: [],
      capDrop: ['ALL'],
      securityOptions: [...(spec.securityOptions ?? []), 'no-new-privileges'],
    }),
  },
  { name: 'network', manner: 'without a way out of its network', offline: true },
]

/** Docker refuses two mounts at one path. */
const isMounted = ({ mounts = [] }: ContainerSpec, tmpfs: string): boolean =>
  mounts.some(({ target }) => target === tmpfs.split(':')[0])

/** What the usual start leaves to the unusual ones. */
interface Around {
  readonly stage: Stage
  readonly dataVolume: string
  /** How long the usual start took. */
  readonly readyMs: number
  readonly collect: (trial: Trial, startError?: string) => Promise<Evidence>
}

/** Evidence only where the check fails the test. */
interface Tried {
  readonly check: Check
  readonly evidence?: Evidence
}

const patienceMs = 20_000
const staysUpMs = 4000
const atOnce = 2

/**
 * Starts the image anew for each variant and says whether it becomes ready. Not under emulation, nor when a start takes long,
 * unless the check is named in `smoke-checks`.
 */
export async function checkVariants(setup: Setup, around: Around, host: Host): Promise<readonly Tried[]> {
  const results = new Map<CheckName, Tried>()
  const waiting = [...variants]
  const worker = async (): Promise<void> => {
    for (let variant = waiting.shift(); variant; variant = waiting.shift()) {
      results.set(variant.name, await check(variant, setup, around, host))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return variants.flatMap(({ name }) => results.get(name) ?? [])
}

async function check(
  variant: Variant,
  setup: Setup,
  { stage, dataVolume, readyMs, collect }: Around,
  host: Host,
): Promise<Tried> {
  const gates = setup.options.smokeChecks
  const why = reasonToSkip(variant.name, setup, readyMs)
  if (why) return { check: skipped(variant.name, why) }
  const began = host.clock.now()
  const deadlineMs = Math.min(setup.deadlineMs, 3 * readyMs + 5000)
  let trial: Trial | undefined
  try {
    trial = await openTrial(
      setup,
      {
        suffix: `-${variant.name}`,
        dataVolume: variant.sameData ? dataVolume : `${setup.prefix}-${variant.name}-data`,
        deadlineMs,
        signals: setup.signals.map(shorter),
        ...(variant.change && { change: variant.change }),
        ...(variant.offline && { offline: await stage.offline() }),
      },
      stage,
      host,
    )
    const outcome = await trial.run()
    const met = outcome.kind === 'ready' || (outcome.kind !== 'not-started' && isWeak(outcome))
    const { output } = trial
    const last = [...output.stderr, ...output.stdout].filter((line) => line.trim()).at(-1)
    const reason = met
      ? `starts ${variant.manner}`
      : `does not start ${variant.manner}: ${inWords(outcome)}${last ? `, and said: ${last}` : ''}`
    const judgement = judged(variant.name, met, reason, gates, host.clock.now() - began)
    if (judgement.status !== 'fail') return { check: judgement }
    return {
      check: judgement,
      evidence: await collect(trial, outcome.kind === 'not-started' ? outcome.said : undefined),
    }
  } catch (thrown) {
    if (host.signal.aborted) throw thrown
    return { check: skipped(variant.name, `could not be tried: ${messageOf(thrown)}`) }
  } finally {
    await trial?.close()
  }
}

function reasonToSkip(name: CheckName, { options, emulated }: Setup, readyMs: number): string | undefined {
  const gates = options.smokeChecks
  if (gateOf(name, gates) === 'off') return 'switched off'
  if (gates.has(name)) return undefined
  if (emulated) return `emulated: not tried unless smoke-checks names "${name}"`
  return readyMs > patienceMs
    ? `a start takes ${seconds(readyMs)}: not tried unless smoke-checks names "${name}"`
    : undefined
}

const shorter = (signal: Signal): Signal =>
  signal.kind === 'stays-up' ? { ...signal, ms: Math.min(signal.ms, staysUpMs) } : signal

function inWords(outcome: Outcome | { readonly kind: 'not-started'; readonly said: string }): string {
  switch (outcome.kind) {
    case 'not-started':
      return outcome.said
    case 'late':
      return `not ready within ${seconds(outcome.afterMs)} (${outcome.said})`
    case 'stopped-itself':
      return outcome.reason ?? 'it stopped itself'
    default:
      return `ended after ${seconds(outcome.afterMs)}, ${exitInWords(outcome.state?.exitCode ?? 0)}`
  }
}
