/** The last lines of a container's two streams, however much it prints. */
export interface Output {
  add(line: string, stream: 'stdout' | 'stderr'): void
  /** Lets go of the lines kept so far; what was seen in them stays known. */
  forget(): void
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** Lines seen, kept or not. */
  readonly lines: number
  readonly bytes: number
  /** Lines that say that something broke, the first ones. */
  readonly suspicious: readonly string[]
  /** The emulator and not the image broke something. */
  readonly emulatorFault?: string
}

const keptLines = 200
const longestLine = 2000
const keptSuspicious = 10

/** `level=FATAL`, `FATAL:`, but not `non-fatal`. */
const suspiciousLine =
  /^Traceback \(most recent call last\)|\bpanic: |(?<![-\w])FATAL\b|Segmentation fault|^Unhandled (promise )?rejection/i
const emulatorLine = /qemu: uncaught target signal|qemu-[a-z0-9_]+: Could not open|qemu: fatal/i

export function createOutput(redact: (text: string) => string): Output {
  let kept = { stdout: ring(), stderr: ring() }
  const suspicious: string[] = []
  let [lines, bytes] = [0, 0]
  let emulatorFault: string | undefined
  return {
    add(line, stream) {
      lines += 1
      bytes += Buffer.byteLength(line) + 1
      const short = line.length > longestLine ? `${line.slice(0, longestLine)} …` : line
      kept[stream].add(short)
      if (suspicious.length < keptSuspicious && suspiciousLine.test(short) && !short.startsWith('[FATAL tini'))
        suspicious.push(redact(short))
      if (emulatorFault === undefined && emulatorLine.test(short)) emulatorFault = redact(short)
    },
    forget() {
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
    get bytes() {
      return bytes
    },
    get suspicious() {
      return suspicious
    },
    get emulatorFault() {
      return emulatorFault
    },
  } as Output
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
