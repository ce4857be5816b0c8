/** How long the parts of a run took, some of them side by side. */
export interface Phases {
  /** Notes how long the work takes, whether it fails or not. */
  time<T>(name: string, work: () => Promise<T>): Promise<T>
  note(name: string, seconds: number): void
  /** `lint 3 s, types 4 s; all 9 s` */
  describe(): string
}

/** `now`: milliseconds of a clock that only goes forward. */
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
    describe: () => [...noted, `all ${Math.round(before + (now() - start) / 1000)} s`].join(', '),
  }
}
