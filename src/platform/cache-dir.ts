import { join } from 'node:path'

/**
 * Where this program may keep what makes its next run on this machine quicker. A folder of the user's own, because whoever can write there says what
 * this program does. Undefined on a machine that is there for one job only, and where nobody's home is known. Pure.
 * Source: XDG Base Directory Specification.
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment.RUNNER_ENVIRONMENT === 'github-hosted') return undefined
  const { XDG_CACHE_HOME: cache, HOME: home } = environment
  // The specification: a path that is not absolute counts for nothing.
  const folder = cache?.startsWith('/') ? cache : home?.startsWith('/') ? join(home, '.cache') : undefined
  return folder && join(folder, 'aicleaner-build')
}
