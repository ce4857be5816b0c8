/** Milliseconds of processor time that a difference has to have to be one. */
const floorMs = 2

/**
 * How much more processor time `work` takes for a text that is `factor` times as long: at most `factor` where its steps grow with the length, its
 * square where they grow with the square. The least of several runs of each, and of this thread alone, so that other load on the machine does not count.
 */
export function growth<T>(
  make: (length: number) => T,
  work: (input: T) => unknown,
  length: number,
  factor = 8,
): number {
  const [short, long] = [make(length), make(length * factor)]
  const least = { short: Number.POSITIVE_INFINITY, long: Number.POSITIVE_INFINITY }
  for (let round = 0; round < 3; round += 1) {
    least.short = Math.min(
      least.short,
      spent(() => work(short)),
    )
    least.long = Math.min(
      least.long,
      spent(() => work(long)),
    )
  }
  return (least.long + floorMs) / (least.short + floorMs)
}

function spent(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
