/** Durations of the parts of a run. Parts may run in parallel. */
export interface Phases {
  /** Records the duration of the work, even if it fails. */
  time<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Adds a part that ended before the clock was started. */
  note(name: string, seconds: number): void
  /** `lint 3 s, types 4 s, total 9 s` */
  describe(): string
}

/** `now`: milliseconds of a monotonic clock. */
export function startPhases(now: () => number = () => performance.now()): Phases {
  const start = now()
  const noted: string[] = []
  let before = 0
  const note = (name: string, seconds: number) => void noted.push(`${name} ${Math.round(seconds)} s`)
  return {
    async time(name, work) {
      const from = now()
      try {
        return await work()
      } finally {
        note(name, (now() - from) / 1000)
      }
    },
    note(name, seconds) {
      before += seconds
      note(name, seconds)
    },
    describe: () => [...noted, `total ${Math.round(before + (now() - start) / 1000)} s`].join(', '),
  }
}
