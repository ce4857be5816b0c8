import { EventEmitter } from 'node:events'
import { type Diagnostic, error, Failure } from '../../src/core/diagnostics.ts'
import type { Host } from '../../src/core/host.ts'
import { openHost } from '../../src/platform/open-host.ts'

export interface BareHost extends Host {
  readonly said: readonly Diagnostic[]
  readonly lines: readonly string[]
}

/** A host on which no program can be run, to prove that none is needed; records the log. */
export function bareHost(workspace: string, temporary: string): BareHost {
  const said: Diagnostic[] = []
  const lines: string[] = []
  const log = {
    info: (line: string) => void lines.push(line),
    debug: () => {},
    report: (diagnostic: Diagnostic) => void said.push(diagnostic),
    group: () => {},
    endGroup: () => {},
    mask: () => {},
    redact: (text: string) => text,
  }
  const nothing = async (): Promise<never> => {
    throw new Failure('environment', [error('environment/no-program', 'There is no program.', '')])
  }
  const environment = { GITHUB_WORKSPACE: workspace, RUNNER_TEMP: temporary }
  const host = openHost(environment, log, new EventEmitter())
  return { ...host, processes: { exec: nothing, spawn: nothing }, said, lines }
}
