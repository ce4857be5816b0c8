import type { Addon } from '../addon/addon.ts'
import { type Architecture, architectures, platformOf } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { nearest } from '../core/suggest.ts'
import { automaticNames } from '../core/variables.ts'
import { baseOf, imagesOf, labelsInDockerfile, stageIndex } from '../dockerfile/base-of.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { fillTemplate } from '../inputs/template.ts'
import { annotationsFor } from './annotations.ts'
import { checkBase, type Finding, legacyBase, once, withoutBase } from './bases.ts'
import { buildArgumentsOf } from './build-arguments.ts'
import { tolerate } from './build-only.ts'
import { labelsOf, ociAnnotations } from './labels.ts'
import { imageOf, type Names, namesOf } from './names.ts'
import type { PlanOptions, PlanSetting } from './options.ts'
import type { PlannedAddon, Target } from './plan.ts'
import { branchOf, checkTags, defaultTags, tagsFor } from './tags.ts'
import { type UnlikeRelease, versionOf } from './version.ts'

/** Of an add-on that declares none. */
export const defaultArchitectures: readonly Architecture[] = ['amd64', 'aarch64']

/** Decides everything for one add-on: its names, tags, version, and the image of each architecture. */
export function planAddon(
  addon: Addon,
  options: PlanOptions,
  event: GitHubEvent,
  setting: Required<PlanSetting>,
): {
  readonly addon?: PlannedAddon
  readonly diagnostics: readonly Diagnostic[]
  readonly unlikeRelease?: UnlikeRelease
} {
  const { single, alone, tolerated } = setting
  const { version, diagnostics: ofVersion, unlikeRelease } = versionOf(addon, options, event, alone)
  const { names, diagnostics: ofNames } = namesOf(addon, version.text, options, event)
  const context = { version: version.text, slug: addon.slug, event }
  const { tags, diagnostics: ofTags } = tagsFor(
    options.tags ?? defaultTags(version.text, event, options.legacy),
    context,
  )
  // A version that cannot be a tag makes no good one in any template.
  const diagnostics = [...ofVersion, ...ofNames, ...(ofVersion.some(isError) ? [] : ofTags)]
  if (!diagnostics.some(isError)) diagnostics.push(...checkTags(tags, context, options))
  diagnostics.push(...shadowed(addon, version.text))
  const chosen = chooseArchitectures(addon, options, single)
  diagnostics.push(...chosen.diagnostics)
  const listTags = tags.filter((tag) => !tag.includes('{arch}'))
  const oneName = names.shared && options.legacy && options.multiArchImage === undefined
  // A job of a matrix has one of them, and the list is made where all are joined.
  const several = options.mode === 'build' ? addon.architectures.length > 1 : chosen.architectures.length > 1
  if (oneName && options.push) diagnostics.push(...underOneName(addon, chosen.architectures, names, several, options))
  const listName = oneName && options.push && several ? names.imageOf('amd64') : names.multiArch
  const list = listName !== undefined && (listTags.length > 0 || tags.length === 0) ? listName : undefined
  if (listName !== undefined && list === undefined) {
    diagnostics.push(
      notice(
        'plan/no-list-tag',
        `Every tag has "{arch}" in it, so none is left for "${listName}", the image for all architectures, and it is not made.`,
        'Add a tag without "{arch}" to "tags", or set "multi-arch-image" to false.',
      ),
    )
  }
  // With `args` it is what the workflow has always done.
  const partial = !oneName && isPartial(addon, chosen.architectures, options)
  if (partial && list !== undefined) diagnostics.push(partOfList(addon, chosen.architectures, list, names.shared))
  const published = options.push || !options.legacy
  if (names.shared && list === undefined && listTags.length > 0 && chosen.architectures.length > 1 && published) {
    diagnostics.push(
      error(
        'plan/architectures-share-name',
        `All architectures would be published as "${names.imageOf('amd64')}", each over the last.`,
        'Put "{arch}" into "image", or do not set "multi-arch-image" to false.',
        addon.image?.where,
      ),
    )
  }
  const lacking = withoutBase(addon, chosen.architectures, options)
  if (lacking) diagnostics.push(lacking.diagnostic)
  const findings: { readonly architecture: Architecture; readonly finding: Finding }[] = []
  const targets = chosen.architectures.flatMap((architecture) => {
    const lacks = lacking?.architectures.includes(architecture) === true
    if (lacks && !tolerated.has(lacking.diagnostic.code)) return []
    const planned = planTarget(
      addon,
      architecture,
      version.text,
      names,
      names.shared && list !== undefined ? ofArchitecture(tags) : tags,
      options,
      event,
    )
    // What an architecture lacks was said of all of them at once.
    if (!lacks) findings.push(...planned.findings.map((finding) => ({ architecture, finding })))
    return planned.target ? [planned.target] : []
  })
  diagnostics.push(...said(findings))
  // Without an image there is no manifest list either: an empty one would take the place of what is published.
  const told = tolerate(diagnostics, tolerated)
  if (told.some(isError) || targets.length === 0) return { diagnostics: told }
  const imageWhere = imageOf(addon, options)?.where
  return {
    ...(unlikeRelease && { unlikeRelease }),
    addon: {
      slug: addon.slug,
      name: addon.name,
      folder: addon.folder,
      version: version.text,
      ...(list !== undefined &&
        !partial && {
          multiArch: {
            image: list,
            tags: listTags,
            annotations: new Map([
              ...ociAnnotations(addon, version.text, event),
              ...annotationsFor(options.annotations, 'index'),
            ]),
          },
        }),
      ...(imageWhere && { imageWhere }),
      targets,
      ...(addon.cosign && { cosign: addon.cosign }),
    },
    diagnostics: told,
  }
}

