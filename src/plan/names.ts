import type { Addon } from '../addon/addon.ts'
import { architectureInName } from '../addon/config/base-image.ts'
import { type Architecture, architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { isImageName } from '../core/image-reference.ts'
import { isWrong, quoted, quotedList } from '../core/parsed.ts'
import { trimEndChars } from '../core/text.ts'
import type { PlanOptions } from '../inputs/options.ts'
import { checkTemplate, fillTemplate, imagePlaceholders } from '../inputs/template.ts'
import { channelOf } from './channel.ts'

export interface Names {
  /** Name of an architecture's image, without tag. */
  readonly imageOf: (architecture: Architecture) => string
  /** The same for the further lines of the input `image`. */
  readonly others: readonly Pick<Names, 'imageOf' | 'shared'>[]
  /** Further names of the manifest list. */
  readonly otherLists: readonly string[]
  /** Name of the manifest list; undefined: there is none. */
  readonly multiArch?: string
  /** All architectures share one name, so only the manifest list has tags. */
  readonly shared: boolean
}

type NameOptions = Pick<
  PlanOptions,
  'image' | 'otherImages' | 'multiArchImage' | 'otherMultiArchImages' | 'legacy' | 'push' | 'channel'
>

/** The image names of one add-on: `{arch}-name`, `name/{arch}` or a name for all architectures. */
export function namesOf(
  addon: Addon,
  version: string,
  options: NameOptions,
  event: GitHubEvent,
): { readonly names: Names; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const { template, where: whereTemplate } = templateOf(addon, options, event, diagnostics)
  const where = whereTemplate ?? (template.includes('{slug}') ? addon.slugWhere : undefined)
  const channel = channelOf(event, version, options)
  const values = {
    slug: addon.slug.toLowerCase(),
    owner: event.owner.toLowerCase(),
    version: version.toLowerCase(),
    // Without a value the name is refused below, only once.
    channel: channel ?? 'none',
  }
  const fill = (text: string, arch?: string) =>
    fillTemplate(text, { ...values, ...(arch !== undefined && { arch }) }) ?? text
  const list = listTemplate(template, options)
  const otherTemplates = [...options.otherImages, ...otherListTemplates(options)]
  const templates = [template, list, ...otherTemplates]
  const unfilled = channel === undefined ? templates.find((one) => one?.includes('{channel}')) : undefined
  if (unfilled !== undefined) diagnostics.push(noChannel(unfilled, event, where))
  const sample = fill(template, 'aarch64')
  const listName = list === undefined ? undefined : fill(list)
  const ofOne = checkName(template, sample, where, diagnostics)
  // A problem of a name is also one of a name that is derived from it.
  const isNew = listName !== undefined && listName !== sample && (diagnostics.length === 0 || options.multiArchImage)
  const unusual = [...ofOne, ...(isNew ? checkName(list ?? '', listName, where, diagnostics) : [])]
  const others = otherTemplates.flatMap((one) => checkName(one, fill(one, 'aarch64'), undefined, diagnostics))
  if (unusual.length + others.length > 0) diagnostics.push(lowerCased([...unusual, ...others], where))
  if (list === undefined && options.multiArchImage === undefined && !options.legacy) {
    diagnostics.push(
      warning(
        'plan/no-multi-arch-name',
        `Without "{arch}", nothing remains of the name "${template}", so no multi-architecture image is created.`,
        'Set "multi-arch-image" to a name, or to false.',
        where,
      ),
    )
  }
  const namesFrom = (one: string): Pick<Names, 'imageOf' | 'shared'> => ({
    imageOf: (architecture) => fill(one, architecture).toLowerCase(),
    shared: !one.includes('{arch}'),
  })
  const names: Names = {
    ...namesFrom(template),
    others: unique(options.otherImages.map(namesFrom), ({ imageOf: nameOf }) => nameOf('aarch64')).filter(
      ({ imageOf: nameOf }) => nameOf('aarch64') !== sample.toLowerCase(),
    ),
    otherLists: unique(
      otherListTemplates(options).map((one) => fill(one).toLowerCase()),
      (name) => name,
    ).filter((name) => name !== listName?.toLowerCase()),
    ...(listName !== undefined && { multiArch: listName.toLowerCase() }),
  }
  diagnostics.push(...listUnderImage(names))
  if (!diagnostics.some(isError)) diagnostics.push(...checkSchemes(addon, names, fill))
  return { names, diagnostics }
}

/** A name that is given twice counts once. */
const unique = <T>(values: readonly T[], keyOf: (value: T) => string): readonly T[] => [
  ...new Map(values.map((value) => [keyOf(value), value])).values(),
]

/** A manifest list must not take the name of the image of one architecture. */
function* listUnderImage(names: Names): Generator<Diagnostic> {
  const lists = [...(names.multiArch === undefined ? [] : [names.multiArch]), ...names.otherLists]
  const images = [names, ...names.others].filter(({ shared }) => !shared)
  for (const list of lists) {
    const same = architectures.find((one) => images.some(({ imageOf: nameOf }) => nameOf(one) === list))
    if (same === undefined) continue
    const problem = `The image for all architectures would be published as "${list}", which is the image of ${same}.`
    yield error('plan/same-image', problem, 'Set "multi-arch-image" to another name, or to false.')
  }
}

/** Checks that the Supervisor will pull the names that are published, and that a name for all architectures does not contain that of one. */
function* checkSchemes(
  addon: Addon,
  names: Names,
  fill: (text: string, arch?: string) => string,
): Generator<Diagnostic> {
  const asked = addon.configImage
  if (asked) {
    const generic = !asked.value.includes('{arch}')
    const published = (generic ? names.multiArch : undefined) ?? names.imageOf('aarch64')
    if (fill(asked.value, 'aarch64').toLowerCase() !== published) {
      yield warning(
        'plan/image-differs',
        `The Supervisor will pull "${asked.value}", but the images are published as "${generic ? published : published.replace('aarch64', '{arch}')}".`,
        'Use the same name in "image" of config.yaml.',
        asked.where,
      )
    }
    if (/\{(?!arch\})/.test(asked.value)) {
      yield warning(
        'plan/image-placeholder',
        `The Supervisor replaces only "{arch}" and would pull ${quoted(asked.value)} unchanged.`,
        `Write "${fill(asked.value, '{arch}')}".`,
        asked.where,
      )
    }
  }
  const named = names.shared ? architectureInName(names.imageOf('amd64')) : undefined
  if (named) {
    yield warning(
      'plan/name-says-architecture',
      `All architectures are published as "${names.imageOf('amd64')}", but the name contains ${named}.`,
      `Write "{arch}" instead of "${named}".`,
      addon.image?.where,
    )
  }
}

/** The image name in the files. The retired builder read only that of config.yaml. */
export const imageOf = (addon: Addon, { legacy }: Pick<NameOptions, 'legacy'>): Addon['image'] =>
  (legacy && addon.configImage) ?? addon.image

function templateOf(
  addon: Addon,
  options: NameOptions,
  event: GitHubEvent,
  diagnostics: Diagnostic[],
): { readonly template: string; readonly where?: SourceLocation } {
  if (options.image !== undefined) return { template: options.image }
  const fromFiles = imageOf(addon, options)
  if (fromFiles) {
    const checked = checkTemplate(fromFiles.value, imagePlaceholders)
    if (isWrong(checked)) {
      diagnostics.push(error('plan/bad-template', checked.problem, checked.remedy, fromFiles.where))
      return { template: 'invalid/{arch}-name', where: fromFiles.where }
    }
  }
  const legacy = legacyTemplate(fromFiles?.value, options.legacy)
  if (legacy !== undefined) return { template: legacy }
  if (fromFiles) return { template: fromFiles.value, where: fromFiles.where }
  if (event.owner !== '') return { template: 'ghcr.io/{owner}/{arch}-{slug}' }
  if (options.push) {
    const remedy = 'Set the input "image", for example "ghcr.io/you/{arch}-{slug}".'
    diagnostics.push(error('plan/no-image', 'There is no image name to push to.', remedy))
  }
  return { template: 'local/{arch}-{slug}' }
}

/** `-i` replaced the last part of the name, `-d` everything before it. Source: builder.sh, run_build. */
function legacyTemplate(image: string | undefined, legacy: PlanOptions['legacy']): string | undefined {
  if (legacy?.image === undefined && legacy?.repository === undefined) return undefined
  const cut = image?.lastIndexOf('/') ?? -1
  const repository = legacy.repository ?? (image === undefined || cut < 0 ? undefined : image.slice(0, cut))
  const last = legacy.image ?? (image === undefined ? '{arch}-{slug}' : image.slice(cut + 1))
  return repository === undefined ? last : `${repository}/${last}`
}

function listTemplate(template: string, { multiArchImage, legacy }: NameOptions): string | undefined {
  if (multiArchImage !== undefined) return multiArchImage || undefined
  // The retired builder created no manifest list.
  return legacy ? undefined : withoutArchitecture(template)
}

/** Names of the list from the further lines of `multi-arch-image`, or else of `image`. */
function otherListTemplates(options: NameOptions): readonly string[] {
  const { multiArchImage, otherMultiArchImages, otherImages, legacy } = options
  if (multiArchImage !== undefined) return otherMultiArchImages
  return legacy ? [] : otherImages.flatMap((one) => withoutArchitecture(one) ?? [])
}

/** Registries in which names begin with an owner; Docker Hub is the one without a host name. */
const withOwner: ReadonlySet<string> = new Set(['', 'docker.io', 'ghcr.io', 'quay.io'])

/** `ghcr.io/org/{arch}-name` and `ghcr.io/org/name/{arch}` → `ghcr.io/org/name`; undefined if no name remains. */
export function withoutArchitecture(template: string): string | undefined {
  const parts = template.split('/')
  const left = parts.map(withoutPlaceholder).filter((part) => part !== '')
  const [first = ''] = left
  const host = parts.length > 1 && /[.:]|^localhost$/.test(first) ? first : ''
  const path = host === '' ? left : left.slice(1)
  // `ghcr.io/org/{arch}`: only the owner remains.
  const onlyOwner = path.length === 1 && left.length < parts.length && withOwner.has(host)
  return path.length === 0 || onlyOwner ? undefined : left.join('/')
}

/** Removes each `{arch}` with the separators before it, or else those after it. */
function withoutPlaceholder(part: string): string {
  const [first = '', ...others] = part.split('{arch}')
  return others.reduce((joined, other) => {
    const left = trimEndChars(joined, '-_.')
    return left + (left === joined ? other.replace(/^[-_.]+/, '') : other)
  }, first)
}

/** @returns the name if it has capitals. */
function checkName(
  template: string,
  name: string,
  where: SourceLocation | undefined,
  diagnostics: Diagnostic[],
): readonly string[] {
  const lower = name.toLowerCase()
  if (!isImageName(lower)) {
    diagnostics.push(
      error(
        'plan/bad-name',
        `${quoted(name)}${template === name ? '' : `, the result of ${quoted(template)},`} is not a valid image name.`,
        name.length > 255
          ? 'Use at most 255 characters.'
          : 'Use lower-case letters and digits, "." "_" or "-" between them, "/" between parts, and no tag.',
        where,
      ),
    )
    return []
  }
  return lower === name ? [] : [name]
}

const noChannel = (template: string, event: GitHubEvent, where: SourceLocation | undefined): Diagnostic =>
  error(
    'plan/no-channel',
    `${quoted(template)} has the placeholder "{channel}", which has no value ${event.name === 'local' ? 'in a terminal' : `for this ${event.name} event`}.`,
    'Set the input "channel", for example to "dev".',
    where,
  )

const lowerCased = (names: readonly string[], where: SourceLocation | undefined): Diagnostic =>
  notice(
    'plan/lower-cased',
    `Registries accept only lower-case names, so ${quotedList(names, ' and ')} ${names.length === 1 ? 'is' : 'are'} converted to lower case.`,
    'Write it in lower case, because the Supervisor rejects capitals.',
    where,
  )
