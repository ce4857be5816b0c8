/** The last lines of a container's two streams, however much it prints. */
export interface ContainerOutput {
  add(line: string, stream: 'stdout' | 'stderr'): void
  /** Drops the kept lines, but not what was found in them. */
  clear(): void
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** The number of all lines, kept or not. */
  readonly lines: number
  /** The first lines that report a crash. */
  readonly suspicious: readonly string[]
  /** The first line in which the emulator reports a fault. */
  readonly emulatorFault: string | undefined
}

const keptLines = 200
const maxLineLength = 2000
const maxSuspicious = 10

/** `level=FATAL`, `FATAL:`, but not `non-fatal`. */
const suspiciousLine =
  /^Traceback \(most recent call last\)|\bpanic: |(?<![-\w])FATAL\b|Segmentation fault|^Unhandled (promise )?rejection/i
const emulatorLine = /qemu: uncaught target signal|qemu-[a-z0-9_]+: Could not open|qemu: fatal/i

export function createOutput(redact: (text: string) => string): ContainerOutput {
  let kept = { stdout: ring(), stderr: ring() }
  const suspicious: string[] = []
  let lines = 0
  let emulatorFault: string | undefined
  return {
    add(line, stream) {
      lines += 1
      const short = line.length > maxLineLength ? `${line.slice(0, maxLineLength)} …` : line
      kept[stream].add(short)
      if (suspicious.length < maxSuspicious && suspiciousLine.test(short) && !short.startsWith('[FATAL tini'))
        suspicious.push(redact(short))
      if (emulatorFault === undefined && emulatorLine.test(short)) emulatorFault = redact(short)
    },
    clear() {
      kept = { stdout: ring(), stderr: ring() }
    },
    get stdout() {
      return kept.stdout.lines().map(redact)
    },
    get stderr() {
      return kept.stderr.lines().map(redact)
    },
    get lines() {
      return lines
    },
    get suspicious() {
      return suspicious
    },
    get emulatorFault() {
      return emulatorFault
    },
  }
}

function ring(): { add(line: string): void; lines(): readonly string[] } {
  const slots: string[] = []
  let next = 0
  return {
    add(line) {
      slots[next % keptLines] = line
      next += 1
    },
    lines: () =>
      next <= keptLines ? slots.slice() : [...slots.slice(next % keptLines), ...slots.slice(0, next % keptLines)],
  }
}
