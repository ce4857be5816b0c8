/** Lines that are kept until `release`. */
export interface BufferedLines {
  say(line: string): void
  /** Prints the kept lines; later lines are printed immediately. */
  release(): void
}

export function bufferLines(say: (line: string) => void): BufferedLines {
  let waiting: string[] | undefined = []
  return {
    say: (line) => (waiting ? void waiting.push(line) : say(line)),
    release() {
      for (const line of waiting ?? []) say(line)
      waiting = undefined
    },
  }
}
