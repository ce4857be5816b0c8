import type { Addon } from '../addon/addon.ts'
import { architectureInName } from '../addon/config/base-image.ts'
import { type Architecture, parseArchitecture } from '../core/architecture.ts'
import { type Diagnostic, error, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import { isReference } from '../core/image-reference.ts'
import { quoted } from '../core/parsed.ts'
import { baseOf, blankStage, globalValue, imagesOf, stageIndex, tooLongArgument } from '../dockerfile/base-of.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { namesIn } from '../dockerfile/dockerfile.ts'
import type { PlanOptions } from './options.ts'

/** What is wrong with some architectures for one reason: said once, with all of them. */
export interface Finding {
  /** The same for all architectures that share the reason. */
  readonly reason: string
  /** @param list `aarch64, armv7`. */
  readonly say: (list: string, architectures: readonly Architecture[]) => Diagnostic
}

/** Everything that keeps an image from standing on the base that is meant. */
export function* checkBase(
  addon: Addon,
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
  declaredBase: string | undefined,
  options: Pick<PlanOptions, 'stage' | 'buildContexts' | 'legacy'>,
): Generator<Finding> {
  const at = (line: number): SourceLocation => ({ file: dockerfile.file, line, column: 1 })
  const long = tooLongArgument(dockerfile, architecture, buildArguments)
  if (long !== undefined) {
    yield once(
      warning(
        'dockerfile/value-too-long',
        `The value of ARG ${quoted(long)} is longer than 16 kB with its variables filled in, so the base images are not checked.`,
        'Write a shorter value, or give one in "build-args".',
        at(dockerfile.stages[0]?.line ?? 1),
      ),
    )
    return
  }
  const blank = blankStage(dockerfile, architecture, buildArguments)
  if (blank) {
    yield once(isBlank(dockerfile, blank.from, at(blank.line)))
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
    yield {
      reason: 'no build_from',
      say: (list, architectures) =>
        warning(
          'plan/no-build-from',
          `"build_from" has no image for ${list}; the Dockerfile's default is used.`,
          `Add ${linesFor(architectures)} there if another one is meant.`,
          addon.buildFromWhere,
        ),
    }
  }
  if (declaredBase !== undefined && addon.buildFrom.size > 0 && !dockerfile.usesBuildFrom) {
    yield once(
      warning(
        'plan/build-from-unused',
        `${dockerfile.file.split('/').at(-1)} takes no BUILD_FROM, so "build_from" has no effect.`,
        'Write "ARG BUILD_FROM" before the first FROM and "FROM $BUILD_FROM", or remove "build_from".',
        addon.buildFromWhere,
      ),
    )
  }
  for (const { image, stage } of imagesOf(dockerfile, architecture, buildArguments)) {
    if (isReference(image) || options.buildContexts.has(image)) continue
    // A base of build.yaml was checked where it stands.
    if (image === declaredBase) continue
    yield once(badReference(image, stage.from, at(stage.line)))
  }
  yield* checkPlatform(dockerfile, architecture, buildArguments, declaredBase, options.stage)
}

function* checkPlatform(
  dockerfile: Dockerfile,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
  declaredBase: string | undefined,
  stage: string | undefined,
): Generator<Finding> {
  const base = baseOf(dockerfile, stage, architecture, buildArguments)
  if (!('image' in base)) return
  const where: SourceLocation = { file: dockerfile.file, line: base.line, column: 1 }
  const { platform, image } = base
  const made = platform === undefined ? undefined : parseArchitecture(platform)
  if (platform?.includes('$BUILDPLATFORM')) {
    yield once(
      warning(
        'plan/build-platform',
        'The stage that becomes the image is made for the machine that builds, not for the add-on.',
        'Remove "--platform" from its FROM.',
        where,
      ),
    )
  } else if (platform !== undefined && made !== architecture) {
    yield {
      reason: `platform ${dockerfile.file} ${base.line}`,
      say: (list) =>
        error(
          'plan/fixed-platform',
          made === undefined
            ? `${quoted(platform)} is not a platform of Home Assistant.`
            : `The image is always made for ${platform}, so ${list} would get one that does not run there.`,
          'Remove "--platform" from its FROM.',
          where,
        ),
    }
  }
  const said = architectureInName(image)
  if (said && said !== architecture && image !== declaredBase) {
    // The one often runs what is made for the other, and names mix them up.
    const make = isArm32(said) && isArm32(architecture) ? warning : error
    yield {
      reason: `${make === error ? 'error' : 'warning'} base ${image}`,
      say: (list) =>
        make(
          'plan/base-of-other-architecture',
          `${list} would be built on ${quoted(image)}, which by its name is for ${said}.`,
          'Use a base for several platforms, such as "ghcr.io/home-assistant/base:3.23", or name one for each architecture in "build_from" of build.yaml.',
          where,
        ),
    }
  }
}

const isArm32 = (architecture: Architecture): boolean => architecture === 'armv7' || architecture === 'armhf'

export const once = (diagnostic: Diagnostic): Finding => ({
  reason: JSON.stringify([diagnostic.code, diagnostic.message, diagnostic.where]),
  say: () => diagnostic,
})

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
        ? `FROM uses ${undeclared}, but its ARG stands after the first FROM and does not count there.`
        : `FROM uses ${undeclared}, but no ARG declares it, so it is empty.`,
      `Write "ARG ${undeclared}" on a line before the first FROM.`,
      where,
    )
  }
  return error(
    'plan/no-base',
    `"FROM ${from}" is empty: there is no value for it, and no default.`,
    names.includes('BUILD_FROM')
      ? 'Write "ARG BUILD_FROM=ghcr.io/home-assistant/base:3.23" before the first FROM.'
      : 'Give the ARG a default before the first FROM, or set it in "build-args".',
    where,
  )
}

