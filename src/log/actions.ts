import type { Diagnostic } from '../diagnostics.ts'
import type { Log } from '../host.ts'
import * as core from './core.ts'
import { createMasks } from './masks.ts'

/** The log of a GitHub runner: groups that fold, annotations, masked values. */
export function actionsLog(): Log {
  const masks = createMasks()
  return {
    info: (line) => core.info(harmless(masks.redact(line))),
    debug: (line) => core.debug(masks.redact(line)),
    report: (diagnostic) => annotate(diagnostic, masks.redact),
    group: (title) => core.startGroup(masks.redact(title)),
    endGroup: () => core.endGroup(),
    mask(secret) {
      for (const part of masks.add(secret)) core.setSecret(part)
    },
    redact: masks.redact,
  }
}

/**
 * What a build or a container printed, or a file says, must not be able to give the runner a command (`::set-output::`, `##[error]`).
 * Runner source: ActionCommandManager looks for `::` at the start of the trimmed line and for `##[` anywhere.
 */
export const harmless = (line: string): string =>
  line.replace(/^(\s*):(?=:)/gm, '$1:\u200b').replaceAll('##[', '##\u200b[')

function annotate(diagnostic: Diagnostic, redact: (text: string) => string): void {
  const { where, severity } = diagnostic
  const text = redact(`${diagnostic.message} ${diagnostic.remedy}`.trim())
  const properties = {
    title: diagnostic.code,
    ...(where && { file: where.file, startLine: where.line, startColumn: where.column }),
  }
  if (severity === 'error') core.error(text, properties)
  else if (severity === 'warning') core.warning(text, properties)
  else core.notice(text, properties)
}
