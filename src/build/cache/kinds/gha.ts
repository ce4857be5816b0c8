import { csv } from '../../../docker/arguments.ts'
import { type CacheBackend, cacheName } from '../backend.ts'

/** The cache service of GitHub Actions. */
export const gha: CacheBackend<{ readonly kind: 'gha' }> = {
  title: 'GitHub Actions cache',
  steps: { import: /^importing cache manifest from gha:/, export: /^exporting to GitHub Actions Cache/ },
  attributes(_, { target, mode, pullRequest }) {
    const scope = cacheName(target.cacheScope, pullRequest)
    // How long each request waits if the service limits the rate. BuildKit's default is ten minutes. It does not limit a slow upload.
    const common = { type: 'gha', scope, timeout: '10s' }
    return { from: csv(common), to: csv({ ...common, mode, 'ignore-error': 'true' }) }
  },
}
