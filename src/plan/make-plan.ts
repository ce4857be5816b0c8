import type { Addon } from '../addon/addon.ts'
import { architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { PlanOptions } from '../inputs/options.ts'
import { asWarnings } from './build-only.ts'
import type { PlanSetting } from './context.ts'
import { matrixOf } from './matrix.ts'
import { imageNames, type Plan, type PlannedAddon } from './plan.ts'
import { defaultArchitectures, planAddon } from './plan-addon.ts'
import { releaseDiffers } from './version.ts'

/**
 * Decides everything. Pure: the same add-ons, options and event result in the same plan. No plan if there is an error.
 */
export function makePlan(
  addons: readonly Addon[],
  options: PlanOptions,
  event: GitHubEvent,
  setting: PlanSetting = {},
): { readonly plan?: Plan; readonly diagnostics: readonly Diagnostic[] } {
  const { single = addons.length === 1, alone = single, downgraded = new Set<string>() } = setting
  const planned = addons.map((addon) => planAddon(addon, options, event, { single, alone, downgraded }))
  const done = planned.flatMap(({ addon }) => (addon ? [addon] : []))
  const diagnostics = [
    ...planned.flatMap((one) => one.diagnostics),
    ...releaseDiffers(planned.flatMap(({ unlikeRelease }) => (unlikeRelease ? [unlikeRelease] : []))),
    ...asWarnings(sameNames(addons, done), downgraded),
    ...deprecation(addons),
    ...leftOut(addons, options),
  ]
  if (addons.length > 0 && done.length === 0 && !diagnostics.some(isError)) diagnostics.push(nothingLeft(options))
  if (diagnostics.some(isError)) return { diagnostics }
  const plan = { addons: done, matrix: { include: matrixOf(done, options.runners) }, diagnostics }
  return { plan: isPartOfAll(addons, options) ? { ...plan, partial: true } : plan, diagnostics }
}

const isPartOfAll = (addons: readonly Addon[], { architectures: wanted }: PlanOptions): boolean =>
  wanted !== undefined &&
  addons.some(({ architectures: declared }) =>
    (declared.length > 0 ? declared : defaultArchitectures).some((one) => !wanted.includes(one)),
  )

/** Two add-ons must not publish to one name, nor share a cache. */
function sameNames(addons: readonly Addon[], planned: readonly PlannedAddon[]): readonly Diagnostic[] {
  const slugs = [...sameSlugs(addons)]
  return slugs.length > 0 ? slugs : [...sameImages(addons, planned)]
}

function* sameSlugs(addons: readonly Addon[]): Generator<Diagnostic> {
  const slugs = new Map<string, Addon>()
  for (const addon of addons) {
    const other = slugs.get(addon.slug.toLowerCase())
    slugs.set(addon.slug.toLowerCase(), addon)
    if (!other) continue
    yield error(
      'plan/same-slug',
      `"${addon.folder}" and "${other.folder}" have the same slug "${addon.slug}".`,
      'Give each add-on a unique slug, or build them separately ("target").',
      slugLocation(addon),
    )
  }
}

function* sameImages(addons: readonly Addon[], planned: readonly PlannedAddon[]): Generator<Diagnostic> {
  const images = new Map<string, PlannedAddon>()
  for (const addon of planned) {
    const names = imageNames(addon)
    const taken = names.find((image) => images.has(image))
    if (taken !== undefined) {
      yield error(
        'plan/same-image',
        `"${addon.folder}" and "${images.get(taken)?.folder}" would both be published as "${taken}".`,
        'Use "{slug}" in the input "image", or set a different "image" in each config.yaml.',
        addons.find(({ folder }) => folder === addon.folder)?.image?.where,
      )
    }
    for (const image of names) images.set(image, addon)
  }
}

/** One message for the whole run, however many files there are. */
function* deprecation(addons: readonly Addon[]): Generator<Diagnostic> {
  const files = addons.flatMap(({ files: { build } }) => build ?? [])
  const [first] = files
  if (first === undefined) return
  const others = files.length === 1 ? '' : ` ${files.length} add-ons here have one.`
  yield notice(
    'build-yaml/deprecated',
    `Home Assistant has deprecated build.yaml. The Supervisor warns about it since 2026.04.${others}`,
    'It still works here. Run "aicleaner-build migrate" to see the change that moves it into the Dockerfile.',
    { file: first, line: 1, column: 1 },
  )
}

const nothingLeft = ({ architectures: wanted = [] }: PlanOptions): Diagnostic =>
  error(
    'plan/no-architecture',
    `No add-on supports ${wanted.join(', ')}, so there is nothing to build.`,
    'Correct "architectures", or "arch" in config.yaml.',
  )

/** Requested architectures that no add-on has. `--all` of the retired builder meant all that the add-on has. */
function* leftOut(addons: readonly Addon[], options: PlanOptions): Generator<Diagnostic> {
  const wanted = options.architectures
  const fromArgs = options.legacy !== undefined && options.legacy.architectures === wanted
  if (!wanted || addons.length === 0 || (fromArgs && wanted.length === architectures.length)) return
  const missing = architectures.filter(
    (one) =>
      wanted.includes(one) &&
      addons.every((addon) => addon.architectures.length > 0 && !addon.architectures.includes(one)),
  )
  if (missing.length === 0 || missing.length === wanted.length) return
  const [are, them] = missing.length > 1 ? ['are', 'them'] : ['is', 'it']
  const undeclared = addons.length === 1 ? 'the add-on does not declare' : 'no add-on declares'
  const source = fromArgs
    ? `${missing.map((one) => `"--${one}"`).join(', ')} from "args"`
    : `${them} from "architectures"`
  yield warning(
    'plan/architecture-left-out',
    `${missing.join(', ')} ${are} not built: ${undeclared} ${them}.`,
    `Add ${them} to "arch" in config.yaml, or remove ${source}.`,
    addons.length === 1 ? addons[0]?.architecturesWhere : undefined,
  )
}

function slugLocation({ slugWhere, files }: Addon): SourceLocation | undefined {
  const file = files.config ?? files.build
  return slugWhere ?? (file === undefined ? undefined : { file, line: 1, column: 1 })
}
