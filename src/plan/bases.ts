import type { Addon } from '../addon/addon.ts'
import { architectureInName } from '../addon/config/base-image.ts'
import { type Architecture, parseArchitecture } from '../core/architecture.ts'
import { type Diagnostic, error, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import { isReference } from '../core/image-reference.ts'
import { quoted, quotedList } from '../core/parsed.ts'
import { baseOf, blankStage, globalValue, imagesOf, tooLongArgument } from '../dockerfile/base-of.ts'
import { type Dockerfile, namesIn, stageIndex } from '../dockerfile/dockerfile.ts'
import type { PlanOptions } from '../inputs/options.ts'

/** A problem that several architectures may share. It is reported once, with all of them: `list` is `aarch64, armv7`. */
export type SharedProblem = Diagnostic | ((list: string, architectures: readonly Architecture[]) => Diagnostic)

/** An image to build, with its base image. */
interface ImageBase {
  readonly addon: Addon
  readonly dockerfile: Dockerfile
  readonly architecture: Architecture
  readonly buildArguments: ReadonlyMap<string, string>
  /** From build.yaml or `args`. Undefined: the Dockerfile decides. */
  readonly declaredBase: string | undefined
  readonly options: Pick<PlanOptions, 'stage' | 'buildContexts' | 'legacy'>
}

/** Reasons why the image would not have the intended base image. */
export function* checkBase(built: ImageBase): Generator<SharedProblem> {
  const { addon, dockerfile, architecture, buildArguments, declaredBase, options } = built
  const at = (line: number): SourceLocation => ({ file: dockerfile.file, line, column: 1 })
  const long = tooLongArgument(dockerfile, architecture, buildArguments)
  if (long !== undefined) {
    yield warning(
      'dockerfile/value-too-long',
      `The value of ARG ${quoted(long)} is longer than 16 kB after its variables are expanded, so the base images are not checked.`,
      'Use a shorter value, or set one in "build-args".',
      at(dockerfile.stages[0]?.line ?? 1),
    )
    return
  }
  const blank = blankStage(dockerfile, architecture, buildArguments)
  if (blank) {
    yield isBlank(dockerfile, blank.from, at(blank.line))
    return
  }
  if (options.legacy && declaredBase === undefined && dockerfile.usesBuildFrom && !buildArguments.has('BUILD_FROM')) {
    yield keepsDefault(dockerfile)
  }
  const isDefault = !addon.buildFrom.has(architecture) && declaredBase !== undefined
  if (isDefault && dockerfile.usesBuildFrom && buildArguments.get('BUILD_FROM') === declaredBase) {
    yield onDefaultBase(dockerfile, addon, architecture, buildArguments)
  }
  const lacks = dockerfile.usesBuildFrom && declaredBase === undefined && addon.buildFrom.size > 0 && !options.legacy
  if (lacks) {
    yield (list, architectures) =>
      warning(
        'plan/no-build-from',
        `"build_from" has no image for ${list}; the Dockerfile's default is used.`,
        `To use another image, add ${linesFor(architectures)} there.`,
        addon.buildFromWhere,
      )
  }
  if (declaredBase !== undefined && addon.buildFrom.size > 0 && !dockerfile.usesBuildFrom) {
    yield warning(
      'plan/build-from-unused',
      `${dockerfile.file.split('/').at(-1)} does not use BUILD_FROM, so "build_from" has no effect.`,
      'Write "ARG BUILD_FROM" before the first FROM and "FROM $BUILD_FROM", or remove "build_from".',
      addon.buildFromWhere,
    )
  }
  for (const { image, stage } of imagesOf(dockerfile, architecture, buildArguments)) {
    // A base in build.yaml was checked when the file was read.
    if (isReference(image) || options.buildContexts.has(image) || image === declaredBase) continue
    yield badReference(image, stage.from, at(stage.line))
  }
  yield* checkPlatform(built)
}

function* checkPlatform({
  dockerfile,
  architecture,
  buildArguments,
  declaredBase,
  options,
}: ImageBase): Generator<SharedProblem> {
  const base = baseOf(dockerfile, options.stage, architecture, buildArguments)
  if (!('image' in base)) return
  const where: SourceLocation = { file: dockerfile.file, line: base.line, column: 1 }
  const { platform, image } = base
  const platformArchitecture = platform === undefined ? undefined : parseArchitecture(platform)
  if (platform?.includes('$BUILDPLATFORM')) {
    yield warning(
      'plan/build-platform',
      'The final stage is built for the platform of the build machine, not of the add-on.',
      'Remove "--platform" from its FROM.',
      where,
    )
  } else if (platform !== undefined && platformArchitecture !== architecture) {
    yield (list) =>
      error(
        'plan/fixed-platform',
        platformArchitecture === undefined
          ? `${quoted(platform)} is not a platform of Home Assistant.`
          : `The image is always built for ${platform}, so it would not run on ${list}.`,
        'Remove "--platform" from its FROM.',
        where,
      )
  }
  const named = architectureInName(image)
  if (named && named !== architecture && image !== declaredBase) {
    // armv7 and armhf often run each other's images, and their names are often confused.
    const make = isArm32(named) && isArm32(architecture) ? warning : error
    yield (list) =>
      make(
        'plan/base-of-other-architecture',
        `${list} would be built on ${quoted(image)}, which by its name is for ${named}.`,
        'Use a multi-platform base image, such as "ghcr.io/home-assistant/base:3.23", or set one for each architecture in "build_from" of build.yaml.',
        where,
      )
  }
}

const isArm32 = (architecture: Architecture): boolean => architecture === 'armv7' || architecture === 'armhf'

/** `"armv7: IMAGE", "armhf: IMAGE"`. */
const linesFor = (architectures: readonly Architecture[]): string =>
  architectures.map((one) => `"${one}: IMAGE"`).join(', ')

function isBlank(dockerfile: Dockerfile, from: string, where: SourceLocation): Diagnostic {
  const names = namesIn(from)
  const undeclared = names.find((name) => !dockerfile.globalArguments.has(name))
  if (undeclared !== undefined) {
    const late = dockerfile.stages.some((stage) => stage.arguments.has(undeclared))
    return error(
      'dockerfile/arg-not-global',
      late
        ? `FROM uses ${undeclared}, but its ARG is declared after the first FROM, so it is empty there.`
        : `FROM uses ${undeclared}, but no ARG declares it, so it is empty.`,
      `Write "ARG ${undeclared}" on a line before the first FROM.`,
      where,
    )
  }
  return error(
    'plan/no-base',
    `"FROM ${from}" is empty: it has no value and no default.`,
    names.includes('BUILD_FROM')
      ? 'Write "ARG BUILD_FROM=ghcr.io/home-assistant/base:3.23" before the first FROM.'
      : 'Give the ARG a default before the first FROM, or set it in "build-args".',
    where,
  )
}

function badReference(image: string, from: string, where: SourceLocation): Diagnostic {
  const through = image === from ? '' : `, which "FROM ${from}" expands to,`
  const remedy = /\{(arch|version)\}/.test(image)
    ? // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a Dockerfile.
      'Placeholders are replaced only in build.yaml. Write "${BUILD_ARCH}" with "ARG BUILD_ARCH" before it.'
    : isReference(image.toLowerCase())
      ? 'Write it in lower case.'
      : 'Write for example "ghcr.io/home-assistant/base:3.23".'
  return error('plan/bad-base', `${quoted(image)}${through} is not a valid image name.`, remedy, where)
}

/**
 * With `args`, the base image of an architecture for which build.yaml has none: the retired builder used this one, even if the Dockerfile has a default.
 * Source: builder.sh, build_addon, since 2025-02. Undefined without `args`, and if the Dockerfile has a default for every architecture
 * (`ghcr.io/home-assistant/base:3.23`, or one with variables): such a default came with the migration from build.yaml and is intended.
 * @param buildArguments without BUILD_FROM.
 */
export function legacyBase(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
  options: Pick<PlanOptions, 'legacy'>,
): string | undefined {
  if (!options.legacy) return undefined
  const own = dockerfile.globalArguments.get('BUILD_FROM') ?? ''
  const value = globalValue('BUILD_FROM', dockerfile, architecture, buildArguments) ?? ''
  const named = architectureInName(value)
  const holds = value !== '' && (named === undefined || (named === architecture && own.includes('$')))
  return holds && dockerfile.usesBuildFrom ? undefined : defaultBase(architecture)
}

const defaultBase = (architecture: Architecture): string => `ghcr.io/home-assistant/${architecture}-base:latest`

/** A default for every architecture is used, unlike with the retired builder. */
const keepsDefault =
  (dockerfile: Dockerfile): SharedProblem =>
  (list) =>
    notice(
      'plan/default-base',
      `No build.yaml sets a base image for ${list}, so the default of BUILD_FROM in the Dockerfile is used. home-assistant/builder used "ghcr.io/home-assistant/{arch}-base:latest".`,
      'No action is needed. To use another base image, set BUILD_FROM in "build-args".',
      { file: dockerfile.file, line: 1, column: 1 },
    )

/** With `args`, an architecture is built on an image that no file names. */
function onDefaultBase(
  dockerfile: Dockerfile,
  addon: Addon,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): SharedProblem {
  const others = new Map([...buildArguments].filter(([name]) => name !== 'BUILD_FROM'))
  const own = globalValue('BUILD_FROM', dockerfile, architecture, others)
  const why = addon.buildFrom.size > 0 ? '"build_from" has no image for' : 'No build.yaml sets a base image for'
  return (list, all) => {
    const bases = quotedList(all.map(defaultBase))
    const message = `${why} ${list}, so ${all.length === 1 ? 'it is' : 'they are'} built on ${bases}, as home-assistant/builder did.`
    return own === undefined || own === ''
      ? notice(
          'plan/default-base',
          message,
          'No action is needed. To use another base image, add it to "build_from", or remove "args" and write it into the Dockerfile.',
          addon.buildFromWhere,
        )
      : warning(
          'plan/default-base',
          `${message} The default ${quoted(own)} of the Dockerfile is not used.`,
          'To build on the default of the Dockerfile, use inputs instead of "args". Otherwise, add the base image to "build_from".',
          addon.buildFromWhere ?? { file: dockerfile.file, line: 1, column: 1 },
        )
  }
}

/** Architectures that are missing in `build_from` while the Dockerfile has no default, in one message. */
export function withoutBase(
  addon: Addon,
  chosen: readonly Architecture[],
  options: PlanOptions,
): { readonly architectures: readonly Architecture[]; readonly diagnostic: Diagnostic } | undefined {
  if (addon.buildFrom.size === 0 || options.legacy || options.buildArguments.has('BUILD_FROM')) return undefined
  const without = chosen.filter((architecture) => {
    const dockerfile = addon.dockerfiles.get(architecture) ?? addon.dockerfiles.get('default')
    if (!dockerfile?.usesBuildFrom || addon.buildFrom.has(architecture)) return false
    if (stageIndex(dockerfile, options.stage) < 0) return false
    const blank = blankStage(dockerfile, architecture, addon.buildArguments)
    return blank !== undefined && namesIn(blank.from).includes('BUILD_FROM')
  })
  if (without.length === 0) return undefined
  const list = without.join(', ')
  const config = addon.files.config?.split('/').at(-1)
  return {
    architectures: without,
    diagnostic: error(
      'plan/no-base',
      `"build_from" has no image for ${list}, and the Dockerfile has no default.`,
      `Add ${linesFor(without)} there${config === undefined ? '' : `, or remove ${list} from "arch" in ${config}`}.`,
      addon.buildFromWhere,
    ),
  }
}
