import { csv } from '../../../docker/arguments.ts'
import { type CacheBackend, cacheName } from '../backend.ts'

/** A folder on this machine, with a folder for each target. */
export const local: CacheBackend<{ readonly kind: 'local'; readonly folder: string }> = {
  attributes({ folder }, { target, mode, pullRequest }) {
    const path = `${folder}/${cacheName(target.cacheScope, pullRequest)}`
    return {
      from: csv({ type: 'local', src: path }),
      to: csv({ type: 'local', dest: path, mode, 'ignore-error': 'true' }),
    }
  },
}
