import { EventEmitter } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCommandLine } from '../../src/cli/arguments.ts'
import { audit } from '../../src/cli/commands/audit.ts'
import { migrate } from '../../src/cli/commands/migrate.ts'
import { terminalLog } from '../../src/platform/log/terminal.ts'
import { openHost } from '../../src/platform/open-host.ts'
import { Checkout, canary, type HostileCase } from './checkout.ts'
import { capture, differenceOf, layOut, noteProcesses, outsideOf, removeLater } from './enter.ts'

const commands = { audit, migrate }

/** What a person may ask of a branch at a terminal: what is wrong with it, and the change off build.yaml, printed or made. */
export type Asked = 'audit' | 'migrate' | 'migrate --write'

/** What went wrong with one checkout; empty: it held. */
export async function wrongAtTerminal(one: HostileCase, asked: Asked): Promise<readonly string[]> {
  const home = mkdtempSync(join(tmpdir(), 'aicleaner-hostile-'))
  const { workspace, temporary } = layOut(home)
  try {
    one.write(new Checkout(workspace))
    const before = outsideOf(home)
    const { target = '', ...inputs } = one.inputs ?? {}
    const options = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value])
    const line = readCommandLine([...asked.split(' '), ...options, '--', ...target.split('\n').filter(Boolean)])
    const environment = {
      PATH: process.env.PATH ?? '',
      HOME: temporary,
      SOURCE_DATE_EPOCH: '1700000000',
      RUNNER_TEMP: temporary,
    }
    const host = { ...openHost(environment, terminalLog(), new EventEmitter()), workspace }
    const started: (readonly string[])[] = []
    const call = commands[asked === 'audit' ? 'audit' : 'migrate']
    const { value, printed } = await capture(() =>
      call(line, { ...host, processes: noteProcesses(host.processes, started) }).catch((thrown: Error) => thrown),
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal acts on.
    const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(printed)
    return [
      ...(value instanceof Error ? [`an exception: ${value.message.slice(0, 200)}`] : []),
      ...(value instanceof Error || [0, 1, 2].includes(value) ? [] : [`exit code ${value}`]),
      ...(asked === 'audit' && (value === 0 || value === 1) && !printed.includes('Audit of ') ? ['no result'] : []),
      ...started.flatMap(([name]) => (name === 'git' || name === 'hadolint' ? [] : [`it started ${name}`])),
      ...differenceOf(before, outsideOf(home)).map((name) => `it touched ${JSON.stringify(name)}`),
      ...(printed.includes(canary) || printed.includes('root:x:0:0') ? ['it said what is in a file outside'] : []),
      ...(control ? [`it printed U+${control[0].charCodeAt(0).toString(16).padStart(4, '0')}`] : []),
      ...(printed.length > 4_000_000 ? [`it printed ${printed.length} characters`] : []),
    ]
  } finally {
    removeLater(home)
  }
}
