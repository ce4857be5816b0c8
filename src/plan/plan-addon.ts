import type { Addon } from '../addon/addon.ts'
import { type Architecture, architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { automaticNames } from '../core/variables.ts'
import type { PlanOptions } from '../inputs/options.ts'
import { annotationsFor } from './annotations.ts'
import { type SharedProblem, withoutBase } from './bases.ts'
import { asWarnings } from './build-only.ts'
import { channelOf } from './channel.ts'
import type { AddonContext, PlanSetting } from './context.ts'
import { ociAnnotations } from './labels.ts'
import { manifestListOf } from './manifest-list.ts'
import { imageOf, type Names, namesOf } from './names.ts'
import type { PlannedAddon, TaggedName, Target } from './plan.ts'
import { planTarget } from './plan-target.ts'
import { checkTags, defaultTags, tagsFor } from './tags.ts'
import { type UnlikeRelease, versionOf } from './version.ts'

/** Architectures of an add-on that declares none. */
export const defaultArchitectures: readonly Architecture[] = ['amd64', 'aarch64']

/** Decides everything for one add-on: its names, tags, version, and the image of each architecture. */
export function planAddon(
  addon: Addon,
  options: PlanOptions,
  event: GitHubEvent,
  { single, alone, downgraded }: Required<PlanSetting>,
): {
  readonly addon?: PlannedAddon
  readonly diagnostics: readonly Diagnostic[]
  readonly unlikeRelease?: UnlikeRelease
} {
  const {
    version,
    where: versionWhere,
    diagnostics: ofVersion,
    unlikeRelease,
  } = versionOf(addon, options, event, alone)
  const { names, diagnostics: ofNames } = namesOf(addon, version, options, event)
  const context: AddonContext = { addon, version, names, options, event }
  const tagContext = { version, slug: addon.slug, event, channel: channelOf(event, version, options) }
  const templates = options.tags ?? defaultTags(version, event, options.legacy)
  const { tags, diagnostics: ofTags } = tagsFor(templates, tagContext)
  // A version that is not valid as a tag makes every template invalid.
  const diagnostics = [...ofVersion, ...ofNames, ...(ofVersion.some(isError) ? [] : ofTags)]
  if (!diagnostics.some(isError)) diagnostics.push(...checkTags(tags, tagContext, options))
  diagnostics.push(...shadowed(addon, version))
  const chosen = chooseArchitectures(addon, options, single)
  const list = manifestListOf(context, chosen.architectures, tags)
  const lacking = withoutBase(addon, chosen.architectures, options)
  diagnostics.push(...chosen.diagnostics, ...list.diagnostics, ...(lacking ? [lacking.diagnostic] : []))
  // If architectures share a name, the manifest list has its tags, except those that name an architecture.
  const targetTags = tagsUnder(names.shared, list.name !== undefined, tags)
  const problems: (readonly [Architecture, SharedProblem])[] = []
  const lists = list.name === undefined ? [] : [list.name, ...names.otherLists]
  diagnostics.push(...withoutTags(names, lists, tags, chosen.architectures))
  const targets = chosen.architectures.flatMap((architecture) => {
    const lacks = lacking?.architectures.includes(architecture) === true
    if (lacks && !downgraded.has(lacking.diagnostic.code)) return []
    const planned = planTarget(context, architecture, targetTags, otherNames(names, lists, tags, architecture))
    // If its base image is missing, that was reported for all architectures together.
    if (!lacks) problems.push(...planned.problems.map((problem) => [architecture, problem] as const))
    return planned.target ? [planned.target] : []
  })
  diagnostics.push(...merged(problems))
  const reported = asWarnings(diagnostics, downgraded)
  // Without an image there is no manifest list either: an empty one would replace the published one.
  if (reported.some(isError) || targets.length === 0) return { diagnostics: reported }
  const imageWhere = imageOf(addon, options)?.where
  const annotations = new Map([
    ...ociAnnotations(addon, version, event),
    ...annotationsFor(options.annotations, 'index'),
  ])
  return {
    ...(unlikeRelease && { unlikeRelease }),
    addon: {
      slug: addon.slug,
      name: addon.name,
      folder: addon.folder,
      version,
      ...(list.name !== undefined &&
        list.isCreated && {
          multiArch: {
            image: list.name,
            tags: list.tags,
            ...(names.otherLists.length > 0 && { otherImages: names.otherLists }),
            annotations,
          },
        }),
      ...(versionWhere && { versionWhere }),
      ...pulledImage(addon, targets),
      ...(imageWhere && { imageWhere }),
      targets,
      ...(addon.cosign && { cosign: addon.cosign }),
    },
    diagnostics: reported,
  }
}

/** The Supervisor replaces only `{arch}`. */
const pulledImage = ({ configImage }: Addon, [first]: readonly Target[]): Pick<PlannedAddon, 'pulledImage'> =>
  configImage && first ? { pulledImage: configImage.value.replaceAll('{arch}', first.architecture).toLowerCase() } : {}

/** Tags of an image under a name that all architectures share: only those that name the architecture, if a list has the others. */
const tagsUnder = (shared: boolean, hasList: boolean, tags: readonly string[]): readonly string[] =>
  shared && hasList ? tags.filter((tag) => tag.includes('{arch}')) : tags

/** The names from the further lines of the input `image`. */
const otherNames = (
  names: Names,
  lists: readonly string[],
  tags: readonly string[],
  architecture: Architecture,
): readonly TaggedName[] =>
  names.others.map(({ imageOf: nameOf, shared }) => ({
    image: nameOf(architecture),
    tags: tagsUnder(shared, lists.includes(nameOf(architecture)), tags),
  }))

/** Further names without `{arch}` that no manifest list has: each architecture would overwrite the one before. */
function* withoutTags(
  names: Names,
  lists: readonly string[],
  tags: readonly string[],
  chosen: readonly Architecture[],
): Generator<Diagnostic> {
  for (const { imageOf: nameOf, shared } of names.others) {
    const name = nameOf('amd64')
    if (!shared || lists.includes(name) || chosen.length < 2 || tags.every((tag) => tag.includes('{arch}'))) continue
    yield error(
      'plan/architectures-share-name',
      `All architectures would be published as "${name}", and each would overwrite the one before.`,
      'Add "{arch}" to this line of "image", or add the name to "multi-arch-image".',
    )
  }
}

/** A problem that several architectures share is reported once. They share it if its message differs only in their names. */
function merged(problems: readonly (readonly [Architecture, SharedProblem])[]): readonly Diagnostic[] {
  const diagnose = (problem: SharedProblem, all: readonly Architecture[]): Diagnostic =>
    typeof problem === 'function' ? problem(all.join(', '), all) : problem
  const groups = Map.groupBy(problems, ([, problem]) => JSON.stringify(diagnose(problem, [])))
  return [...groups.values()].flatMap((group) => {
    const all = group.map(([architecture]) => architecture)
    return group.slice(0, 1).map(([, problem]) => diagnose(problem, all))
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
        `"${addon.slug}" supports ${declared.join(', ')}, but only ${options.architectures.join(', ')} ${options.architectures.length === 1 ? 'is' : 'are'} requested.`,
        'Correct "architectures", or "arch" in config.yaml.',
        addon.architecturesWhere,
      ),
    ],
  }
}

/** `args` of build.yaml that override automatic arguments. */
function* shadowed(addon: Addon, version: string): Generator<Diagnostic> {
  for (const name of automaticNames) {
    const value = addon.buildArguments.get(name)
    if (value === undefined || (name === 'BUILD_VERSION' && value === version)) continue
    yield warning(
      'plan/fixed-argument',
      `build.yaml always sets ${name} to "${value}", which overrides the automatic value.`,
      'Remove it from build.yaml.',
      addon.locations.get(`args.${name}`),
    )
  }
}
