import { type Diagnostic, sentences } from '../../core/diagnostics.ts'
import type { Log } from '../../core/host.ts'
import * as core from './actions-core.ts'
import { escapedLine, escapedLines, shortened } from './escape.ts'
import { createMasks } from './masks.ts'

/** The log of a GitHub runner: groups that fold, annotations, masked values. */
export function actionsLog(): Log {
  const masks = createMasks()
  const lines = masks.around(escapedLines)
  const line = masks.around(escapedLine)
  return {
    info: (text) => core.info(lines(text)),
    debug: (text) => core.debug(lines(text)),
    report: (diagnostic) => annotate(diagnostic, lines, line),
    group: (title) => core.startGroup(line(title)),
    endGroup: () => core.endGroup(),
    mask(secret) {
      for (const part of masks.add(secret)) core.setSecret(part)
    },
    redact: masks.redact,
  }
}

type Escape = (text: string) => string

/** @actions/core escapes what separates the properties of a command (`%`, line ends, `:`, `,`); text for readers is escaped here. */
function annotate(diagnostic: Diagnostic, lines: Escape, line: Escape): void {
  const { where, severity, code } = diagnostic
  const text = shortened(lines(sentences(diagnostic)))
  const properties = {
    title: line(code),
    ...(where && { file: line(where.file), startLine: where.line, startColumn: where.column }),
  }
  if (severity === 'error') core.error(text, properties)
  else if (severity === 'warning') core.warning(text, properties)
  else core.notice(text, properties)
}