/** What `args` publishes under a name without `{arch}`: the retired builder let each architecture take the tags from the one before. */
function underOneName(
  addon: Addon,
  chosen: readonly Architecture[],
  names: Names,
  several: boolean,
  { legacy }: PlanOptions,
): readonly Diagnostic[] {
  const name = names.imageOf('amd64')
  const where = legacy?.image === undefined && legacy?.repository === undefined ? addon.configImage?.where : undefined
  if (several) {
    return [
      notice(
        'plan/one-name',
        `"${name}" has no "{arch}" in it, so it is published as one image for ${chosen.join(', ')}; each architecture's own image has no tag.`,
        'Nothing has to be done. home-assistant/builder left the architecture that it pushed last.',
        where,
      ),
    ]
  }
  if (addon.architectures.length < 2) return []
  return [
    warning(
      'plan/one-name',
      `"${name}" has no "{arch}" in it: the image of ${chosen.join(', ')} takes the tags that those of other architectures have.`,
      'Build all architectures in one job ("--amd64 --aarch64"), which makes one image for all of them; or put "{arch}" into the name.',
      where,
    ),
  ]
}

/**
 * Fewer architectures than the add-on has are about to be published by this run alone: a list of them would take the others away from the devices
 * that have them. Who names the list has decided that.
 */
const isPartial = (addon: Addon, chosen: readonly Architecture[], options: PlanOptions): boolean =>
  options.push &&
  options.mode !== 'build' &&
  options.multiArchImage === undefined &&
  chosen.length > 0 &&
  chosen.length < addon.architectures.length

function partOfList(addon: Addon, chosen: readonly Architecture[], list: string, shared: boolean): Diagnostic {
  const of = `${chosen.join(', ')} of ${addon.architectures.join(', ')}`
  const remedy =
    'Leave "architectures" out; or build them in jobs of their own and join them ("mode: build", "mode: publish"); or name the list by "multi-arch-image".'
  return shared
    ? error(
        'plan/part-of-list',
        `Only ${of} would be published as "${list}", which is the image for all of them.`,
        remedy,
        addon.architecturesWhere,
      )
    : warning(
        'plan/part-of-list',
        `Only ${of} is published, so "${list}", the image for all of them, is left as it is.`,
        remedy,
        addon.architecturesWhere,
      )
}

/** Where architectures share a name, its tags are the manifest list's, but for those that name an architecture. */
const ofArchitecture = (tags: readonly string[]): readonly string[] => tags.filter((tag) => tag.includes('{arch}'))

/** A reason that several architectures share is said once. */
function said(
  findings: readonly { readonly architecture: Architecture; readonly finding: Finding }[],
): readonly Diagnostic[] {
  return [...Map.groupBy(findings, ({ finding }) => finding.reason).values()].flatMap((group) => {
    const all = group.map(({ architecture }) => architecture)
    return group.slice(0, 1).map(({ finding }) => finding.say(all.join(', '), all))
  })
}

function chooseArchitectures(
  addon: Addon,
  options: PlanOptions,
  single: boolean,
): { readonly architectures: readonly Architecture[]; readonly diagnostics: readonly Diagnostic[] } {
  const declared = addon.architectures
  if (!options.architectures) {
    return { architectures: declared.length > 0 ? declared : defaultArchitectures, diagnostics: [] }
  }
  if (declared.length === 0) return { architectures: options.architectures, diagnostics: [] }
  const both = architectures.filter((one) => declared.includes(one) && options.architectures?.includes(one))
  if (both.length > 0) return { architectures: both, diagnostics: [] }
  const make = single ? error : warning
  return {
    architectures: [],
    diagnostics: [
      make(
        'plan/no-architecture',
        `"${addon.slug}" is made for ${declared.join(', ')}, and only ${options.architectures.join(', ')} ${options.architectures.length === 1 ? 'is' : 'are'} asked for.`,
        'Correct "architectures", or "arch" in config.yaml.',
        addon.architecturesWhere,
      ),
    ],
  }
}

