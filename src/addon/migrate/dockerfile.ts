import { Arg, From, type Instruction } from 'dockerfile-ast'
import type { Architecture } from '../../core/architecture.ts'
import type { Diagnostic } from '../../core/diagnostics.ts'
import { Problems } from '../../core/problems.ts'
import { textBefore } from '../../core/text.ts'
import type { Escape } from '../../dockerfile/expand.ts'
import { wordsOf } from '../../dockerfile/heredocs.ts'
import { parseDockerfile } from '../../dockerfile/instructions.ts'
import { lineStarts } from '../yaml/lines.ts'

import { applyEdits, type Edit, lineEndOf } from './edits.ts'

/** A name that an ARG declares, and the offsets of the name with its default. */
interface Declaration {
  readonly name: string
  readonly hasDefault: boolean
  readonly instruction: Arg
  readonly from: number
  readonly to: number
  /** 0 is before the first FROM. */
  readonly stage: number
}

export interface DockerfileValues {
  /** Base of each architecture that is built with this Dockerfile. */
  readonly bases: ReadonlyMap<Architecture, string>
  readonly args: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
}

/**
 * Writes the values of build.yaml into a Dockerfile. Changes only what is necessary: comments, order, spaces and line ends stay.
 */
export function migrateDockerfile(
  text: string,
  file: string,
  values: DockerfileValues,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const page = new Page(text.slice(mark.length), file)
  if (page.froms.length === 0) return { text, diagnostics: [] }
  if (values.bases.size > 0) page.setBases(values.bases)
  page.setArguments(values.args)
  if (values.labels.size > 0) page.addLabels(values.labels)
  return { text: mark + page.result(), diagnostics: page.problems.list }
}

