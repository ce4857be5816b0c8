import { writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Host, ProcessResult } from '../../core/host.ts'
import { flag } from '../../docker/arguments.ts'
import { buildxCommand } from '../../docker/engine.ts'
import type { BuilderNode, Options } from '../../inputs/options.ts'
import type { Builder, Opening } from './builder.ts'
import { BuilderFailure, explain, retryBuilder } from './failure.ts'
import { type Inspected, readInspection } from './nodes.ts'

/** The settings of every node of a new builder. */
interface Creation {
  /** `key=value`, each as buildx takes it. */
  readonly driverOptions: readonly string[]
  readonly configFile?: string
  /** Boot the node at once. Only for a builder with one node. */
  readonly bootstrap?: boolean
}

/** The arguments of one `docker buildx create`. `index`: index of the node; nodes after the first are appended. */
export function createArguments(
  builder: Pick<Builder, 'name' | 'driver'>,
  node: Partial<BuilderNode>,
  index: number,
  creation: Creation,
): readonly string[] {
  return [
    'buildx',
    'create',
    ...flag('--name', builder.name),
    ...flag('--driver', builder.driver),
    ...flag('--append', index > 0),
    ...flag('--platform', node.platforms?.length ? node.platforms.join(',') : undefined),
    ...flag('--driver-opt', creation.driverOptions),
    ...flag('--buildkitd-config', creation.configFile),
    ...flag('--bootstrap', creation.bootstrap ?? false),
    ...(node.endpoint === undefined ? [] : ['--', node.endpoint]),
  ]
}

export const inspectArguments = (name: string, bootstrap: boolean): readonly string[] => [
  'buildx',
  'inspect',
  ...flag('--bootstrap', bootstrap),
  '--',
  name,
]

const bootTimeoutMs = 180_000

/** Creates a builder with all its nodes and boots it, in up to three attempts. Rejects with a Failure; then the builder is removed. */
export async function createBuilder(builder: Builder, creation: Creation, opening: Opening): Promise<Builder> {
  const { options, host } = opening
  const nodes: readonly Partial<BuilderNode>[] = options.endpoints.length > 0 ? options.endpoints : [{}]
  // Boot one local node in the same process. Several nodes are inspected for their platforms later, which boots them as well.
  const alone = options.endpoints.length === 0 && builder.driver === 'docker-container'
  return retryBuilder(host, { attempts: 3, delayMs: 2_000 }, async () => {
    const outcome = await make(builder, nodes, { ...creation, bootstrap: alone }, opening).catch(async (thrown) => {
      // buildx was ended at its deadline, and may have created the builder.
      await removeBuilder(builder, opening).catch(() => {})
      throw thrown
    })
    if (!('problem' in outcome)) return outcome
    await removeBuilder(builder, opening)
    throw new BuilderFailure(explain(outcome.problem, builder, opening))
  })
}

async function make(
  builder: Builder,
  nodes: readonly Partial<BuilderNode>[],
  creation: Creation,
  opening: Opening,
): Promise<Builder | { readonly problem: string }> {
  for (const [index, node] of nodes.entries()) {
    const answer = await runBuildx(createArguments(builder, node, index, creation), opening)
    if (answer.exitCode !== 0) return { problem: answer.stderr }
  }
  if (creation.bootstrap) return builder
  const inspected = await inspect(builder.name, builder.driver !== 'remote', opening)
  return 'problem' in inspected ? inspected : { ...builder, nodes: inspected.nodes }
}

/** @param bootstrap boots nodes that are not running. A remote builder cannot be booted: buildx would wait for it, without a message. */
export async function inspect(
  name: string,
  bootstrap: boolean,
  opening: Pick<Opening, 'engine' | 'host'>,
): Promise<Inspected | { readonly problem: string }> {
  const answer = await runBuildx(inspectArguments(name, bootstrap), opening)
  return answer.exitCode === 0 ? readInspection(answer.stdout) : { problem: answer.stderr }
}

const runBuildx = (
  args: readonly string[],
  { engine, host }: Pick<Opening, 'engine' | 'host'>,
): Promise<ProcessResult> => host.processes.exec(...buildxCommand(engine, args), { timeoutMs: bootTimeoutMs })

export async function removeBuilder(
  builder: Pick<Builder, 'name' | 'owned'>,
  { engine, host }: Pick<Opening, 'engine' | 'host'>,
): Promise<void> {
  if (!builder.owned) return
  await host.processes.exec(...buildxCommand(engine, ['buildx', 'rm', '--force', builder.name]), { timeoutMs: 60_000 })
}

/** A path, or the text of the file itself. */
export async function configFile(
  config: Options['buildkitdConfig'],
  host: Pick<Host, 'workspace' | 'temporary'>,
): Promise<string | undefined> {
  if (config === undefined) return undefined
  if (!/[\n=]/.test(config)) return isAbsolute(config) ? config : join(host.workspace, config)
  const file = join(host.temporary, 'buildkitd.toml')
  await writeFile(file, config)
  return file
}
