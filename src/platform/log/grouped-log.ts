import type { Log } from '../../core/host.ts'
import { longestLine, shortened } from './escape.ts'

export interface LogGroup {
  line(text: string): void
  /** Ends the group. `summary` is printed after it, where it stays visible. */
  close(summary: string): void
}

const mostBufferedLines = 50_000
/** Maximum characters buffered for one group (up to two bytes each). */
const mostBufferedCharacters = 8_000_000

/** One group for each title, in the order of `titles`: the first open group is shown live, the others wait in memory until it is closed. */
export function openLogGroups(log: Log, titles: readonly string[]): readonly LogGroup[] {
  const buffers = titles.map(() => ({
    lines: [] as string[],
    characters: 0,
    dropped: 0,
    summary: undefined as string | undefined,
  }))
  let front = 0
  let shown = false

  const show = (): void => {
    for (let buffer = buffers[front]; buffer; buffer = buffers[front]) {
      if (!shown && (buffer.lines.length > 0 || buffer.summary !== undefined)) {
        log.group(titles[front] ?? '')
        shown = true
      }
      if (buffer.dropped > 0) log.info(`… ${buffer.dropped} lines left out …`)
      for (const line of buffer.lines) log.info(line)
      buffer.lines = []
      buffer.characters = 0
      buffer.dropped = 0
      if (buffer.summary === undefined) return
      log.endGroup()
      log.info(buffer.summary)
      front += 1
      shown = false
    }
  }

  return titles.map((_, index) => ({
    line(text) {
      const buffer = buffers[index]
      if (!buffer || buffer.summary !== undefined) return
      // Shortened before it is buffered, and redacted before that: a secret that was cut would not be recognized.
      const line = text.length > longestLine ? shortened(log.redact(text)) : text
      buffer.lines.push(line)
      buffer.characters += line.length
      // Halved rather than shifted line by line: a container that floods its log must not make this quadratic.
      if (buffer.lines.length > mostBufferedLines || buffer.characters > mostBufferedCharacters) {
        const half = Math.ceil(buffer.lines.length / 2)
        buffer.dropped += half
        buffer.lines = buffer.lines.slice(half)
        buffer.characters = buffer.lines.reduce((sum, { length }) => sum + length, 0)
      }
      if (index === front) show()
    },
    close(summary) {
      const buffer = buffers[index]
      if (!buffer || buffer.summary !== undefined) return
      buffer.summary = summary
      if (index === front) show()
    },
  }))
}
