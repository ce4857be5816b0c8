import { type Diagnostic, error } from '../core/diagnostics.ts'
import { isPem } from '../core/pem.ts'
import { nearest } from '../core/suggest.ts'
import { type InputName, inputNames, switches } from '../inputs/names.ts'

export const commands = [
  'run',
  'plan',
  'build',
  'publish',
  'size',
  'smoke',
  'audit',
  'migrate',
  'help',
  'version',
] as const
export type Command = (typeof commands)[number]

export interface CommandLine {
  readonly command: Command
  /** Folders of add-ons, but for `size` (two images or archives) and `smoke` (one image). */
  readonly operands: readonly string[]
  /** The text of an input, as an action gets it. */
  readonly text: (name: string) => string
  /** Names of the options that stood there. */
  readonly given: readonly string[]
  /** `migrate --write`. */
  readonly write: boolean
  readonly diagnostics: readonly Diagnostic[]
}

/** How many operands, and what they are. */
const operandsOf: Readonly<Record<Command, readonly [least: number, most: number, what: string]>> = {
  run: [0, Number.POSITIVE_INFINITY, 'add-on folders'],
  plan: [0, Number.POSITIVE_INFINITY, 'add-on folders'],
  build: [0, Number.POSITIVE_INFINITY, 'add-on folders'],
  publish: [0, Number.POSITIVE_INFINITY, 'add-on folders'],
  audit: [0, Number.POSITIVE_INFINITY, 'add-on folders'],
  migrate: [0, Number.POSITIVE_INFINITY, 'add-on folders'],
  size: [1, 2, 'images, archives or tags'],
  smoke: [1, 1, 'image'],
  help: [0, 1, 'command'],
  version: [0, 0, ''],
}

/** Anybody on the machine can read the command line of a process. */
const secret: ReadonlyMap<string, string> = new Map([
  ['password', 'Log in before with "docker login".'],
  ['github-token', 'Nothing is commented from a terminal.'],
])

/** Reads `aicleaner-build COMMAND [OPERAND…] [--input value …]`. An option may stand several times: each is a line of the input. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const diagnostics: Diagnostic[] = []
  const values = new Map<string, string[]>()
  const operands: string[] = []
  let command: Command | undefined
  let write = false
  let onlyOperands = false
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!onlyOperands && word === '--') onlyOperands = true
    else if (!onlyOperands && (word === '--help' || word === '-h')) command = 'help'
    else if (!onlyOperands && (word === '--version' || word === '-V') && command === undefined && rest.length === 0)
      command = 'version'
    else if (!onlyOperands && word === '--write') write = true
    else if (!onlyOperands && word.startsWith('--')) {
      const cut = word.indexOf('=')
      const name = cut < 0 ? word.slice(2) : word.slice(2, cut)
      const value = cut < 0 ? optionValue(name, rest, diagnostics) : word.slice(cut + 1)
      const why =
        secret.get(name) ?? (name === 'endpoint-key' && isPem(value ?? '') ? 'Give the path of its file.' : undefined)
      if (why !== undefined) {
        diagnostics.push(error('command/secret', `--${name} would stand where every process can read it.`, why))
      } else if (value !== undefined) values.set(name, [...(values.get(name) ?? []), value])
    } else if (!onlyOperands && word.startsWith('-') && word.length > 1) {
      diagnostics.push(
        error(
          'command/unknown-option',
          `"${word}" is not an option.`,
          'Options are inputs with two dashes: "--max-size 120MB".',
        ),
      )
    } else if (command === undefined) {
      command = (commands as readonly string[]).includes(word) ? (word as Command) : undefined
      if (command === undefined) {
        const near = nearest(word, commands)
        diagnostics.push(
          error(
            'command/unknown',
            `"${word}" is not a command.`,
            near === undefined ? `Use one of: ${commands.join(', ')}.` : `Did you mean "${near}"?`,
          ),
        )
        command = 'help'
      }
    } else operands.push(word)
  }
  command ??= 'help'
  if (diagnostics.length === 0) diagnostics.push(...checkOperands(command, operands, write))
  return {
    command,
    operands,
    text: (name) => textOf(name, command, operands, values),
    given: [...values.keys()],
    write,
    diagnostics,
  }
}

/** The next word, but for a switch, where only `true` or `false` are taken. */
function optionValue(name: string, rest: string[], diagnostics: Diagnostic[]): string | undefined {
  const next = rest[0]
  if (switches.has(name as InputName)) return next === 'true' || next === 'false' ? rest.shift() : 'true'
  if (!(inputNames as readonly string[]).includes(name)) {
    // Kept as it is: the inputs say which name was meant.
    if (next !== undefined && !next.startsWith('--')) rest.shift()
    return ''
  }
  if (next === undefined || next.startsWith('--')) {
    diagnostics.push(
      error(
        'command/no-value',
        `--${name} needs a value.`,
        `Write "--${name} VALUE", or "--${name}=VALUE" where it begins with dashes.`,
      ),
    )
    return undefined
  }
  return rest.shift()
}

function checkOperands(command: Command, operands: readonly string[], write: boolean): readonly Diagnostic[] {
  const [least, most, what] = operandsOf[command]
  if (operands.length < least || operands.length > most) {
    const number =
      least === most ? String(least) : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`
    return [
      error(
        'command/operands',
        `"${command}" takes ${most === 0 ? 'nothing more' : `${number} ${what}`}, not ${operands.length}.`,
        'See "aicleaner-build help".',
      ),
    ]
  }
  return write && command !== 'migrate'
    ? [error('command/unknown-option', `"--write" belongs to "migrate", not to "${command}".`, 'Remove it.')]
    : []
}

function textOf(
  name: string,
  command: Command,
  operands: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): string {
  const written = values.get(name)?.join('\n')
  if (name === 'mode' && written === undefined) return ['plan', 'build', 'publish'].includes(command) ? command : 'run'
  if (name === 'target' && written === undefined && command !== 'size' && command !== 'smoke')
    return operands.join('\n')
  return written ?? ''
}

export const help = `Usage: aicleaner-build COMMAND [FOLDER…] [--INPUT VALUE …]

  run      build, smoke test, measure; publish with --push
  plan     say what would be built; needs no Docker
  size     compare two images, archives or tags: size A B
  smoke    test an image: smoke IMAGE --target FOLDER
  audit    check Dockerfile, context and image against good practice
  migrate  show the change that moves an add-on off build.yaml and the retired action; --write makes it
  build, publish   one cell of a matrix, and the join of all cells

Every input of the action is an option: --architectures amd64,aarch64 --max-size 120MB. An option may stand several times.
Exit codes: 0 passed, 1 a check failed, 2 bad input, 3 the environment (no Docker, registry down) failed.
`
