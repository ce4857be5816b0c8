import { oneLine } from '../../core/diagnostics.ts'
import type { Log } from '../../core/host.ts'
import { escapedLine, escapedLines } from './escape.ts'
import { createMasks } from './masks.ts'

/** The log of a terminal: plain lines; problems go to standard error. */
export function terminalLog(
  out: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
  err: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log {
  const masks = createMasks()
  const lines = masks.around(escapedLines)
  const line = masks.around(escapedLine)
  return {
    info: (text) => out(lines(text)),
    debug: () => {},
    report: (diagnostic) => err(line(`${diagnostic.severity}: ${oneLine(diagnostic)} [${diagnostic.code}]`)),
    group: (title) => out(line(`── ${title}`)),
    endGroup: () => {},
    mask: (secret) => void masks.add(secret),
    redact: masks.redact,
  }
}
