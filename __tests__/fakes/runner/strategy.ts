import { filledIn } from './evaluate.ts'
import type { Contexts } from './expressions.ts'

export interface Strategy {
  readonly matrix: unknown
  readonly 'fail-fast'?: boolean
  readonly 'max-parallel'?: unknown
}

/** A feature of GitHub that this fake does not support: an error in the test, not a failed job. */
export class NotSupported extends Error {}

/** The jobs of a strategy, and how many of them may run in parallel. */
export interface Cells {
  readonly matrices: readonly Readonly<Record<string, unknown>>[]
  readonly atOnce: number
}

/**
 * Source: actions/runner `WorkflowTemplateConverter.ConvertToStrategy` and `MatrixBuilder`, whose error messages are used.
 * @throws if GitHub refuses the strategy: the job fails before it gets a machine. `NotSupported` for features that only this fake lacks.
 */
export function cellsOf(strategy: Strategy, contexts: Contexts): Cells {
  if (strategy['fail-fast'] !== false) throw new NotSupported('The fake workflow runner knows only `fail-fast: false`.')
  const matrix = evaluated(strategy.matrix, contexts)
  if (!isMapping(matrix)) throw new Error(`Unexpected value '${matrix ?? ''}'`)
  const { include = [], ...vectors } = matrix
  for (const [name, values] of Object.entries(vectors)) {
    if (Array.isArray(values) && values.length === 0)
      throw new Error(`Matrix vector '${name}' does not contain any values`)
    throw new NotSupported(`The fake workflow runner knows only \`include\` of a matrix, not "${name}".`)
  }
  if (!Array.isArray(include)) throw new Error(`Unexpected value '${include}'`)
  if (include.length === 0) throw new Error('Matrix must define at least one vector')
  for (const entry of include) {
    if (!isMapping(entry)) throw new Error(`Unexpected value '${entry}'`)
    if (Object.keys(entry).length === 0) throw new Error('Matrix include mapping does not contain any values')
  }
  // GitHub, "Actions limits".
  if (include.length > 256)
    throw new Error(`A matrix makes no more than 256 jobs, and this one makes ${include.length}.`)
  const most = evaluated(strategy['max-parallel'] ?? 0, contexts)
  if (typeof most !== 'number') throw new Error(`Unexpected value '${most ?? ''}'`)
  return { matrices: include, atOnce: most >= 1 ? Math.trunc(most) : include.length }
}

const evaluated = (value: unknown, contexts: Contexts): unknown =>
  typeof value === 'string' ? filledIn(value, contexts) : value

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Processes at most `most` items in parallel; returns the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const waiting = items.entries()
  const worker = async (): Promise<void> => {
    // All workers share one iterator: each takes the next item.
    for (const [index, item] of waiting) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return results
}