class Page {
  readonly problems = new Problems()
  readonly froms: readonly From[]
  readonly #text: string
  readonly #file: string
  readonly #eol: string
  readonly #escape: Escape
  readonly #starts: readonly number[]
  readonly #instructions: readonly Instruction[]
  readonly #edits: Edit[] = []
  /** Arguments that the edits declare, by stage and name (`0 BUILD_ARCH`), so that each stage declares them once. */
  readonly #declared = new Set<string>()

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
    this.#eol = lineEndOf(text)
    this.#starts = lineStarts(text)
    const parsed = parseDockerfile(text)
    this.#escape = parsed.getEscapeCharacter() === '`' ? '`' : '\\'
    this.#instructions = parsed.getInstructions()
    this.froms = this.#instructions.filter((one): one is From => one instanceof From)
  }

  result(): string {
    return applyEdits(this.#text, this.#edits)
  }

  setBases(bases: ReadonlyMap<Architecture, string>): void {
    // If no ARG declares it, every build uses a default such as `${BUILD_FROM:-alpine}`.
    const use = this.#argument('BUILD_FROM', 0)
      ? /\$\{?BUILD_FROM(?![A-Za-z0-9_])/
      : /\$BUILD_FROM(?![A-Za-z0-9_])|\$\{BUILD_FROM\}/
    const uses = this.froms.some((from) => use.test(from.getImage() ?? ''))
    const same = oneBase(bases)
    if (!uses) this.#unused('does not use BUILD_FROM, so "build_from" is removed')
    else if (same !== undefined) this.#setGlobal('BUILD_FROM', same, firstOf(bases))
    else this.#addStages(bases)
  }

  /** For base images that do not follow one pattern: adds a stage for each, and BUILD_FROM selects one. */
  #addStages(bases: ReadonlyMap<Architecture, string>): void {
    const names = this.froms.map((from) => from.getBuildStage()?.toLowerCase())
    let prefix = 'build-from-'
    while (names.some((name) => name?.startsWith(prefix))) prefix = `x${prefix}`
    this.#setGlobal('BUILD_FROM', `${prefix}{arch}`, firstOf(bases))
    const stages = [...bases].map(
      ([architecture, base]) => `FROM ${withVariables(base)} AS ${prefix}${architecture}${this.#eol}`,
    )
    if ([...bases.values()].some((base) => base.includes('{version}')))
      this.#declareGlobal(this.froms[0], 'BUILD_VERSION', 'dev')
    this.#insertBefore(this.froms[0], `${stages.join('')}${this.#eol}`)
    this.#shiftStageNumbers(bases.size)
  }

  /** Corrects references to stages by number, such as `COPY --from=0`. */
  #shiftStageNumbers(by: number): void {
    for (const instruction of this.#instructions) {
      if (!['COPY', 'RUN', 'ADD'].includes(instruction.getKeyword())) continue
      const range = this.#range(instruction)
      const source = this.#text.slice(range.from, range.to)
      const isRun = instruction.getKeyword() === 'RUN'
      for (const flag of source.matchAll(isRun ? /--mount=\S*(?=\s)/g : /--from=\d+(?=\s)/g)) {
        const match = /\bfrom=(\d+)(?:,|$)/.exec(flag[0])
        if (!match) continue
        const from = range.from + flag.index + match.index + 'from='.length
        const number = match[1] ?? ''
        this.#edits.push({ from, to: from + number.length, text: String(Number(number) + by) })
      }
    }
  }

  /** Default of a global argument; the arguments in its value are declared before it. */
  #setGlobal(name: string, value: string, fallback: Architecture): void {
    const found = this.#argument(name, 0)
    const anchor = found?.instruction ?? this.froms[0]
    const text = withVariables(value)
    if (value.includes('{arch}')) this.#declareGlobal(anchor, 'BUILD_ARCH', fallback)
    if (value.includes('{version}')) this.#declareGlobal(anchor, 'BUILD_VERSION', 'dev')
    if (!found) this.#insertBefore(this.froms[0], `ARG ${name}=${text}${this.#eol}`)
    // A later ARG of the same name without a value would remove the default.
    for (const one of this.#arguments(name)) if (one.stage === 0) this.#replace(one, `${name}=${text}`)
  }

  #declareGlobal(before: Instruction | undefined, name: string, fallback: string): void {
    const found = this.#argument(name, 0)
    const isBefore = found && before && this.#range(found.instruction).from < this.#range(before).from
    if (!found || !isBefore) this.#insertBefore(before, `ARG ${name}=${fallback}${this.#eol}`)
    else if (!found.hasDefault) this.#replace(found, `${name}=${fallback}`)
  }

  /** Defaults for arguments that the Dockerfile declares; an argument without a declaration had no effect. */
  setArguments(args: ReadonlyMap<string, string>): void {
    for (const [name, value] of args) {
      const found = this.#arguments(name)
      if (found.length === 0) this.#unused(`has no ARG ${name}, so the argument is removed`)
      for (const declaration of found) {
        this.#declare(value, declaration.instruction, declaration.stage)
        this.#replace(declaration, `${name}=${quote(value, this.#escape)}`)
      }
    }
  }

  /** LABEL at the end of the last stage, so that no layer has to be built again. */
  addLabels(labels: ReadonlyMap<string, string>): void {
    const stage = this.froms.length
    const last = this.#instructions.at(-1)
    const declared = [...this.#needed([...labels.values()].join(' '), last, stage, true)]
    const pairs = [...labels].map(([name, value]) => `${quoteName(name, this.#escape)}=${quote(value, this.#escape)}`)
    const lines = [
      ...declared.map((name) => `ARG ${name}`),
      `LABEL ${pairs.join(` ${this.#escape}${this.#eol}      `)}`,
    ]
    const block = `${lines.join(this.#eol)}${this.#eol}`
    const trimmed = this.#text.trimEnd()
    if (trimmed.endsWith(this.#escape)) {
      // The last instruction continues on the next line.
      const from = this.froms.at(-1)
      const end = from ? this.#range(from).to : 0
      this.#edits.push({ from: end, to: end, text: `${this.#eol}${lines.join(this.#eol)}` })
      return
    }
    const separator = this.#text.endsWith('\n') ? '' : this.#eol
    this.#edits.push({ from: this.#text.length, to: this.#text.length, text: `${separator}${this.#eol}${block}` })
  }

  /** Declares BUILD_ARCH and BUILD_VERSION before an instruction that uses a value with placeholders. */
  #declare(value: string, before: Instruction, stage: number): void {
    for (const name of this.#needed(value, before, stage, false)) {
      this.#insertBefore(before, `ARG ${name}${stage === 0 ? defaultOf(name) : ''}${this.#eol}`)
    }
  }

  *#needed(value: string, before: Instruction | undefined, stage: number, atEnd: boolean): Generator<string> {
    for (const [placeholder, name] of [
      ['{arch}', 'BUILD_ARCH'],
      ['{version}', 'BUILD_VERSION'],
    ] as const) {
      if (!value.includes(placeholder) || this.#declared.has(`${stage} ${name}`)) continue
      const earlier = this.#arguments(name).find((one) => one.stage === stage)
      const at = before ? this.#range(before).from : 0
      if (earlier && (atEnd || this.#range(earlier.instruction).from < at)) continue
      this.#declared.add(`${stage} ${name}`)
      yield name
    }
  }

  #argument(name: string, stage: number) {
    return this.#arguments(name).find((one) => one.stage === stage)
  }

  #arguments(name: string): readonly Declaration[] {
    let stage = 0
    return this.#instructions.flatMap((instruction) => {
      if (instruction instanceof From) stage += 1
      return instruction instanceof Arg
        ? this.#declarationsOf(instruction, stage).filter((one) => one.name === name)
        : []
    })
  }

  /** `ARG A B=1` declares two; the parser library reads the second word as the value of the first. */
  #declarationsOf(instruction: Arg, stage: number): readonly Declaration[] {
    const range = this.#range(instruction)
    // Comments between continued lines are not words.
    const source = this.#text
      .slice(range.from, range.to)
      .replaceAll(/\n[ \t]*#[^\n]*/g, (comment) => `\n${' '.repeat(comment.length - 1)}`)
    let end = range.from
    return wordsOf(source, this.#escape).flatMap((word, index) => {
      end += word.length
      const isContinuation = (at: number): boolean => word[at] === this.#escape && /\s/.test(word[at + 1] ?? '')
      let [first, last] = [0, word.length]
      while (isContinuation(first)) first += 2
      while (last > first && isContinuation(last - 2)) last -= 2
      const text = word.slice(first, last)
      if (index === 0 || text.trim() === '') return []
      const [from, to] = [end - word.length + first, end - word.length + last]
      return [
        {
          name: textBefore(text, '=').replace(/["']/g, ''),
          hasDefault: text.includes('='),
          instruction,
          from,
          to,
          stage,
        },
      ]
    })
  }

  #replace({ from, to }: Declaration, text: string): void {
    this.#edits.push({ from, to, text })
  }

  #insertBefore(instruction: Instruction | undefined, text: string): void {
    const from = instruction ? this.#range(instruction).from : 0
    this.#edits.push({ from, to: from, text })
  }

  #range(instruction: Instruction): { readonly from: number; readonly to: number } {
    const { start, end } = instruction.getRange()
    return { from: this.#offset(start), to: this.#offset(end) }
  }

  #offset({ line, character }: { readonly line: number; readonly character: number }): number {
    return (this.#starts[line] ?? 0) + character
  }

  #unused(why: string): void {
    const line = (this.froms[0]?.getRange().start.line ?? 0) + 1
    const where = { file: this.#file, line, column: 1 }
    this.problems.notice('migrate/unused', `The Dockerfile ${why}.`, 'No action is needed.', where)
  }
}

