import { type Diagnostic, messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { originOf } from '../core/origin.ts'
import { clientOf } from '../github/open-client.ts'
import type { Login, Options } from '../inputs/options.ts'
import type { Plan } from '../plan/plan.ts'
import { keyOf } from '../registry/credentials.ts'
import { decideLogins, describeUnnamed, isPushing, registryIn, type Unnamed } from './logins.ts'

/** Maximum add-ons whose files are read from the base branch. */
const mostFolders = 20

/**
 * The logins of this run, each for one registry. GitHub is asked for the base branch's files only if a pull request of the same repository would publish
 * to a registry that nothing else names. Masks every password, also of logins that are not used.
 * Never rejects: a registry that cannot be confirmed gets no login, and a diagnostic.
 */
export async function openLogins(
  plan: Plan,
  options: Options,
  host: Host,
): Promise<{ readonly logins: readonly Required<Login>[]; readonly diagnostics: readonly Diagnostic[] }> {
  for (const { username = host.event.actor, password } of options.logins) {
    host.log.mask(password)
    host.log.mask(Buffer.from(`${username}:${password}`).toString('base64'))
  }
  if (options.logins.length === 0) return { logins: [], diagnostics: [] }
  const sources = { plan, options, event: host.event, origin: originOf(host) }
  const first = decideLogins(sources)
  const asks = sources.origin === 'own-pull-request' && isPushing(options) && first.unnamed.length > 0
  const baseBranch = asks ? await registriesOfBase(first.unnamed, plan, options, host) : undefined
  const { logins, unnamed } = baseBranch ? decideLogins({ ...sources, baseBranch }) : first
  // No warning for the owner's files, which need no login unless something is pushed.
  const needsNoNotice = sources.origin === 'owner' && host.event.name !== 'local'
  const diagnostic = needsNoNotice ? undefined : describeUnnamed(unnamed, options)
  return { logins, diagnostics: diagnostic ? [diagnostic] : [] }
}

/** The wanted registries that the base branch's files name; undefined if the request to GitHub fails. */
async function registriesOfBase(
  unnamed: readonly Unnamed[],
  plan: Plan,
  options: Options,
  host: Host,
): Promise<ReadonlySet<string> | undefined> {
  const { pullRequest, repository, owner } = host.event
  if (pullRequest === undefined || !options.githubToken) return undefined
  const wanted = new Set(unnamed.map(({ registry }) => keyOf(registry)))
  // Another add-on may name the registry of a new one.
  const folders = new Set([...unnamed.flatMap(({ addons }) => addons), ...plan.addons].map(({ folder }) => folder))
  const found = new Set<string>()
  try {
    const [client, { imageAt }] = await Promise.all([clientOf(options, host), import('../github/base-names.ts')])
    for (const folder of [...folders].slice(0, mostFolders)) {
      const image = await imageAt(client, repository, pullRequest.baseSha, folder, options.legacy !== undefined)
      const registry = image === undefined ? undefined : registryIn(image, owner)
      if (registry !== undefined) found.add(keyOf(registry))
      if ([...wanted].every((key) => found.has(key))) break
    }
    return found
  } catch (thrown) {
    host.log.info(`Cannot read the registry from the base branch: ${messageOf(thrown)}`)
    return undefined
  }
}
