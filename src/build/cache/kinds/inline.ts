import { csv } from '../../../docker/arguments.ts'
import type { CacheBackend } from '../backend.ts'

/** The published image itself. */
export const inline: CacheBackend<{ readonly kind: 'inline' }> = {
  attributes: (_, { target }) => ({
    from: csv({ type: 'registry', ref: `${target.image}:${target.tags[0] ?? 'latest'}` }),
    to: 'type=inline',
  }),
}
