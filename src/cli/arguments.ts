import { parseArgs } from 'node:util'
import { type Diagnostic, error } from '../core/diagnostics.ts'
import { isPem } from '../core/pem.ts'
import { nearest } from '../core/suggest.ts'
import { inputNames, switches } from '../inputs/names.ts'
import { modes } from '../inputs/options.ts'

const commands = [
  'run',
  'plan',
  'build',
  'publish',
  'refresh',
  'size',
  'smoke',
  'audit',
  'migrate',
  'help',
  'version',
] as const
type Command = (typeof commands)[number]

export interface CommandLine {
  readonly command: Command
  /** Folders of add-ons; for `size`, one or two images or archives; for `smoke`, one image. */
  readonly operands: readonly string[]
  /** The text of an input, as the action gets it. */
  readonly text: (name: string) => string
  /** Names of the options on the command line. */
  readonly given: readonly string[]
  /** `migrate --write`, `refresh --write`. */
  readonly write: boolean
  readonly diagnostics: readonly Diagnostic[]
}

interface Operands {
  readonly least: number
  readonly most: number
  readonly names: string
}

const folders: Operands = { least: 0, most: Number.POSITIVE_INFINITY, names: 'add-on folders' }
const operandsOf: Readonly<Record<Command, Operands>> = {
  run: folders,
  plan: folders,
  build: folders,
  publish: folders,
  refresh: folders,
  audit: folders,
  migrate: folders,
  size: { least: 1, most: 2, names: 'images, archives or tags' },
  smoke: { least: 1, most: 1, names: 'image' },
  help: { least: 0, most: 1, names: 'command' },
  version: { least: 0, most: 0, names: 'operands' },
}

/** Secret inputs, which are refused as options, and what to do instead: every user of the machine can read the command line of a process. */
const secrets: ReadonlyMap<string, string> = new Map([
  ['password', 'Log in with "docker login" first.'],
  ['github-token', 'A run in a terminal writes no comment and needs no token.'],
])

const switchNames: ReadonlySet<string> = new Set([...switches, 'write', 'help'])
const options = {
  ...Object.fromEntries(inputNames.map((name) => [name, { type: 'string' as const, multiple: true }])),
  ...Object.fromEntries([...switchNames].map((name) => [name, { type: 'boolean' as const, multiple: true }])),
}

/** Reads `aicleaner-build COMMAND [OPERAND…] [--input value …]`. Each value of a repeated option is a line of the input. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const diagnostics: Diagnostic[] = []
  const values = new Map<string, string[]>()
  const words: string[] = []
  const unknown = new Set<string>()
  let wanted: 'help' | 'version' | undefined
  let write = false
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true })
  const rest = [...tokens]
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value: given, inlineValue, index } = token
    const isLast = index === args.length - 1
    if (rawName === '--help' || rawName === '-h') wanted = 'help'
    else if (isLast && words.length === 0 && (rawName === '--version' || rawName === '-V')) wanted = 'version'
    else if (rawName === '--write') write = given !== 'false'
    // The parser reports several tokens for a word such as `-xyz`.
    else if (!rawName.startsWith('--')) unknown.add(args[index] ?? rawName)
    else {
      // A switch may be followed by its value, and so may an unknown name: the inputs suggest the name that was meant.
      const next = rest[0]?.kind === 'positional' && rest[0].index === index + 1 ? rest[0].value : undefined
      const isSwitch = switchNames.has(name)
      const isKnown = isSwitch || Object.hasOwn(options, name)
      const takesNext = given === undefined && next !== undefined && (isSwitch ? /^(true|false)$/.test(next) : !isKnown)
      if (takesNext) rest.shift()
      const value = given ?? (isSwitch ? (takesNext ? next : 'true') : isKnown ? undefined : '')
      const problem = checkValue(name, value, inlineValue === true)
      if (problem) diagnostics.push(problem)
      else values.set(name, [...(values.get(name) ?? []), value ?? ''])
    }
  }
  const hint = 'Options are inputs with two dashes: "--max-size 120MB".'
  for (const word of unknown) diagnostics.push(error('command/unknown-option', `"${word}" is not an option.`, hint))
  const [first, ...others] = words
  const found = commands.find((one) => one === first)
  if (first !== undefined && found === undefined && wanted !== 'help') diagnostics.push(unknownCommand(first))
  const command = wanted ?? found ?? 'help'
  const operands = wanted === 'help' ? [] : others
  if (diagnostics.length === 0) diagnostics.push(...checkOperands(command, operands, write))
  const text = (name: string): string => values.get(name)?.join('\n') ?? impliedText(name, command, operands)
  return { command, operands, text, given: [...values.keys()], write, diagnostics }
}

function unknownCommand(word: string): Diagnostic {
  const near = nearest(word, commands)
  const remedy = near === undefined ? `Use one of: ${commands.join(', ')}.` : `Did you mean "${near}"?`
  return error('command/unknown', `"${word}" is not a command.`, remedy)
}

/** @param isInline it was written as `--name=value`, so it may begin with dashes. */
function checkValue(name: string, value: string | undefined, isInline: boolean): Diagnostic | undefined {
  const remedy =
    secrets.get(name) ?? (name === 'endpoint-key' && isPem(value ?? '') ? 'Give the path of its file.' : undefined)
  if (remedy !== undefined) {
    return error('command/secret', `--${name} would be visible to every process on this machine.`, remedy)
  }
  if (value !== undefined && (isInline || !value.startsWith('--'))) return undefined
  return error(
    'command/no-value',
    `--${name} needs a value.`,
    `Write "--${name} VALUE", or "--${name}=VALUE" if it begins with dashes.`,
  )
}

function checkOperands(command: Command, operands: readonly string[], write: boolean): readonly Diagnostic[] {
  const { least, most, names } = operandsOf[command]
  if (operands.length < least || operands.length > most) {
    const count = most === 0 ? 'no' : least === most ? String(least) : `${least} to ${most}`
    const message = `"${command}" takes ${count} ${names}, not ${operands.length}.`
    return [error('command/operands', message, 'See "aicleaner-build help".')]
  }
  if (!write || command === 'migrate' || command === 'refresh') return []
  const message = `"--write" is an option of "migrate" and "refresh", not of "${command}".`
  return [error('command/unknown-option', message, 'Remove it.')]
}

/** The text of an input without an option of its name. */
function impliedText(name: string, command: Command, operands: readonly string[]): string {
  if (name === 'mode') return modes.find((mode) => mode === command) ?? 'run'
  return name === 'target' && command !== 'size' && command !== 'smoke' ? operands.join('\n') : ''
}

export const help = `Usage: aicleaner-build COMMAND [FOLDER…] [--INPUT VALUE …]

  run      build, smoke test and measure add-ons; publish them with --push
  plan     show what would be built; needs no Docker
  size     measure an image, or compare two: size A [B] (image names, archives or OCI layouts)
  smoke    smoke test an image: smoke IMAGE --target FOLDER
  audit    check the Dockerfile and the build context against good practice; needs no Docker
  migrate  show how to move an add-on off build.yaml and the retired action; --write applies the change
  refresh  show add-ons whose base image has changed since their published version; --write bumps their versions
  build    build one cell of a matrix and push it by digest
  publish  publish the images of all cells of a matrix

  help, version

Every input of the action is an option: --architectures amd64,aarch64 --max-size 120MB. An option can be repeated.

Exit codes:
  0    passed
  1    a check failed
  2    invalid input
  3    the environment failed: no Docker, the registry does not respond
  130  cancelled
`
