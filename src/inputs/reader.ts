import { type Diagnostic, error } from '../core/diagnostics.ts'
import { isWrong, type Parsed, quoted } from '../core/parsed.ts'
import { suggestion } from '../core/suggest.ts'
import { assignment, assignmentLines, items, lines } from './lists.ts'
import type { InputName } from './names.ts'

/** Reads inputs one by one and collects problems. An empty input counts as not given. */
export class InputReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #text: (name: string) => string

  constructor(text: (name: string) => string) {
    this.#text = text
  }

  text(name: InputName): string | undefined {
    return this.#text(name).trim() || undefined
  }

  /** The text as given, for line numbers in messages. */
  raw(name: InputName): string {
    return this.#text(name)
  }

  refuse(name: InputName, code: string, problem: string, remedy: string): undefined {
    this.diagnostics.push(error(`input/${code}`, `Input "${name}": ${problem}`, remedy))
  }

  one<T>(name: InputName, code: string, parse: (text: string) => Parsed<T>): T | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : this.#take(name, code, parse(text))
  }

  /** One value per line. Undefined if there is none. */
  lines<T>(name: InputName, code: string, parse: (text: string) => Parsed<T>): readonly T[] | undefined {
    return this.#each(name, code, lines(this.#text(name)), parse)
  }

  /** One value per line or between commas. Undefined if there is none. */
  items<T>(name: InputName, code: string, parse: (text: string) => Parsed<T>): readonly T[] | undefined {
    return this.#each(name, code, items(this.#text(name)), parse)
  }

  /** `KEY=value` lines; a later one wins. */
  assignments(name: InputName, keyPattern: RegExp): ReadonlyMap<string, string> {
    const pairs = this.assignmentLines(name, 'not-an-assignment', (line) => assignment(line, keyPattern))
    return new Map(pairs ?? [])
  }

  assignmentLines<T>(name: InputName, code: string, parse: (line: string) => Parsed<T>): readonly T[] | undefined {
    const found = this.#take(name, code, assignmentLines(this.#text(name)))
    return this.#each(name, code, found ?? [], parse)
  }

  choice<const T extends string>(name: InputName, choices: readonly T[], otherwise: T): T {
    const text = this.text(name)
    if (text === undefined) return otherwise
    const written = text.toLowerCase()
    const words = choices as readonly string[]
    // Users write `false` for `off` and `true` for `on`, or YAML 1.1 converts it.
    const meant = words.includes(written) ? written : written === 'false' ? 'off' : written === 'true' ? 'on' : written
    if (words.includes(meant)) return meant as T
    this.refuse(name, 'not-a-choice', `${quoted(text)} is not a valid value.`, suggestion(text, choices))
    return otherwise
  }

  boolean(name: InputName, otherwise: boolean): boolean {
    const text = this.text(name)?.toLowerCase()
    if (text === undefined) return otherwise
    if (text === 'true' || text === 'false') return text === 'true'
    this.refuse(name, 'not-a-boolean', `${quoted(text)} is neither true nor false.`, 'Write "true" or "false".')
    return otherwise
  }

  number(name: InputName, least: number, most: number, whole: boolean): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const number = Number(text)
    if (/^\d+(\.\d+)?$/.test(text) && number >= least && number <= most && (!whole || Number.isInteger(number)))
      return number
    return this.refuse(
      name,
      'not-a-number',
      `${quoted(text)} is not ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}.`,
      `Write a number, for example "${Math.min(most, least + 3)}".`,
    )
  }

  #each<T>(
    name: InputName,
    code: string,
    texts: readonly string[],
    parse: (text: string) => Parsed<T>,
  ): readonly T[] | undefined {
    const values = texts.flatMap((text) => {
      const value = this.#take(name, code, parse(text))
      return value === undefined ? [] : [value]
    })
    return values.length === 0 ? undefined : values
  }

  #take<T>(name: InputName, code: string, result: Parsed<T>): T | undefined {
    if (!isWrong(result)) return result.value
    return this.refuse(name, code, result.problem, result.remedy)
  }
}

/** A slice of the options as it is read: one that is not given is undefined. */
type Loose<T> = { [K in keyof T]-?: object extends Pick<T, K> ? T[K] | undefined : T[K] }

/** The slice without the options that are not given. */
export const sliceOf = <T extends object>(options: Loose<T>): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
