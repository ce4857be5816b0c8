import { type Command, parseCommand } from './commands.ts'
import { createMasker, type Masker } from './masks.ts'

export interface RunnerLog {
  /** One line of standard output or standard error; the runner reads both alike. */
  add(line: string): void
  readonly commands: readonly Command[]
  /** What a person sees on the page of the run: commands carried out, masks applied from the line on that set them. */
  visible(): string
  /** All lines as they came, but for those that register a mask. */
  raw(): string
  /** The lines in which a text is printed other than to mask it. */
  leaksOf(text: string): readonly string[]
}

const prefixes: Readonly<Record<string, string>> = { error: 'Error: ', warning: 'Warning: ', notice: 'Notice: ' }
const folding: Readonly<Record<string, string>> = { group: '##[group]', endgroup: '##[endgroup]', debug: '##[debug]' }

/** @param masker of the job: what a step adds to it stays hidden in later steps. */
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
      // Line breaks are written as %0A in a command: look at what it says, too.
      lines.filter((line) => line.includes(text) || parseCommand(line)?.message.includes(text)),
  }
}
