import { buildkitImage } from '../../core/pins.ts'
import { type Adapter, nameOf } from './builder.ts'
import { configFile, createBuilder } from './create.ts'
import { plannedNodes } from './nodes.ts'

/** BuildKit in a container of this engine, or of the engines at the endpoints. */
export const dockerContainer: Adapter = {
  choose: ({ endpoints }, _, runId) => ({
    name: nameOf(runId),
    driver: 'docker-container',
    owned: true,
    nodes: plannedNodes(endpoints),
  }),
  async open(builder, opening) {
    const { options, host } = opening
    const file = await configFile(options.buildkitdConfig, host)
    return createBuilder(
      builder,
      { driverOptions: withImage(options.driverOptions), ...(file !== undefined && { configFile: file }) },
      opening,
    )
  },
}

/** With the pinned BuildKit, unless the user names another one. */
export const withImage = (driverOptions: readonly string[]): readonly string[] =>
  driverOptions.some((option) => /(^|,)"?image=/.test(option))
    ? driverOptions
    : [`image=${buildkitImage}`, ...driverOptions]
