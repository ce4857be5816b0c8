import { type Adapter, nameOf } from './builder.ts'
import { createBuilder, removeBuilder } from './create.ts'
import { plannedNodes } from './nodes.ts'
import { checkNodes } from './probe.ts'
import { tlsFiles, tlsOptions } from './tls.ts'

/** BuildKit daemons that somebody else runs: `tcp://` with or without certificates, `ssh://` (where `buildctl` has to be in the path), or a socket. */
export const remote: Adapter = {
  choose: ({ endpoints }, _, runId) => ({
    name: nameOf(runId),
    driver: 'remote',
    owned: true,
    nodes: plannedNodes(endpoints),
  }),
  async open(builder, opening) {
    const { options, host } = opening
    const tls = await tlsFiles(options.endpointTls, host)
    const driverOptions = [...options.driverOptions, ...tlsOptions(tls)]
    const made = await createBuilder(builder, { driverOptions }, opening)
    try {
      return await checkNodes(made, tls, opening)
    } catch (thrown) {
      await removeBuilder(builder, opening)
      throw thrown
    }
  },
}
