import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Host } from '../../core/host.ts'
import { type ContainerSpec, createContainer, docker, errorOf, removeContainers } from '../../docker/containers.ts'
import { passing } from '../../platform/processes.ts'
import type { SmokeContext } from '../context.ts'
import { environmentFailure, throwIfCancelled } from '../failures.ts'
import { fillFolders } from '../files/fill.ts'
import { deviceNames } from '../network/device-names.ts'
import type { InternalNetwork, TestNetwork } from '../network/test-network.ts'
import { withFloats } from '../options/floats.ts'
import { variablesWithoutValue } from '../options/secrets.ts'
import type { ReadinessSignal } from '../readiness/readiness.ts'
import { type WaitOutcome, waitForReady } from '../readiness/wait.ts'
import type { AddonUnderTest } from '../supervisor/info.ts'
import { optionsAfter, type SessionState } from '../supervisor/session-state.ts'
import type { AddonSession } from '../supervisor/supervisor-mock.ts'
import { foldersOf } from './mapped-folders.ts'
import { type ContainerObserver, observeContainer } from './observer.ts'
import { type ContainerOutput, createOutput } from './output.ts'
import type { DeniedResource } from './policy.ts'
import { createSpec, hostnameOf } from './spec.ts'
import { tar } from './tar.ts'

/** What is particular to one run of the image. */
interface RunOverrides {
  /** The end of the container's name. */
  readonly suffix: string
  /** Runs with the same name share their data. */
  readonly dataVolume: string
  /** A run before has left its files in the volumes. */
  readonly sameData?: boolean
  /** What the add-on has set through the API in the run before. */
  readonly state?: SessionState | undefined
  readonly deadlineMs: number
  readonly signals: readonly ReadinessSignal[]
  readonly changeSpec?: (spec: ContainerSpec) => ContainerSpec
  readonly internalNetwork?: InternalNetwork
}

export type StartResult = WaitOutcome | { readonly kind: 'not-started'; readonly detail: string }

/** One container, created but not started. `close` removes it, in whatever state it is. */
export interface ContainerRun {
  readonly spec: ContainerSpec
  readonly denied: readonly DeniedResource[]
  readonly observer: ContainerObserver
  readonly output: ContainerOutput
  /** Undefined without a Supervisor mock. */
  readonly session: AddonSession | undefined
  /** Starts the container and waits until it is ready, has ended, or the time is over. Calls `onStarted` as soon as it runs. */
  start(onStarted?: () => void): Promise<StartResult>
  close(): Promise<void>
}