const firstOf = (bases: ReadonlyMap<Architecture, string>): Architecture => bases.keys().next().value ?? 'amd64'

/** One value for all architectures: their common base image, or a name with `{arch}` if the names differ only by the architecture. */
export function oneBase(bases: ReadonlyMap<Architecture, string>): string | undefined {
  const [first] = bases
  if (!first) return undefined
  const [architecture, base] = first
  if ([...bases.values()].every((other) => other === base)) return base
  const template = base.replaceAll(architecture, '{arch}')
  const fits = [...bases].every(([other, text]) => template.replaceAll('{arch}', other) === text)
  return fits ? template : undefined
}

/** A global ARG needs a default. */
const defaultOf = (name: string): string => (name === 'BUILD_ARCH' ? '=amd64' : '=dev')

const withVariables = (text: string): string =>
  text.replaceAll('{arch}', `\${BUILD_ARCH}`).replaceAll('{version}', `\${BUILD_VERSION}`)

/** A value as it is written in a Dockerfile, with variables instead of `{arch}` and `{version}`. */
export function quote(value: string, escaper: Escape = '\\'): string {
  const escaped = withVariables(escapedText(value, escaper))
  return /^[\w.:/@${}+-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

const quoteName = (name: string, escaper: Escape): string =>
  /^[\w./-]+$/.test(name) ? name : `"${escapedText(name, escaper)}"`

const escapedText = (text: string, escaper: Escape): string =>
  text.replaceAll(escaper === '`' ? /[`"$]/g : /[\\"$]/g, (character) => escaper + character)
