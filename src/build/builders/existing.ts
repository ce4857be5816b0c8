import type { Adapter, Builder, Driver } from './builder.ts'
import { inspect } from './create.ts'
import { BuilderFailure, explain } from './failure.ts'
import { checkNodes } from './probe.ts'

const drivers: readonly Driver[] = ['docker', 'docker-container', 'remote', 'kubernetes']

/** A builder that exists already, from an earlier step or on a self-hosted runner. It is inspected, and not removed. */
export const existing: Adapter = {
  choose: ({ builder = '' }) => ({ name: builder, driver: 'other', owned: false, nodes: [] }),
  async open(builder, opening) {
    const ask = async (bootstrap: boolean): Promise<Builder> => {
      const found = await inspect(builder.name, bootstrap, opening)
      if ('problem' in found) throw new BuilderFailure(explain(found.problem, builder, opening))
      const driver = drivers.find((one) => one === found.driver) ?? 'other'
      // The engine's own BuildKit counts as this machine.
      return { ...builder, driver, nodes: driver === 'docker' ? [] : found.nodes }
    }
    const found = await ask(false)
    const sleeping = found.nodes.some(({ running }) => !running)
    // A stopped container can be started; a remote daemon can only be probed for the reason.
    return checkNodes(sleeping && found.driver !== 'remote' ? await ask(true) : found, {}, opening)
  },
}
