import { type Diagnostic, notice } from '../../core/diagnostics.ts'
import { type Origin, originOf } from '../../core/origin.ts'
import type { Host } from '../../core/host.ts'
import type { CacheKind, Options } from '../../inputs/options.ts'
import type { CachePlan } from './cache.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the cache of this run is: decided once, from what the user asked for, what the runner offers, and who wrote the files that are built, with one notice
 * for what was left out. Buildx drops `type=gha` without a word where it has no token, and an export that the token may not make fails after minutes: both are
 * found out here. Whatever its token may do, a pull request writes no cache that a build of the base branch reads.
 */
export function decideCache(
  options: Pick<Options, 'cache'>,
  host: Pick<Host, 'environment' | 'event' | 'payload'>,
): { readonly plan: CachePlan; readonly diagnostics: readonly Diagnostic[] } {
  const { environment, event } = host
  const offered = offersCache(environment)
  const asked: readonly CacheKind[] = options.cache ?? [offered ? { kind: 'gha' } : { kind: 'none' }]
  const wantsGha = asked.some(({ kind }) => kind === 'gha')
  const kinds = asked.filter(({ kind }) => kind !== 'none' && (kind !== 'gha' || offered))
  const notOffered = wantsGha && !offered ? [notOfferedHere] : []
  const origin = originOf(host)
  const pullRequest = origin === 'own-pull-request' ? event.pullRequest?.number : undefined
  if (origin !== 'owner' && pullRequest === undefined) {
    // An inline cache is part of the image: there is nothing that would not be written.
    const withheld = kinds.some(({ kind }) => kind !== 'inline') ? [notWritten(origin)] : []
    return { plan: { kinds, write: false }, diagnostics: [...notOffered, ...withheld] }
  }
  const readOnly = wantsGha && offered && !mayWrite(environment)
  return {
    plan: {
      kinds,
      write: true,
      ...(readOnly && { readOnly: ['gha'] }),
      ...(pullRequest !== undefined && { pullRequest }),
    },
    diagnostics: readOnly ? [onlyReads] : notOffered,
  }
}

const notOfferedHere = notice(
  'cache/not-offered',
  'There is no GitHub Actions cache here: the runner gave no cache service (v2) or no token for it. Building without it.',
  'Use "cache: registry" or "cache: local:DIR" on runners without one.',
)

const onlyReads = notice(
  'cache/read-only',
  'The cache token of this run can only read, so the GitHub Actions cache is used but not written.',
  'This is so for forks and for events such as pull_request_target; a push to the base branch fills the cache.',
)

const notWritten = (origin: Origin): Diagnostic =>
  notice(
    'cache/read-only',
    `${
      origin === 'stranger'
        ? 'This run may build files from a fork or from Dependabot'
        : 'This run builds a pull request whose number the event does not give'
    }, so build caches are used but not written.`,
    'A push to the base branch fills them. A pull request from a branch of this repository writes to a cache of its own.',
  )

/** Buildx looks for exactly this (`util/buildflags/cache.go`); `yes` does not count as true there either. */
export const offersCache = (environment: Environment): boolean =>
  Boolean(environment.ACTIONS_RUNTIME_TOKEN) &&
  Boolean(environment.ACTIONS_RESULTS_URL) &&
  /^(1|t|true)$/i.test(environment.ACTIONS_CACHE_SERVICE_V2 ?? '')

const writeBit = 2

/**
 * Reads the `ac` claim of the runtime token: `[{"Scope":"refs/heads/main","Permission":3}]`, bit 1 read, bit 2 write.
 * A token that cannot be read is believed to write, as before there was such a claim.
 */
export function mayWrite(environment: Environment): boolean {
  if (/^read(-?only)?$/i.test(environment.ACTIONS_CACHE_MODE ?? '')) return false
  try {
    const payload = environment.ACTIONS_RUNTIME_TOKEN?.split('.')[1] ?? ''
    const { ac } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { ac?: string }
    if (ac === undefined) return true
    const scopes = JSON.parse(ac) as readonly { readonly Permission?: number }[]
    return scopes.some(({ Permission = 0 }) => (Permission & writeBit) !== 0)
  } catch {
    return true
  }
}
