import type { Addon } from '../addon/addon.ts'
import type { Architecture } from '../core/architecture.ts'
import { type Diagnostic, error, notice, warning } from '../core/diagnostics.ts'
import type { AddonContext } from './context.ts'

interface ManifestList {
  /** Undefined: no list has the tags. */
  readonly name: string | undefined
  /** Tags without `{arch}`. */
  readonly tags: readonly string[]
  /** `false`: this run does not create the list, although another one may. */
  readonly isCreated: boolean
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * The image for all architectures.
 * @param chosen the architectures that are built.
 * @param allTags tags of the add-on, with `{arch}` still in them.
 */
export function manifestListOf(
  context: AddonContext,
  chosen: readonly Architecture[],
  allTags: readonly string[],
): ManifestList {
  const { addon, names, options } = context
  const diagnostics: Diagnostic[] = []
  const tags = allTags.filter((tag) => !tag.includes('{arch}'))
  const oneName = names.shared && options.legacy && options.multiArchImage === undefined
  // A job of a matrix builds one architecture, and the list is created by the job that combines them.
  const several = options.mode === 'build' ? addon.architectures.length > 1 : chosen.length > 1
  if (oneName && options.push) diagnostics.push(...underOneName(context, chosen, several))
  const wanted = oneName && options.push && several ? names.imageOf('amd64') : names.multiArch
  const name = wanted !== undefined && (tags.length > 0 || allTags.length === 0) ? wanted : undefined
  if (wanted !== undefined && name === undefined) {
    const problem = `Every tag contains "{arch}", so none remains for "${wanted}", the image for all architectures, which is not created.`
    const remedy = 'Add a tag without "{arch}" to "tags", or set "multi-arch-image" to false.'
    diagnostics.push(notice('plan/no-list-tag', problem, remedy))
  }
  // With `args` and one name, the workflow has always published just the architectures that it built.
  const partial = !oneName && isPartial(context, chosen)
  if (partial && name !== undefined) diagnostics.push(partOfList(addon, chosen, name, names.shared))
  const published = options.push || !options.legacy
  if (names.shared && name === undefined && tags.length > 0 && chosen.length > 1 && published) {
    diagnostics.push(
      error(
        'plan/architectures-share-name',
        `All architectures would be published as "${names.imageOf('amd64')}", and each would overwrite the one before.`,
        'Add "{arch}" to "image", or do not set "multi-arch-image" to false.',
        addon.image?.where,
      ),
    )
  }
  return { name, tags, isCreated: name !== undefined && !partial, diagnostics }
}

/** With `args`, a name without `{arch}`: in the retired builder, each architecture took the tags from the one before. */
function* underOneName(
  { addon, names, options: { legacy } }: AddonContext,
  chosen: readonly Architecture[],
  several: boolean,
): Generator<Diagnostic> {
  const name = names.imageOf('amd64')
  const where = legacy?.image === undefined && legacy?.repository === undefined ? addon.configImage?.where : undefined
  if (several) {
    yield notice(
      'plan/one-name',
      `"${name}" does not contain "{arch}", so it is published as one image for ${chosen.join(', ')}. The images of single architectures have no tag.`,
      'No action is needed. With home-assistant/builder, only the architecture that was pushed last remained.',
      where,
    )
  } else if (addon.architectures.length > 1) {
    yield warning(
      'plan/one-name',
      `"${name}" does not contain "{arch}": the image of ${chosen.join(', ')} takes the tags of the images of other architectures.`,
      'Build all architectures in one job ("--amd64 --aarch64"), which creates one image for all of them, or add "{arch}" to the name.',
      where,
    )
  }
}

/**
 * This run alone publishes fewer architectures than the add-on has: a list of only these would take the others away from devices. With an explicit name
 * for the list, this is intended.
 */
const isPartial = ({ addon, options }: AddonContext, chosen: readonly Architecture[]): boolean =>
  options.push &&
  options.mode !== 'build' &&
  options.multiArchImage === undefined &&
  chosen.length > 0 &&
  chosen.length < addon.architectures.length

function partOfList(addon: Addon, chosen: readonly Architecture[], list: string, shared: boolean): Diagnostic {
  const of = `${chosen.join(', ')} of ${addon.architectures.join(', ')}`
  const make = shared ? error : warning
  return make(
    'plan/part-of-list',
    shared
      ? `Only ${of} would be published as "${list}", which is the image for all of them.`
      : `Only ${of} is published, so "${list}", the image for all of them, is not changed.`,
    'Remove "architectures", or build them in separate jobs and combine them ("mode: build", "mode: publish"), or set the name of the list in "multi-arch-image".',
    addon.architecturesWhere,
  )
}
