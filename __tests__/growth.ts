/**
 * How much longer `work` takes for input that is `factor` times as long: about `factor` where time grows with the length, its square where it
 * grows quadratically. The least of several runs of each, in turn, so that another load on the machine does not count.
 */
export function growth<T>(
  make: (length: number) => T,
  work: (input: T) => unknown,
  length: number,
  factor = 8,
): number {
  const [short, long] = [make(length), make(length * factor)]
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < 5; round += 1) {
    for (const [index, input] of [short, long].entries()) {
      const began = process.hrtime.bigint()
      work(input)
      least[index] = Math.min(least[index] ?? 0, Number(process.hrtime.bigint() - began))
    }
  }
  return (least[1] ?? 0) / (least[0] ?? 1)
}
