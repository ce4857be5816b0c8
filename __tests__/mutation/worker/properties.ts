// fast-check for mutation testing: the same values in each run, so that results repeat; fewer of them, as each property
// runs once for each mutant; and no search for the smallest counterexample, as any one kills the mutant.
import fc from 'fast-check'

export * from 'fast-check'

const runs = 30
const settings = (own: object = {}): object => {
  const { numRuns = runs, ...others } = own as { numRuns?: number }
  return { ...others, numRuns: Math.min(numRuns, runs), seed: 1, endOnFailure: true }
}

export const assert = ((property: never, own?: object) => fc.assert(property, settings(own))) as typeof fc.assert
export const check = ((property: never, own?: object) => fc.check(property, settings(own))) as typeof fc.check
export const sample = ((arbitrary: never, own?: number | object) =>
  fc.sample(arbitrary, { seed: 1, ...(typeof own === 'number' ? { numRuns: own } : own) })) as typeof fc.sample

export default { ...fc, assert, check, sample }
