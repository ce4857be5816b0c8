import { type Diagnostic, notice } from '../diagnostics.ts'
import type { CacheKind, Options } from '../options.ts'
import type { CachePlan } from './cache.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the cache of this run is: decided once, from what the user asked for and what the runner offers, with one notice for what was left out.
 * Buildx drops `type=gha` without a word where it has no token, and an export that the token may not make fails after minutes: both are found out here.
 */
export function decideCache(
  options: Pick<Options, 'cache'>,
  environment: Environment,
): { readonly plan: CachePlan; readonly diagnostics: readonly Diagnostic[] } {
  const offered = offersCache(environment)
  const asked: readonly CacheKind[] = options.cache ?? [offered ? { kind: 'gha' } : { kind: 'none' }]
  const wantsGha = asked.some(({ kind }) => kind === 'gha')
  const kinds = asked.filter(({ kind }) => kind !== 'none' && (kind !== 'gha' || offered))
  const readOnly = wantsGha && offered && !mayWrite(environment)
  const diagnostics: Diagnostic[] = []
  if (wantsGha && !offered) {
    diagnostics.push(
      notice(
        'cache/not-offered',
        'There is no GitHub Actions cache here: the runner gave no cache service (v2) or no token for it. Building without it.',
        'Use "cache: registry" or "cache: local:DIR" on runners without one.',
      ),
    )
  } else if (readOnly) {
    diagnostics.push(
      notice(
        'cache/read-only',
        'The cache token of this run can only read, so the GitHub Actions cache is used but not written.',
        'This is so for forks and for events such as pull_request_target; a push to the base branch fills the cache.',
      ),
    )
  }
  return { plan: { kinds, write: true, ...(readOnly && { readOnly: ['gha'] }) }, diagnostics }
}

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
