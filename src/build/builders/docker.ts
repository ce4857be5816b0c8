import type { Adapter } from './builder.ts'

/** The daemon's own BuildKit: starts no container and copies no image. */
export const docker: Adapter = {
  choose: (_, engine) => ({ name: engine.context, driver: 'docker', owned: false, nodes: [] }),
  open: async (builder) => builder,
}
