import { posix } from 'node:path'
import { detached, longestName } from './lines.ts'
import type { PackageReader } from './reader.ts'

// Only at the root of a package: many have further package.json files in subfolders, for bundlers.
const wanted = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/

/** Node: `node_modules/NAME/package.json` and `node_modules/@SCOPE/NAME/package.json`, at any depth. */
export const node: PackageReader = {
  wants: ({ path }) => (path.endsWith('/package.json') && wanted.test(path) ? 2e6 : undefined),
  read({ path }, content) {
    try {
      const { name, version } = JSON.parse(content.toString('utf8')) as { name?: unknown; version?: unknown }
      if (typeof name !== 'string' || !name) return []
      const folder = posix.dirname(path)
      return [
        {
          manager: 'node',
          name: detached(name, longestName),
          version: typeof version === 'string' ? detached(version, longestName) : '',
          folder,
        },
      ]
    } catch {
      return []
    }
  },
}
