import pLimit from 'p-limit'
import { type Diagnostic, error, messageOf, type SourceLocation } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { enumerate, escapeControls } from '../core/text.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import { isRefused, isUnreachable, RegistryError } from '../registry/error.ts'
import { parseRepository, type Repository } from '../registry/name.ts'
import { pushRemedy } from '../registry/push-remedy.ts'

type AccessOptions = Pick<Options, 'mode' | 'image' | 'multiArchImage' | 'legacy'>

/** A repository that this job writes to. */
interface Destination {
  /** Without tag: `ghcr.io/org/aarch64-aicleaner`. */
  readonly name: string
  readonly repository: Repository
  /** Where a file names it; undefined: an input names it, or the default is used. */
  readonly where?: SourceLocation
}

const checksAtOnce = 6
/** Milliseconds. A slower registry is not checked before the images are published. */
const answerLimitMs = 20_000
/** Names listed in one message. */
const mostNames = 40

/** Every repository that this job writes to, each once. `mode: build` does not write the multi-architecture image. Pure. */
export function destinations(plan: Pick<Plan, 'addons'>, options: AccessOptions): readonly Destination[] {
  const { image, multiArchImage, legacy } = options
  const found = new Map<string, Destination>()
  const add = (name: string, where: SourceLocation | undefined): void => {
    const repository = parseRepository(name)
    const key = `${repository.host}/${repository.path}`
    if (!found.has(key)) found.set(key, { name, repository, ...(where && { where }) })
  }
  for (const { targets, multiArch, imageWhere } of plan.addons) {
    // An input wins over the files.
    const where = image === undefined && !legacy?.image && !legacy?.repository ? imageWhere : undefined
    for (const target of targets) add(target.image, where)
    // A job of `mode: build` pushes under the first name only.
    if (options.mode === 'build') continue
    for (const { image: name } of targets.flatMap(({ otherNames = [] }) => otherNames)) add(name, undefined)
    if (!multiArch) continue
    add(multiArch.image, multiArchImage === undefined ? where : undefined)
    for (const name of multiArch.otherImages ?? []) add(name, undefined)
  }
  return [...found.values()]
}

/**
 * Checks with each registry whether this run may push, before anything is built or moved: starts an upload with the login that publishing will use, and cancels it.
 * Returns an error for each location that names refused repositories. A response that says nothing about the login (no connection, 429, 5xx, an unsupported
 * method) is a line in the log, and publishing decides. Never rejects.
 */
export async function checkPushAccess(
  plan: Pick<Plan, 'addons'>,
  registry: Registry,
  options: AccessOptions,
  host: Host,
): Promise<readonly Diagnostic[]> {
  const limit = pLimit(checksAtOnce)
  const unreachable = new Set<string>()
  const noted = new Set<string>()
  const checkDestination = async (destination: Destination): Promise<Refused | undefined> => {
    const { repository } = destination
    if (unreachable.has(repository.host) || host.signal.aborted) return undefined
    const thrown = await answerOf(registry.checkPush(repository), host)
    if (thrown === undefined || host.signal.aborted) return undefined
    if (isRefused(thrown)) return { ...destination, answer: thrown.message }
    // Its other repositories would only time out as well.
    if (isUnreachable(thrown)) unreachable.add(repository.host)
    if (!noted.has(repository.host)) {
      host.log.info(`Cannot check yet whether this run may push to ${repository.registry}: ${messageOf(thrown)}`)
    }
    noted.add(repository.host)
    return undefined
  }
  const answers = await Promise.all(destinations(plan, options).map((one) => limit(() => checkDestination(one))))
  const refused = answers.filter((one) => one !== undefined)
  return describeRefused(refused, registry, host)
}

interface Refused extends Destination {
  /** The response of the registry. */
  readonly answer: string
}

/** The error that the work rejects with; undefined if it succeeds. */
async function answerOf(work: Promise<void>, { clock, signal }: Host): Promise<unknown> {
  const over = new AbortController()
  const late = clock
    .sleep(answerLimitMs, AbortSignal.any([over.signal, signal]))
    .then(() => new RegistryError('CONNECTION_FAILED', `no response within ${answerLimitMs / 1000} s.`))
  try {
    return await Promise.race([
      work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
      late,
    ])
  } finally {
    over.abort()
  }
}

/** One problem for all names of one registry at one location. */
function describeRefused(refused: readonly Refused[], registry: Registry, host: Host): Promise<readonly Diagnostic[]> {
  const groups = Map.groupBy(refused, ({ repository, where }) => JSON.stringify([repository.host, where]))
  // A login may be in a credential helper, which is a process.
  const users = new Map<string, Promise<string | undefined>>()
  const userOf = (repository: Repository): Promise<string | undefined> => {
    const user = users.get(repository.host) ?? registry.userOf(repository)
    users.set(repository.host, user)
    return user
  }
  const describe = async ({ repository, answer, where }: Refused, names: readonly string[]): Promise<Diagnostic> => {
    const user = await userOf(repository)
    return error(
      'publish/refused',
      host.log.redact(`${subjectOf(user)} may not push to ${enumerate(names, mostNames)}: ${answer}`),
      pushRemedy({ registries: [repository.registry], loggedIn: user !== undefined }, host),
      where,
    )
  }
  const named = [...groups.values()].map((group) => [group, group.map(({ name }) => name)] as const)
  return Promise.all(named.flatMap(([[first], names]) => (first ? describe(first, names) : [])))
}

function subjectOf(user: string | undefined): string {
  if (user === undefined) return 'Without a login this run'
  return user === '<token>'
    ? 'The identity token of an earlier login'
    : `The login "${escapeControls(user.slice(0, 100))}"`
}