function badReference(image: string, from: string, where: SourceLocation): Diagnostic {
  const through = image === from ? '' : `, which "FROM ${from}" comes to,`
  const remedy = /\{(arch|version)\}/.test(image)
    ? // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a Dockerfile.
      'Placeholders are filled in in build.yaml only; write "${BUILD_ARCH}" with "ARG BUILD_ARCH" before it.'
    : isReference(image.toLowerCase())
      ? 'Write it in lower case.'
      : 'Write it as in "ghcr.io/home-assistant/base:3.23".'
  return error('plan/bad-base', `${quoted(image)}${through} is not the name of an image.`, remedy, where)
}

/**
 * The base of an architecture that build.yaml does not name, with `args`: the retired builder gave every Dockerfile this one, in place of a default of its own.
 * Source: builder.sh, build_addon, since 2025-02. Undefined without `args`, and where the Dockerfile has a default for every architecture
 * (`ghcr.io/home-assistant/base:3.23`, or one with variables): such a default came with the move off build.yaml, and its author means it.
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
  const said = architectureInName(value)
  const holds = value !== '' && (said === undefined || (said === architecture && own.includes('$')))
  return holds && dockerfile.usesBuildFrom ? undefined : defaultBase(architecture)
}

const defaultBase = (architecture: Architecture): string => `ghcr.io/home-assistant/${architecture}-base:latest`

/** A default for every architecture stays, unlike with the retired builder. */
const keepsDefault = (dockerfile: Dockerfile): Finding => ({
  reason: 'own base',
  say: (list) =>
    notice(
      'plan/default-base',
      `No build.yaml names a base image for ${list}, so the default of BUILD_FROM in the Dockerfile is used. home-assistant/builder used "ghcr.io/home-assistant/{arch}-base:latest".`,
      'Nothing has to be done. To choose another base image, give BUILD_FROM in "build-args".',
      { file: dockerfile.file, line: 1, column: 1 },
    ),
})

/** What `args` builds on where no file names a base: it is not what the Dockerfile says. */
function onDefaultBase(
  dockerfile: Dockerfile,
  addon: Addon,
  architecture: Architecture,
  buildArguments: ReadonlyMap<string, string>,
): Finding {
  const others = new Map([...buildArguments].filter(([name]) => name !== 'BUILD_FROM'))
  const own = globalValue('BUILD_FROM', dockerfile, architecture, others)
  const why = addon.buildFrom.size > 0 ? '"build_from" has no image for' : 'No build.yaml names a base image for'
  return {
    reason: 'default base',
    say: (list, all) => {
      const bases = all.map((one) => quoted(defaultBase(one))).join(', ')
      const said = `${why} ${list}, so ${all.length === 1 ? 'it is' : 'they are'} built on ${bases}, as home-assistant/builder did.`
      return own === undefined || own === ''
        ? notice(
            'plan/default-base',
            said,
            'Nothing has to be done. To choose another base image, add it to "build_from", or remove "args" and write it into the Dockerfile.',
            addon.buildFromWhere,
          )
        : warning(
            'plan/default-base',
            `${said} The Dockerfile's own default ${quoted(own)} is not used.`,
            'Use inputs in place of "args" to build on the default of the Dockerfile, or add the base image to "build_from".',
            addon.buildFromWhere ?? { file: dockerfile.file, line: 1, column: 1 },
          )
    },
  }
}

/** Architectures that `build_from` leaves out while the Dockerfile has no default: one line for all of them. */
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
