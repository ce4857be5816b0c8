import { createLineKeeper } from './kept-lines.ts'

/** The first and last lines of a container's two streams, however much it prints. */
export interface ContainerOutput {
  add(line: string, stream: 'stdout' | 'stderr'): void
  /** Drops the kept lines, but not what was found in them. */
  clear(): void
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** The first lines that report a crash. */
  readonly suspicious: readonly string[]
  /** The first line in which the emulator reports a fault. */
  readonly emulatorFault: string | undefined
}

const maxLineLength = 2000
const maxSuspicious = 10
/** The user agent of the probes, see `probePort`. Access logs quote it for each of them. */
const probeAgent = 'aicleaner-build'

/** `level=FATAL`, `FATAL:`, but not `non-fatal`. */
const suspiciousLine =
  /^Traceback \(most recent call last\)|\bpanic: |(?<![-\w])FATAL\b|Segmentation fault|^Unhandled (promise )?rejection/i
const emulatorLine = /qemu: uncaught target signal|qemu-[a-z0-9_]+: Could not open|qemu: fatal/i

export function createOutput(redact: (text: string) => string): ContainerOutput {
  const kept = { stdout: createLineKeeper(), stderr: createLineKeeper() }
  const suspicious: string[] = []
  let emulatorFault: string | undefined
  return {
    add(line, stream) {
      const short = line.length > maxLineLength ? `${line.slice(0, maxLineLength)} …` : line
      if (!short.includes(probeAgent)) kept[stream].add(short)
      if (suspicious.length < maxSuspicious && suspiciousLine.test(short) && !short.startsWith('[FATAL tini'))
        suspicious.push(redact(short))
      if (emulatorFault === undefined && emulatorLine.test(short)) emulatorFault = redact(short)
    },
    clear() {
      kept.stdout.clear()
      kept.stderr.clear()
    },
    get stdout() {
      return kept.stdout.lines().map(redact)
    },
    get stderr() {
      return kept.stderr.lines().map(redact)
    },
    suspicious,
    get emulatorFault() {
      return emulatorFault
    },
  }
}