function planTarget(
  addon: Addon,
  architecture: Architecture,
  version: string,
  names: Names,
  tags: readonly string[],
  options: PlanOptions,
  event: GitHubEvent,
): { readonly target?: Target; readonly findings: readonly Finding[] } {
  const dockerfile = addon.dockerfiles.get(architecture) ?? addon.dockerfiles.get('default')
  if (!dockerfile) return { findings: [noDockerfile(addon)] }
  const given = (base: string | undefined) => buildArgumentsOf(addon, architecture, version, base, options, event)
  const declaredBase =
    addon.buildFrom.get(architecture) ?? legacyBase(dockerfile, architecture, given(undefined), options)
  const buildArguments = given(declaredBase)
  const stage = checkStage(dockerfile, options.stage)
  if (stage) return { findings: [once(stage)] }
  const findings = [...checkBase(addon, dockerfile, architecture, buildArguments, declaredBase, options)]
  const base = baseOf(dockerfile, options.stage, architecture, buildArguments)
  const pulls = [
    ...imagesOf(dockerfile, architecture, buildArguments).map(({ image }) => image),
    ...(dockerfile.takesFrom ?? []),
    ...[...options.buildContexts.values()].flatMap((value) => /^docker-image:\/\/(.*)$/.exec(value)?.[1] ?? []),
  ]
  const inDockerfile = labelsInDockerfile(dockerfile, options.stage, architecture, buildArguments)
  return {
    target: {
      id: `${addon.slug}/${architecture}`,
      addon: addon.slug,
      architecture,
      platform: platformOf(architecture),
      image: names.imageOf(architecture),
      tags: tags.map((tag) => tag.replaceAll('{arch}', architecture)),
      context: addon.folder,
      dockerfile: dockerfile.file,
      ...(options.stage !== undefined && { stage: options.stage }),
      ...('image' in base && { baseImage: base.image }),
      ...(pulls.length > 0 && { pulls: [...new Set(pulls)] }),
      buildArguments,
      buildContexts: options.buildContexts,
      labels: labelsOf(addon, architecture, version, options, event, inDockerfile),
      annotations: annotationsFor(options.annotations, 'manifest'),
      cacheScope: cacheScope(addon, architecture, version, options, event),
      run: addon.run,
    },
    findings,
  }
}

const noDockerfile = (addon: Addon): Finding => ({
  reason: 'no Dockerfile',
  say: (list, all) =>
    error(
      'plan/no-dockerfile',
      `"${addon.folder}" has no Dockerfile for ${list}: neither ${all.map((one) => `Dockerfile.${one}`).join(', ')} nor Dockerfile.`,
      `Add it, or remove ${list} from the architectures.`,
      addon.architecturesWhere,
    ),
})

function checkStage(dockerfile: Dockerfile, stage: string | undefined): Diagnostic | undefined {
  if (stage === undefined || stageIndex(dockerfile, stage) >= 0) return undefined
  const names = dockerfile.stages.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const near = nearest(stage, names)
  return error(
    'plan/unknown-stage',
    `The Dockerfile has no stage "${stage}".`,
    near !== undefined
      ? `Did you mean "${near}"?`
      : names.length > 0
        ? `It has: ${names.join(', ')}.`
        : 'Its stages have no names ("AS name").',
    { file: dockerfile.file, line: 1, column: 1 },
  )
}

/** `args` of build.yaml that take the place of what is set for every build. */
function shadowed(addon: Addon, version: string): readonly Diagnostic[] {
  return automaticNames.flatMap((name) => {
    const value = addon.buildArguments.get(name)
    if (value === undefined || (name === 'BUILD_VERSION' && value === version)) return []
    return [
      warning(
        'plan/fixed-argument',
        `build.yaml sets ${name} to "${value}" for good, in place of the one that is set for every build.`,
        'Remove it there.',
        addon.places.get(`args.${name}`),
      ),
    ]
  })
}

function cacheScope(
  addon: Addon,
  architecture: Architecture,
  version: string,
  options: PlanOptions,
  event: GitHubEvent,
): string {
  const template = options.cacheScope ?? '{slug}'
  const values = { slug: addon.slug, version, branch: branchOf(event) ?? 'none', arch: architecture }
  const scope = (fillTemplate(template, values) ?? template).replaceAll(/[^\w.-]+/g, '-')
  return template.includes('{arch}') ? scope : `${scope}-${architecture}`
}
