import type { Adapter, Builder, Driver } from './builder.ts'
import { inspect } from './create.ts'
import { explain, refuse } from './failure.ts'
import { checkNodes } from './probe.ts'

const drivers: readonly Driver[] = ['docker', 'docker-container', 'remote', 'kubernetes']

/** A builder that an earlier step, or the owner of the machine, made. It is asked what it is, and stays. */
export const existing: Adapter = {
  choose: ({ builder = '' }) => ({ name: builder, driver: 'other', owned: false, nodes: [] }),
  async open(builder, opening) {
    const ask = async (bootstrap: boolean): Promise<Builder> => {
      const found = await inspect(builder.name, bootstrap, opening)
      if ('problem' in found) throw refuse(explain(found.problem, builder, opening))
      const driver = drivers.find((one) => one === found.driver) ?? 'other'
      // The engine's own BuildKit is this machine, as far as anybody can tell.
      return { ...builder, driver, nodes: driver === 'docker' ? [] : found.nodes }
    }
    const found = await ask(false)
    const sleeping = found.nodes.some(({ running }) => !running)
    // A container that was stopped is started; a remote daemon can only be asked why it does not answer.
    return checkNodes(sleeping && found.driver !== 'remote' ? await ask(true) : found, {}, opening)
  },
}
