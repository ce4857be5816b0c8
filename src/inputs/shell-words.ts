import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'

/** A word of a command line, its variables filled in. */
export interface ShellWord {
  readonly value: string
  /** As it is written, for messages: the value of a variable may be a secret. */
  readonly written: string
  /** Counts from 1. */
  readonly line: number
  /** The word comes from a variable that gave several words, and so options of its own. */
  readonly split: boolean
  /** Variables that left nothing between the word before and this one. */
  readonly nothing: readonly string[]
}

export interface ShellWords {
  readonly words: readonly ShellWord[]
  /** Variables without a value, each once, with the line of the first use. */
  readonly unset: ReadonlyMap<string, number>
  /** Variables that left nothing after the last word. */
  readonly nothing: readonly string[]
}

export interface ShellOptions {
  /** Undefined: not set. */
  readonly variable: (name: string) => string | undefined
  /** Why a variable must not be filled in; undefined: it may. */
  readonly refuse?: (name: string) => string | undefined
}

/** A command line that its variables make longer is refused: `${A:-$B$B}` doubles with every variable. */
const longest = 64 * 1024
/** `${A:-${B:-…}}` */
const deepest = 16

/**
 * The words of a command line as bash makes them, but for what bash would run or look up in files. `'…'`, `"…"`, backslash and line continuation;
 * `$NAME`, `${NAME}`, `${NAME:-other}`, `${NAME-other}`, `${NAME:+other}`, `${NAME+other}`; outside of quotes the value of a variable is split at
 * spaces. No shell is started: command substitution, arithmetic, patterns of file names, brace expansion, operators and every other form of `${…}`
 * are refused with their place: `line 2: …`. The end of a line separates words, and a backslash at the very end is ignored.
 * Source: POSIX Shell Command Language, 2.2 Quoting, 2.6 Word Expansions.
 */
export function expandWords(text: string, options: ShellOptions): Parsed<ShellWords> {
  const joined = joinLines(text)
  const maker = new WordMaker(joined)
  const problem = scan(joined.text, 0, joined.text.length, false, 0, maker, options)
  if (problem) return wrong(problem.problem, problem.remedy)
  maker.end(joined.text.length)
  return parsed({ words: maker.words, unset: maker.unset, nothing: maker.nothing })
}

interface Problem {
  readonly problem: string
  readonly remedy: string
}

interface Joined {
  readonly text: string
  /** Where in `text` a line was joined with the next one. */
  readonly joints: readonly number[]
}

/** Without the backslashes that continue a line: a shell takes them out before it looks for words and names, but not within '…'. */
function joinLines(text: string): Joined {
  const joints: number[] = []
  let out = ''
  let isSingle = false
  let isDouble = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string
    const continued = character === '\\' && !isSingle ? /^\\\r?\n/.exec(text.slice(index, index + 3)) : null
    if (continued) {
      joints.push(out.length)
      index += continued[0].length - 1
      continue
    }
    if (character === "'" && !isDouble) isSingle = !isSingle
    else if (character === '"' && !isSingle) isDouble = !isDouble
    out += character
    if (character === '\\' && !isSingle && index + 1 < text.length) {
      index += 1
      out += text[index]
    }
  }
  return { text: out, joints }
}

/** Collects characters into words. */
class WordMaker {
  readonly words: ShellWord[] = []
  readonly unset = new Map<string, number>()
  nothing: string[] = []
  length = 0
  readonly #text: string
  /** Of each place in the text. */
  readonly #lines: Uint32Array
  #word: string | undefined
  #start: number | undefined
  #split = false
  /** Within the value of a variable: a word that begins there is written where the variable is. */
  #variableAt: number | undefined
  #variableEnd = 0

  constructor({ text, joints }: Joined) {
    this.#text = text
    this.#lines = new Uint32Array(text.length + 1)
    let [line, joined] = [1, 0]
    for (let at = 0; at <= text.length; at += 1) {
      for (; joined < joints.length && (joints[joined] ?? 0) <= at; joined += 1) line += 1
      this.#lines[at] = line
      if (text[at] === '\n') line += 1
    }
  }

