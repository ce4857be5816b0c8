/** Lines that wait until others have spoken. */
export interface HeldBack {
  say(line: string): void
  /** Says what has waited; from now on lines are said at once. */
  release(): void
}

export function heldBack(say: (line: string) => void): HeldBack {
  let waiting: string[] | undefined = []
  return {
    say: (line) => (waiting ? void waiting.push(line) : say(line)),
    release() {
      for (const line of waiting ?? []) say(line)
      waiting = undefined
    },
  }
}
