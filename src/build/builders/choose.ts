import type { Host } from '../../core/host.ts'
import { buildkitImage } from '../../core/pins.ts'
import type { Engine } from '../../docker/engine.ts'
import { type Builder, type BuilderOptions, type Driver, nameOf, type Opening } from './builder.ts'
import { configFile, createBuilder, inspect, removeBuilder } from './create.ts'
import { BuilderFailure, explain } from './failure.ts'
import { plannedNodes } from './nodes.ts'
import { checkNodes } from './probe.ts'
import { tlsFiles, tlsOptions } from './tls.ts'

/** The builder of a run: chosen now, opened once, used for every add-on, and removed by the caller. `open` rejects with a Failure (`environment`). */
export function chooseBuilder(
  options: BuilderOptions,
  engine: Engine,
  host: Host,
): { readonly planned: Builder; open(): Promise<Builder> } {
  const planned = planBuilder(options, engine, host.runId)
  return { planned, open: () => openBuilder(planned, { options, engine, host }) }
}

/** The only place that decides which kind of builder a run gets. */
function planBuilder(options: BuilderOptions, engine: Engine, runId: string): Builder {
  const { builder, endpoints } = options
  if (builder !== undefined) return { name: builder, driver: 'other', owned: false, nodes: [] }
  const driver = options.driver === 'auto' ? defaultDriver(options, engine) : options.driver
  // The daemon's own BuildKit needs no container, and its images need not be copied into the engine.
  if (driver === 'docker') return { name: engine.context, driver, owned: false, nodes: [] }
  // Pods are never on this machine. Without an endpoint they run in the cluster of the configuration.
  const isCluster = driver === 'kubernetes' && endpoints.length === 0
  const nodes = plannedNodes(isCluster ? [{ endpoint: 'kubernetes://', platforms: [] }] : endpoints)
  return { name: nameOf(runId), driver, owned: true, nodes }
}

function defaultDriver({ driverOptions, buildkitdConfig }: BuilderOptions, { store }: Engine): Driver {
  // With the classic store, the daemon's own BuildKit builds for one platform and exports no cache. With neither store can it be configured from here.
  const isConfigured = driverOptions.length > 0 || buildkitdConfig !== undefined
  return store === 'containerd' && !isConfigured ? 'docker' : 'docker-container'
}

async function openBuilder(builder: Builder, opening: Opening): Promise<Builder> {
  switch (builder.driver) {
    case 'docker':
      return builder
    case 'other':
      return openExisting(builder, opening)
    case 'remote':
      return openRemote(builder, opening)
    default:
      return openContainer(builder, opening)
  }
}

/** BuildKit in a container of this engine or of the engines at the endpoints, or in pods of the cluster in `kubectl`'s configuration. */
async function openContainer(builder: Builder, opening: Opening): Promise<Builder> {
  const { options, host } = opening
  const file = await configFile(options.buildkitdConfig, host)
  const driverOptions = withImage(options.driverOptions)
  return createBuilder(builder, { driverOptions, ...(file !== undefined && { configFile: file }) }, opening)
}

/** With the pinned BuildKit, unless the user names another one. */
export const withImage = (driverOptions: readonly string[]): readonly string[] =>
  driverOptions.some((option) => /(^|,)"?image=/.test(option))
    ? driverOptions
    : [`image=${buildkitImage}`, ...driverOptions]

/** BuildKit daemons that are running already: `tcp://` with or without certificates, `ssh://` (with `buildctl` in the PATH there), or a socket. */
async function openRemote(builder: Builder, opening: Opening): Promise<Builder> {
  const { options, host } = opening
  const tls = await tlsFiles(options.endpointTls, host)
  const driverOptions = [...options.driverOptions, ...tlsOptions(tls)]
  const created = await createBuilder(builder, { driverOptions }, opening)
  try {
    return await checkNodes(created, tls, opening)
  } catch (thrown) {
    await removeBuilder(builder, opening)
    throw thrown
  }
}

const drivers: readonly Driver[] = ['docker', 'docker-container', 'remote', 'kubernetes']

/** A builder from an earlier step or on a self-hosted runner. It is inspected, and not removed. */
async function openExisting(builder: Builder, opening: Opening): Promise<Builder> {
  const inspectBuilder = async (bootstrap: boolean): Promise<Builder> => {
    const found = await inspect(builder.name, bootstrap, opening)
    if ('problem' in found) throw new BuilderFailure(explain(found.problem, builder, opening))
    const driver = drivers.find((one) => one === found.driver) ?? 'other'
    // The engine's own BuildKit counts as this machine.
    return { ...builder, driver, nodes: driver === 'docker' ? [] : found.nodes }
  }
  const found = await inspectBuilder(false)
  const sleeping = found.nodes.some(({ running }) => !running)
  // A stopped container can be started; a remote daemon can only be probed for the reason.
  return checkNodes(sleeping && found.driver !== 'remote' ? await inspectBuilder(true) : found, {}, opening)
}
