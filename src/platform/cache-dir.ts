import { join } from 'node:path'

/**
 * The folder for files that make the next run on this machine quicker; undefined on a machine for one job, and without a home. Pure.
 * It belongs to the user: who can write there controls this program. Source: XDG Base Directory Specification.
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment.RUNNER_ENVIRONMENT === 'github-hosted') return undefined
  const { XDG_CACHE_HOME: cache, HOME: home } = environment
  // The specification: ignore a path that is not absolute.
  const folder = cache?.startsWith('/') ? cache : home?.startsWith('/') ? join(home, '.cache') : undefined
  return folder && join(folder, 'aicleaner-build')
}
