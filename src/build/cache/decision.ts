import { type Diagnostic, notice } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { numberOf, parseJsonText, textOf } from '../../core/json-fields.ts'
import { type Origin, originOf } from '../../core/origin.ts'
import type { CacheKind, Options } from '../../inputs/options.ts'
import type { CachePlan } from './cache.ts'

export interface DecidedCache {
  readonly plan: CachePlan
  readonly diagnostics: readonly Diagnostic[]
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Decides the cache of this run, with a notice if it is not used as requested: buildx ignores `type=gha` silently without a token, and an export without
 * permission fails after minutes. Whatever its token may do, a pull request writes no cache that a build of the base branch reads.
 */
export function decideCache(
  options: Pick<Options, 'cache'>,
  host: Pick<Host, 'environment' | 'event' | 'payload'>,
): DecidedCache {
  const { environment, event } = host
  const offered = offersCache(environment)
  const asked: readonly CacheKind[] = options.cache ?? [offered ? { kind: 'gha' } : { kind: 'none' }]
  const wantsGha = asked.some(({ kind }) => kind === 'gha')
  const kinds = asked.filter(({ kind }) => kind !== 'none' && (kind !== 'gha' || offered))
  const notOffered = wantsGha && !offered ? [notOfferedHere] : []
  const origin = originOf(host)
  const pullRequest = origin === 'own-pull-request' ? event.pullRequest?.number : undefined
  if (origin !== 'owner' && pullRequest === undefined) {
    // An inline cache is part of the image, so it needs no notice.
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
  'This runner offers no GitHub Actions cache (v2), or no token for it. Building without a cache.',
  'Use "cache: registry" or "cache: local:DIR" on runners without one.',
)

const onlyReads = notice(
  'cache/read-only',
  'The cache token of this run can only read, so the GitHub Actions cache is used but not written.',
  'Runs of forks and of events such as pull_request_target get such a token. A push to the base branch fills the cache.',
)

const notWritten = (origin: Origin): Diagnostic =>
  notice(
    'cache/read-only',
    `${
      origin === 'untrusted'
        ? 'This run may build files from a fork or from Dependabot'
        : 'The event does not give the number of the pull request that this run builds'
    }, so build caches are used but not written.`,
    'A push to the base branch fills them. A pull request from a branch of this repository writes to a separate cache.',
  )

/** The same condition as in buildx (`util/buildflags/cache.go`); there, `yes` is not true either. */
export const offersCache = (environment: Environment): boolean =>
  Boolean(environment.ACTIONS_RUNTIME_TOKEN) &&
  Boolean(environment.ACTIONS_RESULTS_URL) &&
  /^(1|t|true)$/i.test(environment.ACTIONS_CACHE_SERVICE_V2 ?? '')

const writeBit = 2

/** The `ac` claim: `[{"Scope":"refs/heads/main","Permission":3}]`, bit 1 read, bit 2 write. Older tokens have none, and may write. */
export function mayWrite(environment: Environment): boolean {
  if (/^read(-?only)?$/i.test(environment.ACTIONS_CACHE_MODE ?? '')) return false
  const payload = Buffer.from(environment.ACTIONS_RUNTIME_TOKEN?.split('.')[1] ?? '', 'base64url').toString('utf8')
  const scopes = parseJsonText(textOf(parseJsonText(payload), 'ac'))
  if (!Array.isArray(scopes)) return true
  return scopes.some((scope) => ((numberOf(scope, 'Permission') ?? 0) & writeBit) !== 0)
}
