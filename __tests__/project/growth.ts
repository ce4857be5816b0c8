/** Milliseconds of processor time that a difference has to have to be one: the clock of a thread may go in steps of 4. */
const floorMs = 8

/**
 * How much more processor time `work` takes for a text that is `factor` times as long: at most `factor` where its steps grow with the length, its
 * square where they grow with the square. The least of up to three runs of each, and of this thread alone, so that other load on the machine does not
 * count. Below `enough` there are no more runs.
 */
export function growth<T>(
  make: (length: number) => T,
  work: (input: T) => unknown,
  length: number,
  factor: number,
  enough: number,
): number {
  const [short, long] = [make(length), make(length * factor)]
  const least = { short: spent(() => work(short)), long: Number.POSITIVE_INFINITY }
  const ratio = () => (least.long + floorMs) / (least.short + floorMs)
  for (let round = 0; round < 3 && !(ratio() < enough); round += 1) {
    // The short one first, and twice before the first long one: what is not compiled yet would make it look slow.
    least.short = Math.min(
      least.short,
      spent(() => work(short)),
    )
    least.long = Math.min(
      least.long,
      spent(() => work(long)),
    )
  }
  return ratio()
}

function spent(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
