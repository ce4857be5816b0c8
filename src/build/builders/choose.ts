import type { Host } from '../../core/host.ts'
import type { Engine } from '../../docker/engine.ts'
import type { Adapter, Builder, BuilderOptions, Driver } from './builder.ts'
import { docker } from './docker.ts'
import { dockerContainer } from './docker-container.ts'
import { existing } from './existing.ts'
import { kubernetes } from './kubernetes.ts'
import { remote } from './remote.ts'

const adapters: Readonly<Record<Driver, Adapter>> = {
  docker,
  'docker-container': dockerContainer,
  remote,
  kubernetes,
}

/** The only place that decides which kind of builder a run gets. Pure. */
export function adapterFor(options: BuilderOptions, engine: Pick<Engine, 'store'>): Adapter {
  if (options.builder !== undefined) return existing
  if (options.driver !== 'auto') return adapters[options.driver]
  // On the classic store the daemon's own BuildKit builds for one platform and exports no cache. On no store can it be configured from here.
  const own = options.driverOptions.length === 0 && options.buildkitdConfig === undefined
  return engine.store === 'containerd' && own ? docker : dockerContainer
}

/** The builder of a run: chosen now, opened once, used for every add-on, and removed by the caller. */
export function chooseBuilder(
  options: BuilderOptions,
  engine: Engine,
  host: Host,
): { readonly planned: Builder; open(): Promise<Builder> } {
  const adapter = adapterFor(options, engine)
  const planned = adapter.choose(options, engine, host.runId)
  return { planned, open: () => adapter.open(planned, { options, engine, host }) }
}
