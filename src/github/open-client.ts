import type { Host } from '../core/host.ts'
import type { Options } from '../inputs/options.ts'
import type { RestClient } from './rest.ts'

/** Loads @actions/github only in runs that use the API. */
export async function clientOf(options: Pick<Options, 'githubToken'>, host: Host): Promise<RestClient> {
  const { makeClient } = await import('./client.ts')
  return makeClient({
    token: options.githubToken ?? '',
    baseUrl: host.environment.GITHUB_API_URL ?? 'https://api.github.com',
    sleep: host.clock.sleep,
    now: host.clock.now,
    signal: host.signal,
  })
}
