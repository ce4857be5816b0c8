/** A word of a command line, with its variables expanded. */
export interface ShellWord {
  readonly value: string
  /** As written, for messages: the value of a variable may be a secret. */
  readonly written: string
  /** The word comes from a variable with several words, which may include options. */
  readonly split: boolean
  /** Variables between the previous word and this one that expanded to nothing. */
  readonly nothing: readonly string[]
}

interface JoinedLines {
  readonly text: string
  /** Offsets in `text` at which a line was joined with the next one. */
  readonly joints: readonly number[]
}

/** The text without the backslashes that continue a line: a shell removes them before it splits words, but not within '…'. */
export function joinLines(text: string): JoinedLines {
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
export class WordBuilder {
  readonly words: ShellWord[] = []
  readonly unset = new Map<string, number>()
  /** Variables that expanded to nothing since the last word. */
  nothing: string[] = []
  length = 0
  readonly #text: string
  readonly #joints: readonly number[]
  #word: string | undefined
  #start: number | undefined
  #split = false
  /** While the value of a variable is added: the offset of the variable. Its words are reported at that offset. */
  #variableAt: number | undefined
  #variableEnd = 0

  constructor({ text, joints }: JoinedLines) {
    this.#text = text
    this.#joints = joints
  }

  /** Changes as soon as something is added to a word. */
  get progress(): string {
    return `${this.words.length} ${this.#word ?? '-'}`
  }

  /** `text` may be empty: quotes make an empty word. */
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
    // Text after the variable belongs to its last word.
    this.#split = several && this.#word !== undefined
  }

  /** Counts from 1. */
  lineOf(at: number): number {
    return this.#text.slice(0, at).split('\n').length + this.#joints.filter((joint) => joint <= at).length
  }
}
