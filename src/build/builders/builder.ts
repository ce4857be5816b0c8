import type { Host } from '../../core/host.ts'
import type { Engine } from '../../docker/engine.ts'
import type { Options } from '../../inputs/options.ts'
import type { Node } from './nodes.ts'

export type Driver = 'docker' | 'docker-container' | 'remote' | 'kubernetes'

/** A buildx builder that is ready to use. */
export interface Builder {
  readonly name: string
  /** `other`: of an existing builder, one that this project does not make. */
  readonly driver: Driver | 'other'
  /** This run created it and removes it. */
  readonly owned: boolean
  /** Empty: this machine alone. */
  readonly nodes: readonly Node[]
}

export type BuilderOptions = Pick<
  Options,
  'driver' | 'builder' | 'driverOptions' | 'endpoints' | 'endpointTls' | 'buildkitdConfig'
>

export interface Opening {
  readonly options: BuilderOptions
  readonly engine: Engine
  readonly host: Host
}

export const nameOf = (runId: string): string => `aicleaner-build-${runId}`