/** Creates a container with its options.json and the files in its folders, and subscribes to its events. Rejects with a Failure if Docker cannot create it. */
export async function createContainerRun(
  context: SmokeContext,
  network: TestNetwork,
  overrides: RunOverrides,
): Promise<ContainerRun> {
  const { target, options, host } = context
  const { processes, log, runId } = host
  const token = randomBytes(32).toString('hex')
  log.mask(token)
  const dockerNetwork = overrides.internalNetwork?.network ?? network.network
  const supervisorAddress = overrides.internalNetwork?.address ?? network.address
  const hasSupervisor = options.supervisor !== 'off' && network.supervisor.kind !== 'none'
  const { spec: usual, denied } = createSpec(context, {
    ...{ name: `${context.prefix}${overrides.suffix}`, runId, token },
    dataVolume: overrides.dataVolume,
    ...(dockerNetwork !== undefined && { network: dockerNetwork }),
    hosts: deviceNames(hasSupervisor ? supervisorAddress : undefined, network.namesAddress),
    ...(hasSupervisor && !network.hasSupervisorAddress && { supervisorApi: `http://${supervisorAddress}` }),
    deadlineMs: overrides.deadlineMs,
    exists: existsSync,
  })
  const spec = overrides.changeSpec?.(usual) ?? usual
  const output = createOutput(log.redact)
  let observing: ContainerObserver | undefined
  let session: AddonSession | undefined
  let address = ''
  // Beside the container, because each takes the engine a moment.
  const filling = overrides.sameData
    ? undefined
    : fillFolders(spec, foldersOf(target, overrides.dataVolume), context.files, host)
  // Awaited below, unless there is no container.
  filling?.catch(() => {})
  const close = async (): Promise<void> => {
    session?.close()
    await Promise.all([observing?.stop(), removeContainers(processes, [spec.name]), filling?.catch(() => {})])
  }
  try {
    const passed = passing(processes, variablesWithoutValue(options.smokeRunArguments))
    const created = await createContainer(spec, { ...host, processes: passed })
    if ('error' in created) {
      throw environmentFailure('smoke/not-created', `Docker could not create the container: ${created.error}.`)
    }
    if (target.run.featureFlags.has('audio')) await copyAudioFiles(created.id, host)
    await filling
    const imageProblem = await copyOptions(
      created.id,
      spec.mounts?.[0]?.target ?? '/data',
      // The Supervisor writes them before each start.
      withFloats(optionsAfter(overrides.state, target.run.options, context.addonOptions), target.run.schema),
      host,
    )
    const observer = await observeContainer(created.id, host)
    observing = observer
    if (hasSupervisor) {
      session = network.mock.register(
        token,
        () => addonUnderTest(context, address, supervisorAddress),
        observer.notify,
        overrides.state,
      )
    }
    const registered = session
    return {
      ...{ spec, denied, observer, output, close },
      session: registered,
      async start(onStarted) {
        if (imageProblem !== undefined) return { kind: 'not-started', detail: imageProblem }
        const requestedAt = host.clock.now()
        const started = await docker(processes, ['start', created.id], { timeoutMs: 120_000 })
        if (started.exitCode !== 0) return { kind: 'not-started', detail: errorOf(started) }
        observer.followLog(output)
        onStarted?.()
        const state = await observer.inspect()
        const addresses = state?.addresses
        address = (dockerNetwork && addresses?.get(dockerNetwork)) ?? [...(addresses?.values() ?? [])][0] ?? ''
        const outcome = await waitForReady(
          observer,
          {
            signals: overrides.signals,
            address: address || undefined,
            prober: network.prober,
            deadlineMs: overrides.deadlineMs,
            startedAt: startTime(state?.startedAt, requestedAt, host.clock.now()),
            mayBeRefused: !network.hasSupervisorAddress || overrides.internalNetwork !== undefined,
            // An add-on that runs once may stop itself through the API.
            stopRequest: () => (target.run.startup === 'once' ? undefined : registered?.stopRequest),
          },
          host,
        )
        throwIfCancelled(host)
        if (outcome.state && !outcome.state.running) await observer.readLogToEnd(3000)
        return outcome
      },
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** The add-on as the Supervisor's API describes it. What is not in config.yaml comes from labels. */
function addonUnderTest(context: SmokeContext, address: string, supervisorAddress: string): AddonUnderTest {
  const { target, image, options, addonOptions, ingressPort, patterns } = context
  const label = (name: string): string => target.labels.get(name) ?? image.labels.get(name) ?? ''
  return {
    ...{ ingressPort, address, supervisorAddress },
    slug: target.addon,
    hostname: hostnameOf(target.addon),
    name: label('io.hass.name') || target.addon,
    description: label('io.hass.description'),
    version: label('io.hass.version') || target.buildArguments.get('BUILD_VERSION') || 'dev',
    url: label('io.hass.url'),
    architecture: target.architecture,
    options: addonOptions,
    ...(patterns && { patterns }),
    run: target.run,
    services: options.smokeServices ?? {},
    protected: options.smokeProtected,
  }
}

/** By the daemon's clock if it agrees with ours: `docker start` returns some time after the start. */
const startTime = (startedAt: number | undefined, requestedAt: number, now: number): number =>
  startedAt !== undefined && startedAt >= requestedAt && startedAt <= now ? startedAt : now

/** Source: Supervisor data/pulse-client.tmpl and data/asound.tmpl. Without effect in a container with a read-only root. */
async function copyAudioFiles(id: string, { processes }: Host): Promise<void> {
  const input = tar([
    {
      path: 'etc/pulse/client.conf',
      content: 'default-server = unix://run/audio/pulse.sock\nautospawn = no\n',
      mode: 0o644,
    },
    { path: 'etc/asound.conf', content: 'pcm.!default { type pulse }\nctl.!default { type pulse }\n', mode: 0o644 },
  ])
  await docker(processes, ['cp', '-', `${id}:/`], { input })
}

/**
 * Writes options.json as the Supervisor does: readable by root only (Supervisor utils/json.py). Resolves with the problem if the image has no
 * folder there, so that the container could not start anyway.
 */
async function copyOptions(
  id: string,
  folder: string,
  options: unknown,
  { processes }: Host,
): Promise<string | undefined> {
  const content = `${JSON.stringify(options, null, 2)}\n`
  const result = await docker(processes, ['cp', '-', `${id}:${folder}`], {
    input: tar([{ path: 'options.json', content, mode: 0o600 }]),
  })
  if (result.exitCode === 0) return undefined
  const detail = errorOf(result)
  if (/must be a directory|not a directory|no such file|too many levels/i.test(detail)) {
    return `${folder} is not a folder in the image, so options.json cannot be written there`
  }
  throw environmentFailure('smoke/no-options', `${folder}/options.json could not be written: ${detail}.`)
}