  /** Differs as soon as something was added to a word. */
  get progress(): string {
    return `${this.words.length} ${this.#word ?? '-'}`
  }

  /** `text` may be empty: quotes make a word of nothing. */
  add(text: string, at: number): void {
    this.#start ??= this.#variableAt ?? at
    this.#word = (this.#word ?? '') + text
    this.length += text.length
  }

  end(at: number): void {
    if (this.#word === undefined) return
    const start = this.#start ?? at
    const written = this.#text.slice(start, this.#variableAt === undefined ? at : this.#variableEnd).trim()
    this.words.push({
      value: this.#word,
      written,
      line: this.lineOf(start),
      split: this.#split,
      nothing: this.nothing,
    })
    this.nothing = []
    this.#word = undefined
    this.#start = undefined
    this.#split = this.#variableAt !== undefined
  }

  /** The value of a variable outside of quotes, which spaces split. */
  addSplit(name: string, value: string, at: number, end: number): void {
    this.#variableAt = at
    this.#variableEnd = end
    const parts = value.split(/[ \t\n]+/)
    const several = parts.filter((part) => part !== '').length > 1
    this.#split ||= several
    if (value.trim() === '' && this.#word === undefined) this.nothing.push(name)
    parts.forEach((part, index) => {
      if (index > 0) this.end(at)
      if (part !== '') this.add(part, at)
    })
    this.#variableAt = undefined
    // What follows the variable belongs to its last word.
    this.#split = several && this.#word !== undefined
  }

  lineOf(at: number): number {
    return this.#lines[at] ?? 1
  }
}

function scan(
  text: string,
  from: number,
  to: number,
  quotedAround: boolean,
  depth: number,
  maker: WordMaker,
  options: ShellOptions,
): Problem | undefined {
  let quote: "'" | '"' | undefined = quotedAround ? '"' : undefined
  let index = from
  let opened = from
  const at = (position: number): string => `line ${maker.lineOf(position)}`
  while (index < to) {
    const character = text[index] as string
    const next = index + 1 < to ? text[index + 1] : undefined
    if (quote === "'") {
      if (character === "'") quote = undefined
      else maker.add(character, index)
      index += 1
    } else if (character === '\\') {
      if (next === undefined) return undefined
      if (quote === undefined || '"\\$`'.includes(next)) {
        maker.add(next, index)
        index += 2
      } else {
        maker.add('\\', index)
        index += 1
      }
    } else if (character === '"' && !quotedAround) {
      if (quote === undefined) {
        maker.add('', index)
        opened = index
      }
      quote = quote === '"' ? undefined : '"'
      index += 1
    } else if (character === '`') {
      return {
        problem: `${at(index)}: the output of a command in backquotes is not filled in, because no shell runs it.`,
        remedy: noShell,
      }
    } else if (character === '$') {
      const found = variableAt(text, index, to)
      if (found === 'none') {
        maker.add('$', index)
        index += 1
        continue
      }
      if (typeof found === 'string') return { problem: `${at(index)}: ${found}`, remedy: noShell }
      const refused = options.refuse?.(found.name)
      if (refused !== undefined) {
        return { problem: `${at(index)}: $${found.name} is not filled in: ${refused}`, remedy: 'Use another variable.' }
      }
      const value = options.variable(found.name)
      const given = found.operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
      const useOther = found.operator.endsWith('-') ? !given : found.operator.endsWith('+') && given
      if (useOther) {
        if (depth >= deepest) return { problem: `${at(index)}: variables are nested too deep.`, remedy: noShell }
        const [start, end] = found.other
        const before = maker.progress
        const problem = scan(text, start, end, quote === '"', depth + 1, maker, options)
        if (problem) return problem
        if (quote === undefined && maker.progress === before) maker.nothing.push(found.name)
      } else {
        const filled = found.operator.endsWith('+') ? '' : (value ?? '')
        if (value === undefined && found.operator === '') {
          if (!maker.unset.has(found.name)) maker.unset.set(found.name, maker.lineOf(index))
        }
        if (quote === '"') maker.add(filled, index)
        else maker.addSplit(found.name, filled, index, found.end)
      }
      index = found.end
    } else if (quote === '"') {
      maker.add(character, index)
      index += 1
    } else if (character === "'") {
      quote = "'"
      opened = index
      maker.add('', index)
      index += 1
    } else if (/\s/.test(character)) {
      maker.end(index)
      index += 1
    } else if ('*?[;&|<>()'.includes(character)) {
      return '*?['.includes(character)
        ? {
            problem: `${at(index)}: a pattern of file names (${quoted(character)}) is not filled in.`,
            remedy: 'Write the names themselves, or put the word in quotes.',
          }
        : {
            problem: `${at(index)}: ${quoted(character)} is an operator of a shell, and there is none.`,
            remedy: noShell,
          }
    } else if (character === '{' && isBraceExpansion(text, index, to)) {
      return { problem: `${at(index)}: a list in braces is not filled in.`, remedy: 'Write each word.' }
    } else {
      maker.add(character, index)
      index += 1
    }
    if (maker.length > longest) {
      return {
        problem: `${at(index - 1)}: with its variables filled in, the command line is longer than ${longest / 1024} kB.`,
        remedy: 'Shorten it.',
      }
    }
  }
  if (quote !== undefined && !quotedAround) {
    return { problem: `${at(opened)}: a ${quote} is not closed.`, remedy: `Add the closing ${quote}.` }
  }
  return undefined
}

const noShell =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: forms of a shell.
  'Only $NAME, ${NAME} and ${NAME:-default} are filled in here; set a variable in an earlier step, or write the value itself.'

interface Variable {
  readonly name: string
  /** `:-`, `-`, `:+`, `+`, or none. */
  readonly operator: string
  /** Where the other value is in the text: from, to. */
  readonly other: readonly [number, number]
  readonly end: number
}

/** A variable, or why there is none; `none` where the `$` stands for itself. */
function variableAt(text: string, start: number, to: number): Variable | 'none' | string {
  const plain = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(start, Math.min(to, start + 300)))
  if (plain) return { name: plain[1] ?? '', operator: '', other: [start, start], end: start + plain[0].length }
  const next = start + 1 < to ? (text[start + 1] as string) : ''
  if (next === '(') return 'the output of a command ($(…)) is not filled in, because no shell runs it.'
  if (next === '[') return 'arithmetic ($[…]) is not filled in.'
  if (next !== '' && /[0-9@*#?!$-]/.test(next)) return `$${next} is a parameter of a shell, and there is none.`
  if (next !== '{') return 'none'
  const close = closingBrace(text, start + 2, to)
  if (close === undefined) return 'a "${" is not closed.'
  const inside = text.slice(start + 2, close)
  const head = /^([A-Za-z_][A-Za-z0-9_]*)(:-|:\+|-|\+)?/.exec(inside)
  const rest = head ? inside.slice(head[0].length) : inside
  if (!head || (head[2] === undefined && rest !== '')) {
    return `${quoted(text.slice(start, close + 1))} is a form that only a shell knows.`
  }
  return { name: head[1] ?? '', operator: head[2] ?? '', other: [start + 2 + head[0].length, close], end: close + 1 }
}

/** The `}` that belongs to the `${` before `from`; quotes and backslashes hide braces. */
function closingBrace(text: string, from: number, to: number): number | undefined {
  let depth = 1
  let quote: string | undefined
  for (let index = from; index < to; index += 1) {
    const character = text[index]
    if (character === '\\' && quote !== "'") index += 1
    else if (quote !== undefined) {
      if (character === quote) quote = undefined
    } else if (character === "'" || character === '"') quote = character
    else if (character === '{') depth += 1
    else if (character === '}') depth -= 1
    if (depth === 0) return index
  }
  return undefined
}

/** `{a,b}` or `{1..3}` without quotes: bash makes several words of it. `{arch}` it leaves alone. What only looks like the beginning of a list counts, too. */
function isBraceExpansion(text: string, start: number, to: number): boolean {
  for (let index = start + 1; index < to; index += 1) {
    const character = text[index] as string
    if (character === ',' || text.startsWith('..', index)) return true
    if (/[\s'"\\${}]/.test(character)) return false
  }
  return false
}
