import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { error, Failure } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { type ContainerSpec, createContainer, docker, removeContainers, saidBy } from '../../docker/containers.ts'
import { passing } from '../../platform/processes.ts'
import type { Offline, Stage } from '../network/test-network.ts'
import { namesIn } from '../options/secrets.ts'
import type { NotGiven } from '../policy.ts'
import type { Signal } from '../readiness/readiness.ts'
import { type Outcome, waitForReady } from '../readiness/wait.ts'
import { residentOf, type Setup } from '../setup.ts'
import type { Guest } from '../supervisor/mock-api.ts'
import { type Watch, watchContainer } from './container-watch.ts'
import { createOutput, type Output } from './output.ts'
import { specOf } from './spec.ts'
import { tar } from './tar.ts'

/** How one start differs from what the Supervisor would do. */
export interface Variation {
  /** Ends the container's name. */
  readonly suffix: string
  /** Named apart where a start must not see what another one wrote. */
  readonly dataVolume: string
  readonly deadlineMs: number
  readonly signals: readonly Signal[]
  readonly change?: (spec: ContainerSpec) => ContainerSpec
  readonly offline?: Offline
}

/** One container: made, not started. `close` removes it, whatever has become of it. */
export interface Trial {
  readonly spec: ContainerSpec
  readonly notGiven: readonly NotGiven[]
  readonly watch: Watch
  readonly output: Output
  readonly guest: Guest | undefined
  /** Starts it and waits for a verdict. `started` is called as soon as it runs. */
  run(started?: () => void): Promise<Outcome | { readonly kind: 'not-started'; readonly said: string }>
  close(): Promise<void>
}

/** Makes a container with its options in place, and subscribes to its events. Rejects with a Failure when Docker will not make it. */
export async function openTrial(setup: Setup, variation: Variation, stage: Stage, host: Host): Promise<Trial> {
  const { target, options, image } = setup
  const { processes, log, runId } = host
  const token = randomBytes(32).toString('hex')
  log.mask(token)
  const network = variation.offline?.network ?? stage.network
  const address = variation.offline?.address ?? stage.address
  const attended = options.supervisor !== 'off' && stage.supervisor.kind !== 'none'
  const { spec: usual, notGiven } = specOf(target, { ...image, id: setup.reference }, options, {
    name: `${setup.prefix}${variation.suffix}`,
    runId,
    token,
    dataVolume: variation.dataVolume,
    ...(network !== undefined && { network }),
    hosts: attended ? new Map(['supervisor', 'hassio'].map((name) => [name, address])) : new Map(),
    ...(attended && !stage.exact && { supervisorApi: `http://${address}` }),
    deadlineMs: variation.deadlineMs,
    slowness: setup.slowness,
    addonOptions: setup.addonOptions,
    exists: existsSync,
  })
  const spec = variation.change?.(usual) ?? usual
  const output = createOutput(log.redact)
  let watch: Watch | undefined
  let guest: Guest | undefined
  let ownAddress = ''
  const close = async (): Promise<void> => {
    guest?.leave()
    await Promise.all([watch?.stop(), removeContainers(processes, [spec.name])])
  }
  try {
    const passed = passing(processes, namesIn(options.smokeRunArguments))
    const created = await createContainer(spec, { ...host, processes: passed })
    if ('error' in created) throw environment('smoke/not-created', `The container could not be made: ${created.error}.`)
    const unfit = await copyOptions(created.id, spec.mounts?.[0]?.target ?? '/data', setup.addonOptions, host)
    const watching = await watchContainer(created.id, host)
    watch = watching
    if (attended) {
      guest = stage.desk.admit(token, () => residentOf(setup, ownAddress, address), watching.nudge)
    }
    const present = guest
    return {
      spec,
      notGiven,
      watch: watching,
      output,
      guest: present,
      async run(started) {
        if (unfit !== undefined) return { kind: 'not-started', said: unfit }
        const asked = host.clock.now()
        const start = await docker(processes, ['start', created.id], { timeoutMs: 120_000 })
        if (start.exitCode !== 0) return { kind: 'not-started', said: saidBy(start) }
        watching.followLog(output)
        started?.()
        const state = await watching.look()
        const addresses = state?.addresses
        ownAddress = (network && addresses?.get(network)) ?? [...(addresses?.values() ?? [])][0] ?? ''
        const outcome = await waitForReady(
          watching,
          {
            signals: variation.signals,
            address: ownAddress || undefined,
            prober: stage.prober,
            deadlineMs: variation.deadlineMs,
            startedAt: startOf(state?.startedAt, asked, host.clock.now()),
            mayBeRefused: !stage.exact || variation.offline !== undefined,
            // An add-on that runs once may well end itself through the API.
            stopAsked: () => (target.run.startup === 'once' ? undefined : present?.stopAsked),
          },
          host,
        )
        stopIfCancelled(host)
        if (outcome.state && !outcome.state.running) await watching.readLogToEnd(3000)
        return outcome
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** By the daemon's clock where it agrees with ours: `docker start` returns some time after the start. */
const startOf = (startedAt: number | undefined, asked: number, now: number): number =>
  startedAt !== undefined && startedAt >= asked && startedAt <= now ? startedAt : now

/**
 * As the Supervisor writes it: readable for root alone (Supervisor utils/json.py). Resolves with what is wrong with the image where it has
 * something else than a folder there, for which the container could not start either.
 */
async function copyOptions(
  id: string,
  folder: string,
  options: Readonly<Record<string, unknown>>,
  { processes }: Host,
): Promise<string | undefined> {
  const content = `${JSON.stringify(options, null, 2)}\n`
  const answer = await docker(processes, ['cp', '-', `${id}:${folder}`], {
    input: tar([{ path: 'options.json', content, mode: 0o600 }]),
  })
  if (answer.exitCode === 0) return undefined
  const said = saidBy(answer)
  if (/must be a directory|not a directory|no such file|too many levels/i.test(said)) {
    return `${folder} is no folder in the image, so options.json cannot be written there`
  }
  throw environment('smoke/no-options', `${folder}/options.json could not be written: ${said}.`)
}

export function stopIfCancelled({ signal }: Host): void {
  if (!signal.aborted) return
  throw new Failure('cancelled', [error('smoke/cancelled', 'The run was cancelled during a smoke test.', '')])
}

export const environment = (code: string, message: string): Failure =>
  new Failure('environment', [
    error(code, message, 'Look whether the Docker daemon of this machine works: docker info.'),
  ])
