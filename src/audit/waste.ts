import type { Waste } from '../image/measure.ts'
import { layerLocation, listPaths, type RuleInput, totalBytes, type Violation } from './rule.ts'

/** Fewer hidden bytes are not reported. */
const leastBytes = 100_000

/** One violation for each layer of the author that hides files of an earlier one. */
export function wasteViolations(
  input: RuleInput,
  isReported: (waste: Waste, firstOwn: number) => boolean,
  describe: (paths: string) => Pick<Violation, 'message' | 'fix'>,
): readonly Violation[] {
  const waste = (input.image?.measure.contents?.waste ?? []).filter(
    (one) => one.hiddenBy > one.writtenBy && isReported(one, input.image?.firstOwn ?? 0),
  )
  return [...Map.groupBy(waste, ({ hiddenBy }) => hiddenBy)]
    .map(([layer, all]) => ({ layer, all, bytes: totalBytes(all) }))
    .filter(({ bytes }) => bytes >= leastBytes)
    .map(({ layer, all, bytes }) => ({
      ...describe(listPaths(all.map(({ path }) => path))),
      bytes,
      ...layerLocation(input, layer),
    }))
}
