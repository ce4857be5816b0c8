import type { LeftoverKind } from '../image/leftovers.ts'
import { layerLocation, listPaths, type RuleInput, type Violation } from './rule.ts'

/** One violation for each layer of the author that contains unneeded files of a kind, because each layer has its line in the Dockerfile. */
export const leftoverViolations = (
  input: RuleInput,
  kind: LeftoverKind,
  leastBytes: number,
  describe: (paths: string) => Pick<Violation, 'message' | 'fix'>,
): readonly Violation[] =>
  (input.image?.notes.leftovers ?? [])
    .filter((one) => one.kind === kind && one.layer >= (input.image?.firstOwn ?? 0) && one.bytes >= leastBytes)
    .map(({ roots, bytes, layer }) => ({ ...describe(listPaths(roots)), bytes, ...layerLocation(input, layer) }))
