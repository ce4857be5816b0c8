import { Arg, Env, type Instruction, ModifiableInstruction } from 'dockerfile-ast'
import { type Architecture, ociPlatformOf, platformOf } from '../core/architecture.ts'
import { parseDockerfile } from './dockerfile.ts'
import { expand } from './expand.ts'

/** An instruction as rules look at it. */
export interface Step {
  readonly keyword: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** `--mount`, `--from`, `--chown` … without the dashes; some may stand several times. */
  readonly flags: ReadonlyMap<string, readonly string[]>
  /** Of ENV and ARG: names and values, quotes taken off. An ARG without a value has undefined. */
  readonly pairs: readonly (readonly [name: string, value: string | undefined])[]
  /** What follows keyword and flags, on one line but for here-documents; lines of comments are gone. */
  readonly text: string
  /** The JSON form, or undefined. */
  readonly json?: readonly string[]
}

export interface Stage {
  readonly index: number
  readonly name?: string
  /** As written. */
  readonly from: string
  /** With variables filled in; undefined where only BuildKit can. */
  readonly image?: string
  /** Index of the earlier stage that it stands on. */
  readonly parent?: number
  readonly line: number
  readonly steps: readonly Step[]
}

export interface DockerfileModel {
  /** As the user names it. */
  readonly file: string
  readonly text: string
  readonly stages: readonly Stage[]
  /** The stage that is built and those that it stands on, in the order in which they are built. */
  readonly chain: readonly Stage[]
  /** Fills in variables as they stand at the end of the built stage; undefined where only BuildKit can. */
  value(text: string): string | undefined
}

interface ModelSetting {
  readonly stage?: string
  readonly architecture: Architecture
  readonly buildArguments: ReadonlyMap<string, string>
}

/** Reads a Dockerfile for the rules. Undefined where it has no stage, which is said elsewhere. */
export function readModel(text: string, file: string, setting: ModelSetting): DockerfileModel | undefined {
  const parsed = parseDockerfile(text)
  const escapeMark = parsed.getEscapeCharacter()
  const { architecture, variant } = ociPlatformOf(setting.architecture)
  const global = new Map<string, string>([
    ['TARGETPLATFORM', platformOf(setting.architecture)],
    ['TARGETOS', 'linux'],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant ?? ''],
  ])
  const platform = new Map(global)
  const stages: { -readonly [K in keyof Stage]: Stage[K] extends readonly Step[] ? Step[] : Stage[K] }[] = []
  const lines = text.split('\n')
  const byName = new Map<string, number>()
  for (const instruction of parsed.getInstructions()) {
    const step = stepOf(instruction, lines, escapeMark)
    if (step.keyword === 'FROM') {
      const [from = '', as, name] = step.text.split(/\s+/).filter(Boolean)
      const image = expand(from, (one) => global.get(one))?.trim()
      const parent = byName.get((image ?? from).toLowerCase()) ?? -1
      const isNamed = name !== undefined && as?.toLowerCase() === 'as'
      if (isNamed) byName.set(name.toLowerCase(), stages.length)
      stages.push({
        index: stages.length,
        from,
        line: step.line,
        steps: [],
        ...(isNamed && { name }),
        ...(image !== undefined && { image }),
        ...(parent >= 0 && { parent }),
      })
    } else if (stages.length > 0) stages.at(-1)?.steps.push(step)
    else if (step.keyword === 'ARG') {
      for (const [name, value] of step.pairs) {
        const given = setting.buildArguments.get(name) ?? (value && expand(value, (one) => global.get(one))) ?? value
        if (given !== undefined) global.set(name, given)
      }
    }
  }
  const chain = chainOf(stages, setting.stage)
  if (chain.length === 0) return undefined
  const values = valuesOf(chain, setting, global, platform)
  return { file, text, stages, chain, value: (one) => expand(one, (name) => values.get(name)) }
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function chainOf(stages: readonly Stage[], wanted: string | undefined): readonly Stage[] {
  const numbered = wanted !== undefined && /^\d+$/.test(wanted) ? stages[Number(wanted)] : undefined
  let stage =
    wanted === undefined
      ? stages.at(-1)
      : (stages.findLast(({ name }) => name !== undefined && sameName(name, wanted)) ?? numbered)
  const chain: Stage[] = []
  while (stage) {
    chain.unshift(stage)
    stage = stage.parent === undefined ? undefined : stages[stage.parent]
  }
  return chain
}

/** ENV wins over ARG; an ARG in a stage takes the value of the global one unless it has its own. Both reach later stages. */
function valuesOf(
  chain: readonly Stage[],
  { buildArguments }: ModelSetting,
  global: ReadonlyMap<string, string>,
  platform: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const args = new Map<string, string>()
  const environment = new Map<string, string>()
  const lookUp = (name: string) => environment.get(name) ?? args.get(name)
  for (const { keyword, pairs } of chain.flatMap(({ steps }) => steps)) {
    for (const [name, value] of pairs) {
      const own = value === undefined ? undefined : (expand(value, lookUp) ?? value)
      if (keyword === 'ENV') environment.set(name, own ?? '')
      else args.set(name, buildArguments.get(name) ?? own ?? global.get(name) ?? platform.get(name) ?? '')
    }
  }
  return new Map([...args, ...environment])
}

function stepOf(instruction: Instruction, lines: readonly string[], escapeMark: string): Step {
  const { start } = instruction.getRange()
  const flags = new Map<string, string[]>()
  if (instruction instanceof ModifiableInstruction) {
    for (const flag of instruction.getFlags()) {
      const name = flag.getName().toLowerCase()
      flags.set(name, [...(flags.get(name) ?? []), flag.getValue() ?? ''])
    }
  }
  const keyword = instruction.getKeyword()
  const raw = withoutFlags(instruction, lines)
  const heredoc = /<<-?\s*["']?\w/.test(raw) && /^(?:RUN|COPY|ADD)$/.test(keyword)
  const joined = joinLines(raw, escapeMark, heredoc)
  const json = jsonOf(joined)
  return {
    keyword,
    line: start.line + 1,
    column: start.character + 1,
    flags,
    pairs: pairsOf(instruction),
    text: joined,
    ...(json && { json }),
  }
}

function pairsOf(instruction: Instruction): Step['pairs'] {
  if (!(instruction instanceof Env || instruction instanceof Arg)) return []
  return instruction.getProperties().flatMap((property) => {
    const name = property.getName()
    return name ? [[name, property.getValue() ?? undefined] as const] : []
  })
}

function withoutFlags(instruction: Instruction, lines: readonly string[]): string {
  const { start, end } = instruction.getRange()
  const own = lines.slice(start.line, end.line + 1)
  own[own.length - 1] = own.at(-1)?.slice(0, end.line === start.line ? end.character : undefined) ?? ''
  const whole = own.join('\n').slice(start.character)
  return whole.replace(/^\S+/, '')
}

/** Continued lines as one; lines of comments between them count as nothing, as BuildKit sees it. */
function joinLines(raw: string, escapeMark: string, heredoc: boolean): string {
  const text = raw
    .replaceAll('\r\n', '\n')
    .replace(escapeMark === '`' ? /`[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*/g : /\\[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*/g, ' ')
    .replace(/^(?:\s+--[a-z]+(?:=\S*)?)+(?=\s)/, '')
  return heredoc ? text.trim() : text.replace(/\n[ \t]*#[^\n]*/g, '').trim()
}

function jsonOf(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
  } catch {
    return undefined
  }
}
