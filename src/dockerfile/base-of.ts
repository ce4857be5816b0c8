import { type Architecture, ociPlatformOf, platformOf } from '../core/architecture.ts'
import type { Dockerfile, DockerfileStage } from './dockerfile.ts'
import { chainOf, namesIn, stageNamed } from './dockerfile.ts'
import { expand, longestValue } from './expand.ts'

export type Base =
  | { readonly image: string; readonly platform?: string; readonly line: number }
  /** FROM would be empty: the line, and as it is written. */
  | { readonly blank: string; readonly line: number }
  /** Only BuildKit can tell. */
  | { readonly unknown: string; readonly line: number }

/** The index of a stage by name or number; the last one where none is named; -1 where there is none of that name. */
export function stageIndex(dockerfile: Dockerfile, stage: string | undefined): number {
  if (stage === undefined) return dockerfile.stages.length - 1
  const named = stageNamed(dockerfile.stages, stage)
  if (named >= 0) return named
  const number = /^\d+$/.test(stage) ? Number(stage) : -1
  return number < dockerfile.stages.length ? number : -1
}

/** The image that a stage stands on in the end, with the build arguments filled in. */
export function baseOf(
  dockerfile: Dockerfile,
  stage: string | undefined,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): Base {
  const lookUp = globalValues(dockerfile, architecture, buildArguments)
  let index = stageIndex(dockerfile, stage)
  for (;;) {
    const current = dockerfile.stages[index]
    if (!current) return { unknown: stage ?? '', line: 1 }
    const { from, line } = current
    const image = expand(from, lookUp, dockerfile.escape)?.trim()
    if (image === undefined) return { unknown: from, line }
    if (image === '') return { blank: from, line }
    const earlier = stageNamed(dockerfile.stages, image, index)
    if (earlier < 0) {
      const platform = current.platform === undefined ? undefined : expand(current.platform, lookUp, dockerfile.escape)
      return { image, line, ...(platform !== undefined && platform !== '' && { platform }) }
    }
    index = earlier
  }
}

/**
 * The first FROM that comes out empty, with its stage. BuildKit refuses the file for one in any stage, whether the stage is used or not.
 * Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go.
 */
export function blankStage(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): DockerfileStage | undefined {
  const lookUp = globalValues(dockerfile, architecture, buildArguments)
  return dockerfile.stages.find(({ from }) => expand(from, lookUp, dockerfile.escape)?.trim() === '')
}

/** Every FROM that stands on an image, not on another stage, with its build arguments filled in. What only BuildKit can tell is left out. */
export function imagesOf(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): readonly { readonly image: string; readonly stage: DockerfileStage }[] {
  const lookUp = globalValues(dockerfile, architecture, buildArguments)
  return dockerfile.stages.flatMap((stage, index) => {
    const image = expand(stage.from, lookUp, dockerfile.escape)?.trim()
    return image === undefined || image === '' || stageNamed(dockerfile.stages, image, index) >= 0
      ? []
      : [{ image, stage }]
  })
}

/** The value of a global argument with its variables filled in; undefined: it has none, or only BuildKit can tell. */
export const globalValue = (
  name: string,
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): string | undefined => globalValues(dockerfile, architecture, buildArguments)(name)

/** The first global argument whose value is longer than `longestValue` once its variables are filled in: it counts as empty here. */
export function tooLongArgument(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): string | undefined {
  let found: string | undefined
  globalValues(dockerfile, architecture, buildArguments, (name) => {
    found ??= name
  })
  return found
}

/** What FROM can use: the global arguments with what the build gives for them, and the platform arguments of BuildKit. */
function globalValues(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
  onTooLong: (name: string) => void = () => {},
): (name: string) => string | undefined {
  const { architecture: oci, variant } = ociPlatformOf(architecture)
  const values = new Map<string, string | undefined>([
    ['TARGETPLATFORM', platformOf(architecture)],
    ['TARGETOS', 'linux'],
    ['TARGETARCH', oci],
    ['TARGETVARIANT', variant ?? ''],
    // The builder's own platform is known at build time only; it names no image that ends up in the result.
    ['BUILDPLATFORM', '$BUILDPLATFORM'],
  ])
  for (const [name, fallback] of dockerfile.globalArguments) {
    const given = buildArguments.get(name)
    const standing = values.get(name)
    const own = fallback === undefined ? undefined : expand(fallback, (other) => values.get(other), dockerfile.escape)
    if (fallback !== undefined && own === undefined && given === undefined) {
      const length = namesIn(fallback).reduce((sum, other) => sum + (values.get(other)?.length ?? 0), fallback.length)
      if (length > longestValue) onTooLong(name)
    }
    values.set(name, given ?? own ?? standing)
  }
  return (name) => values.get(name)
}

/** The labels that the Dockerfile gives a stage, filled in; those that come out empty are left out. */
export function labelsInDockerfile(
  dockerfile: Dockerfile,
  stage: string | undefined,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const globals = globalValues(dockerfile, architecture, buildArguments)
  const labels = new Map<string, string>()
  for (const current of chainOf(dockerfile.stages, stageIndex(dockerfile, stage)).toReversed()) {
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
