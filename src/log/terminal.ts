import { oneLine } from '../diagnostics.ts'
import type { Log } from '../host.ts'
import { printable } from '../printable.ts'
import { createMasks } from './masks.ts'

/** The log of a terminal: plain lines; problems go to standard error. */
export function terminalLog(
  out: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
  err: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log {
  const masks = createMasks()
  return {
    info: (line) => out(masks.redact(line)),
    debug: () => {},
    report: (diagnostic) =>
      err(printable(masks.redact(`${diagnostic.severity}: ${oneLine(diagnostic)} [${diagnostic.code}]`))),
    group: (title) => out(masks.redact(`── ${title}`)),
    endGroup: () => {},
    mask: (secret) => void masks.add(secret),
    redact: masks.redact,
  }
}
