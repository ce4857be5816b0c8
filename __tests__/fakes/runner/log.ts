import { type Command, parseCommand } from './commands.ts'
import { createMasker, type Masker } from './masks.ts'

export interface RunnerLog {
  /** One line of standard output or standard error; the runner parses both. */
  add(line: string): void
  readonly commands: readonly Command[]
  /** The log as shown on the page of the run: commands are processed, masks apply from the line that adds them. */
  visible(): string
  /** All original lines except those that add a mask. */
  raw(): string
  /** The lines that print a text, except commands that mask it. */
  leaksOf(text: string): readonly string[]
}

const prefixes: Readonly<Record<string, string>> = { error: 'Error: ', warning: 'Warning: ', notice: 'Notice: ' }
const folding: Readonly<Record<string, string>> = { group: '##[group]', endgroup: '##[endgroup]', debug: '##[debug]' }

/** @param masker the masker of the job: values that a step adds stay masked in later steps. */
export function createLog(masker: Masker = createMasker(), debug = false): RunnerLog {
  const lines: string[] = []
  const shown: string[] = []
  const commands: Command[] = []
  let resumedBy: string | undefined
  return {
    commands,
    add(line) {
      if (parseCommand(line)?.name !== 'add-mask') lines.push(line)
      if (resumedBy !== undefined) {
        if (line.trim() === `::${resumedBy}::`) resumedBy = undefined
        else shown.push(masker.mask(line))
        return
      }
      const command = parseCommand(line)
      if (!command) {
        shown.push(masker.mask(line))
        return
      }
      commands.push(command)
      if (command.name === 'add-mask') masker.add(command.message)
      else if (command.name === 'stop-commands') {
        resumedBy = command.message
        if (resumedBy.length > 6) masker.add(resumedBy)
      } else if (command.name === 'debug' && !debug) return
      else if (command.name in prefixes) shown.push(masker.mask(`${prefixes[command.name]}${command.message}`))
      else if (command.name in folding) shown.push(masker.mask(`${folding[command.name]}${command.message}`))
    },
    visible: () => shown.join('\n'),
    raw: () => lines.join('\n'),
    leaksOf: (text) =>
      // Commands encode line breaks as %0A, so check the decoded text as well.
      lines.filter((line) => line.includes(text) || parseCommand(line)?.message.includes(text)),
  }
}
