import { type Adapter, nameOf } from './builder.ts'
import { createBuilder, removeBuilder } from './create.ts'
import { plannedNodes } from './nodes.ts'
import { checkNodes } from './probe.ts'
import { tlsFiles, tlsOptions } from './tls.ts'

/** BuildKit daemons that are running already: `tcp://` with or without certificates, `ssh://` (with `buildctl` in the PATH there), or a socket. */
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
    const created = await createBuilder(builder, { driverOptions }, opening)
    try {
      return await checkNodes(created, tls, opening)
    } catch (thrown) {
      await removeBuilder(builder, opening)
      throw thrown
    }
  },
}
