import { type Diagnostic, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { Origin } from '../core/origin.ts'
import type { Login, Options } from '../inputs/options.ts'
import { imageNames, type Plan, type PlannedAddon } from '../plan/plan.ts'
import { keyOf } from '../registry/credentials.ts'
import { parseReference, parseRepository } from '../registry/name.ts'

type LoginOptions = Pick<
  Options,
  | 'logins'
  | 'push'
  | 'mode'
  | 'image'
  | 'otherImages'
  | 'multiArchImage'
  | 'otherMultiArchImages'
  | 'legacy'
  | 'baseline'
  | 'cache'
>

/** Everything that decides which registry gets a password. */
interface LoginSources {
  readonly plan: Pick<Plan, 'addons'>
  readonly options: LoginOptions
  readonly event: Pick<GitHubEvent, 'name' | 'owner' | 'actor'>
  readonly origin: Origin
  /** Registries that the base branch's files name; undefined: they were not read. */
  readonly baseBranch?: ReadonlySet<string>
}

/** A registry that gets no login because only files of this checkout name it. */
export interface Unnamed {
  readonly registry: string
  readonly addons: readonly PlannedAddon[]
}

interface DecidedLogins {
  readonly logins: readonly Required<Login>[]
  readonly unnamed: readonly Unnamed[]
}

/**
 * Which registry gets which login. Pure.
 * A login with a registry is used for that registry only. A login without one is used for the registries of the image names that inputs, or the default of
 * `image`, name; with `push` also for those that only the files name, if the files are the owner's or the base branch's files name the same registry.
 * In a terminal files do not count: the checked-out branch may come from anyone.
 * Without `push` a login is used only if the run pulls from that registry: a base image, a baseline, a cache, and with `mode: refresh` published images.
 * That mode reads what a push wrote, so it may use the same logins.
 */
export function decideLogins(sources: LoginSources): DecidedLogins {
  const { plan, options, event } = sources
  const pushes = isPushing(options) || options.mode === 'refresh'
  const pulled = pulledRegistries(plan, options)
  const complete = (registry: string, { username, password }: Login): Required<Login> => ({
    registry,
    username: username ?? event.actor,
    password,
  })
  const logins = options.logins.flatMap((login) => {
    if (login.registry === undefined) return []
    return pushes || pulled.has(keyOf(login.registry)) ? [complete(login.registry, login)] : []
  })
  const [open] = options.logins.filter(({ registry }) => registry === undefined)
  if (open === undefined) return { logins, unnamed: [] }
  const named = namedByInputs(options, event)
  const wanted = [...imageRegistries(plan)].filter(([key]) => pushes || pulled.has(key))
  const isAllowed = (key: string, addons: readonly PlannedAddon[]): boolean =>
    named.has(key) ||
    addons.every((addon) => isDefault(addon, event)) ||
    (pushes && filesCount(sources)) ||
    (pushes && sources.baseBranch?.has(key) === true)
  const allowed = wanted.filter(([key, { addons }]) => isAllowed(key, addons))
  const unnamed = wanted.filter(([key, { addons }]) => !isAllowed(key, addons)).map(([, one]) => one)
  return { logins: [...logins, ...allowed.map(([, { registry }]) => complete(registry, open))], unnamed }
}

export const isPushing = ({ push, mode }: LoginOptions): boolean => push || mode === 'publish'

/** Whether files may decide about logins. Not in a terminal: there the author of the branch is not known. */
const filesCount = ({ origin, event }: LoginSources): boolean => origin === 'owner' && event.name !== 'local'

/** `ghcr.io/{owner}/…`: the default image names. */
function isDefault(addon: PlannedAddon, { owner }: LoginSources['event']): boolean {
  return owner !== '' && imageNames(addon).every((name) => name.startsWith(`ghcr.io/${owner.toLowerCase()}/`))
}

/** The registries of all image names, by the key of Docker's login. */
function imageRegistries(plan: LoginSources['plan']): ReadonlyMap<string, Unnamed> {
  const found = new Map<string, { readonly registry: string; readonly addons: PlannedAddon[] }>()
  for (const addon of plan.addons) {
    for (const registry of new Set(imageNames(addon).map((name) => parseRepository(name).registry))) {
      const entry = found.get(keyOf(registry)) ?? { registry, addons: [] }
      entry.addons.push(addon)
      found.set(keyOf(registry), entry)
    }
  }
  return found
}

/** Registries that the run pulls from, with or without a login. */
function pulledRegistries(plan: LoginSources['plan'], { baseline, cache = [] }: LoginOptions): ReadonlySet<string> {
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const images = targets.map(({ image }) => image)
  const references = [
    ...targets.flatMap(({ pulls = [], baseImage }) => [...pulls, ...(baseImage === undefined ? [] : [baseImage])]),
    ...(baseline.kind === 'registry' ? [baseline.reference ?? images].flat() : baseline.kind === 'auto' ? images : []),
    ...cache.flatMap((one) =>
      one.kind === 'registry' ? (one.reference ?? images) : one.kind === 'inline' ? images : [],
    ),
  ]
  return new Set(references.map((reference) => keyOf(parseReference(reference).registry)))
}

/** Registries that the owner of the workflow names. Names that are filled in from files do not count. */
function namedByInputs(options: LoginOptions, event: LoginSources['event']): ReadonlySet<string> {
  const { image, otherImages, multiArchImage, otherMultiArchImages, legacy, baseline, cache = [] } = options
  const named = [
    ...[image, ...otherImages, multiArchImage, ...otherMultiArchImages].map(
      (template) => template && registryIn(template, event.owner),
    ),
    // `-d` is a name without its last part.
    legacy?.repository && !legacy.namesFromWords && registryIn(`${legacy.repository}/name`, event.owner),
    // `-i` is the last part; only with a slash does it name the registry.
    legacy?.image?.includes('/') && !legacy.namesFromWords && registryIn(legacy.image, event.owner),
    ...[baseline, ...cache].map((one) =>
      one.kind === 'registry' && one.reference ? parseReference(one.reference).registry : undefined,
    ),
  ]
  return new Set(named.flatMap((registry) => (registry ? keyOf(registry) : [])))
}

/**
 * The registry that a template names, or undefined if a value from a file decides it: `{slug}/name` is on Docker Hub, but a slug such as
 * `evil.example` makes it a registry. The owner comes from the event. Pure.
 */
export function registryIn(template: string, owner: string): string | undefined {
  const slash = template.indexOf('/')
  const first = (slash < 0 ? template : template.slice(0, slash))
    .replaceAll('{owner}', owner)
    .replaceAll('{arch}', 'arch')
  if (/[{}]/.test(first)) return undefined
  return parseRepository(slash < 0 ? first : `${first}/name`).registry.toLowerCase()
}

/** One diagnostic for all registries that get no login, at the first file that names one. */
export function describeUnnamed(unnamed: readonly Unnamed[], options: LoginOptions): Diagnostic | undefined {
  const [first] = unnamed
  if (first === undefined) return undefined
  const registries = unnamed.map(({ registry }) => registry)
  const several = registries.length > 1
  const where: SourceLocation | undefined = unnamed
    .flatMap(({ addons }) => addons)
    .find(({ imageWhere }) => imageWhere !== undefined)?.imageWhere
  const make = isPushing(options) ? warning : notice
  return make(
    'registry/not-named',
    `"password" is not sent to ${registries.join(' and ')}: only files of this checkout name ${several ? 'these registries' : 'this registry'}, and they may come from a pull request. The run continues without a login.`,
    several
      ? 'To send it, list each registry in "registry", with a line each in "username" and "password".'
      : `To send it, set "registry: ${first.registry}".`,
    where,
  )
}
