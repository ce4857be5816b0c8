import { csv } from '../../../docker/arguments.ts'
import type { CacheBackend } from '../backend.ts'
import { importFromRegistry } from './registry.ts'

/** The published image itself. */
export const inline: CacheBackend<{ readonly kind: 'inline' }> = {
  // It is written with the image, which does not stall.
  steps: { import: importFromRegistry },
  attributes: (_, { target }) => ({
    from: csv({ type: 'registry', ref: `${target.image}:${target.tags[0] ?? 'latest'}` }),
    to: 'type=inline',
  }),
}
