import type { Architecture } from '../core/architecture.ts'
import { chainOf, type Dockerfile, type DockerfileStage, stageIndex } from './dockerfile.ts'
import { expand } from './expand.ts'
import { globalValues, resolveStages } from './resolve.ts'

export type Base =
  | { readonly image: string; readonly platform?: string; readonly line: number }
  /** The text of a FROM whose value would be empty. */
  | { readonly blank: string; readonly line: number }
  /** The text of a FROM that only BuildKit can fill in. */
  | { readonly unknown: string; readonly line: number }

/** The base image of a stage: of the first stage that it is built on, with the build arguments filled in. */
export function baseOf(
  dockerfile: Dockerfile,
  stage: string | undefined,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): Base {
  const stages = resolveStages(dockerfile, { architecture, buildArguments })
  const [first] = chainOf(stages, stageIndex(dockerfile, stage))
  if (!first) return { unknown: stage ?? '', line: 1 }
  const { from, image, platform, line } = first
  if (image === undefined) return { unknown: from, line }
  return image === '' ? { blank: from, line } : { image, line, ...(platform !== undefined && { platform }) }
}

/**
 * The first stage whose FROM is empty. BuildKit refuses the file even if the stage is not used.
 * Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go.
 */
export const blankStage = (
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): DockerfileStage | undefined =>
  resolveStages(dockerfile, { architecture, buildArguments }).find(({ image }) => image === '')

/** Every base image with its stage. Those that only BuildKit can fill in are left out. */
export const imagesOf = (
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): readonly { readonly image: string; readonly stage: DockerfileStage }[] =>
  resolveStages(dockerfile, { architecture, buildArguments }).flatMap((stage) =>
    stage.image === undefined || stage.image === '' || stage.parent !== undefined
      ? []
      : [{ image: stage.image, stage }],
  )

/** The value of a global argument; undefined if it has none, or if only BuildKit can fill it in. */
export const globalValue = (
  name: string,
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): string | undefined => globalValues(dockerfile, { architecture, buildArguments })(name)

/** The first global argument whose value is longer than `longestValue` once its variables are filled in. */
export function tooLongArgument(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): string | undefined {
  const names: string[] = []
  globalValues(dockerfile, { architecture, buildArguments }, (name) => names.push(name))
  return names[0]
}

/** The labels that the Dockerfile gives a stage, with variables filled in; empty ones are left out. */
export function labelsInDockerfile(
  dockerfile: Dockerfile,
  stage: string | undefined,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const globals = globalValues(dockerfile, { architecture, buildArguments })
  const stages = resolveStages(dockerfile, { architecture, buildArguments })
  const labels = new Map<string, string>()
  for (const current of chainOf(stages, stageIndex(dockerfile, stage))) {
    const values = new Map<string, string>()
    const lookUp = (name: string): string | undefined => values.get(name)
    for (const [name, fallback] of current.arguments) {
      const value =
        buildArguments.get(name) ??
        (fallback === undefined ? globals(name) : expand(fallback, lookUp, dockerfile.escape))
      if (value !== undefined) values.set(name, value)
    }
    for (const [name, text] of current.environment) values.set(name, expand(text, lookUp, dockerfile.escape) ?? text)
    for (const [name, text] of current.labels) {
      const value = expand(text, lookUp, dockerfile.escape) ?? text
      if (value !== '') labels.set(name, value)
    }
  }
  return labels
}
