import { type Architecture, ociPlatformOf, platformOf } from '../core/architecture.ts'
import {
  chainOf,
  type Dockerfile,
  type DockerfileStage,
  namesIn,
  readDockerfile,
  stageIndex,
  stageIndexes,
} from './dockerfile.ts'
import { expand, longestValue } from './expand.ts'

/** A stage with the variables of its FROM filled in; `parent` is the stage that it names then. */
interface ResolvedStage extends DockerfileStage {
  /** Undefined if only BuildKit can fill it in. */
  readonly image?: string
}

/** A Dockerfile with the variables of one build filled in. */
export interface ResolvedDockerfile extends Dockerfile {
  readonly stages: readonly ResolvedStage[]
  /** The built stage and those that it is built on, in the order in which they are built. */
  readonly chain: readonly ResolvedStage[]
  /** Fills in variables with their values at the end of the built stage; undefined if only BuildKit can do that. */
  value(text: string): string | undefined
}

export interface BuildSettings {
  readonly stage?: string
  readonly architecture: Architecture
  readonly buildArguments: ReadonlyMap<string, string>
}

/** Reads a Dockerfile for one build; undefined if it has no stage, or not the one that is built. */
export function readResolvedDockerfile(
  text: string,
  file: string,
  settings: BuildSettings,
): ResolvedDockerfile | undefined {
  const { dockerfile } = readDockerfile(text, file)
  return dockerfile && resolveDockerfile(dockerfile, settings)
}

function resolveDockerfile(dockerfile: Dockerfile, settings: BuildSettings): ResolvedDockerfile | undefined {
  const stages = resolveStages(dockerfile, settings)
  const chain = chainOf(stages, stageIndex(dockerfile, settings.stage))
  if (chain.length === 0) return undefined
  const values = stageValues(dockerfile, chain, settings)
  return { ...dockerfile, stages, chain, value: (text) => expand(text, (name) => values.get(name), dockerfile.escape) }
}

/** All stages with the variables of their FROM filled in. */
export function resolveStages(dockerfile: Dockerfile, settings: BuildSettings): readonly ResolvedStage[] {
  const lookUp = globalValues(dockerfile, settings)
  const indexOf = stageIndexes()
  return dockerfile.stages.map((stage, index) => {
    const { from, name, parent: _, platform: written, ...rest } = stage
    const image = expand(from, lookUp, dockerfile.escape)?.trim()
    const platform = written === undefined ? '' : expand(written, lookUp, dockerfile.escape)
    const parent = indexOf.get(image ?? from)
    if (name !== undefined) indexOf.set(name, index)
    return {
      ...rest,
      from,
      ...(name !== undefined && { name }),
      ...(image !== undefined && { image }),
      ...(parent !== undefined && { parent }),
      ...(platform !== undefined && platform !== '' && { platform }),
    }
  })
}

/**
 * The variables that FROM can use: global arguments with the values of the build, and the platform arguments of BuildKit.
 * @param onTooLong is given each argument whose value is longer than `longestValue`; it counts as empty.
 */
export function globalValues(
  dockerfile: Dockerfile,
  { architecture, buildArguments }: BuildSettings,
  onTooLong: (name: string) => void = () => {},
): (name: string) => string | undefined {
  const { architecture: oci, variant } = ociPlatformOf(architecture)
  const values = new Map<string, string | undefined>([
    ['TARGETPLATFORM', platformOf(architecture)],
    ['TARGETOS', 'linux'],
    ['TARGETARCH', oci],
    ['TARGETVARIANT', variant ?? ''],
    // The builder's own platform is known only at build time. It does not decide which image ends up in the result.
    ['BUILDPLATFORM', '$BUILDPLATFORM'],
  ])
  for (const [name, fallback] of dockerfile.globalArguments) {
    const given = buildArguments.get(name)
    const previous = values.get(name)
    const own = fallback === undefined ? undefined : expand(fallback, (other) => values.get(other), dockerfile.escape)
    if (fallback !== undefined && own === undefined && given === undefined) {
      const length = namesIn(fallback).reduce((sum, other) => sum + (values.get(other)?.length ?? 0), fallback.length)
      if (length > longestValue) onTooLong(name)
    }
    values.set(name, given ?? own ?? previous)
  }
  return (name) => values.get(name)
}

/** ENV wins over ARG; an ARG in a stage takes the value of the global one unless it has its own. Both reach later stages. */
function stageValues(
  dockerfile: Dockerfile,
  chain: readonly ResolvedStage[],
  settings: BuildSettings,
): ReadonlyMap<string, string> {
  const globals = globalValues(dockerfile, settings)
  const args = new Map<string, string>()
  const environment = new Map<string, string>()
  const lookUp = (name: string) => environment.get(name) ?? args.get(name)
  for (const { keyword, pairs } of chain.flatMap(({ instructions }) => instructions)) {
    if (keyword !== 'ARG' && keyword !== 'ENV') continue
    for (const [name, value] of pairs) {
      const own = value === undefined ? undefined : (expand(value, lookUp, dockerfile.escape) ?? value)
      if (keyword === 'ENV') environment.set(name, own ?? '')
      else args.set(name, settings.buildArguments.get(name) ?? own ?? globals(name) ?? '')
    }
  }
  return new Map([...args, ...environment])
}
