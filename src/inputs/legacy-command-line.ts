import { type Parsed, parsed, quoted } from '../core/parsed.ts'
import { isBraceExpansion, variableAt } from './shell-variables.ts'
import { joinLines, type ShellWord, WordBuilder } from './word-builder.ts'

interface ShellWords {
  readonly words: readonly ShellWord[]
  /** Variables without a value, each once, with the line of the first use. */
  readonly unset: ReadonlyMap<string, number>
  /** Variables that left nothing after the last word. */
  readonly nothing: readonly string[]
}

interface ShellOptions {
  /** Undefined: not set. */
  readonly variable: (name: string) => string | undefined
  /** Why a variable must not be expanded; undefined: it may. */
  readonly refuse?: (name: string) => string | undefined
}

/** A command line that becomes longer through its variables is rejected: `${A:-$B$B}` doubles with every variable. */
const maxExpandedLength = 64 * 1024
/** Maximum levels of `${A:-${B:-…}}`. */
const maxDepth = 16

/**
 * The words of a command line as bash splits them: quotes, backslash, line continuation, `$NAME`, and `${NAME}` also with `:-`, `-`, `:+` or `+`.
 * No shell is started: everything that bash would run or look up in files, and every other form of `${…}`, is rejected with its line (`line 2: …`).
 * The end of a line separates words, and a backslash at the very end is ignored.
 * Source: POSIX Shell Command Language, 2.2 Quoting, 2.6 Word Expansions.
 */
export function expandWords(text: string, options: ShellOptions): Parsed<ShellWords> {
  const joined = joinLines(text)
  const builder = new WordBuilder(joined)
  const problem = scan({ text: joined.text, builder, options }, 0, joined.text.length)
  if (problem) return problem
  builder.end(joined.text.length)
  return parsed({ words: builder.words, unset: builder.unset, nothing: builder.nothing })
}

type Problem = Extract<Parsed<never>, { readonly problem: string }>

interface Source {
  readonly text: string
  readonly builder: WordBuilder
  readonly options: ShellOptions
}

/**
 * Reads a part of the text. Undefined: without a problem.
 * @param quotedAround whether the part is the alternative value of a variable in quotes.
 * @param depth level of variables within variables.
 */
function scan(source: Source, from: number, to: number, quotedAround = false, depth = 0): Problem | undefined {
  const { text, builder, options } = source
  let quote: "'" | '"' | undefined = quotedAround ? '"' : undefined
  let index = from
  let opened = from
  const refuse = (at: number, problem: string, remedy = noShell): Problem => ({
    problem: `line ${builder.lineOf(at)}: ${problem}`,
    remedy,
  })
  while (index < to) {
    const character = text[index] as string
    const next = index + 1 < to ? text[index + 1] : undefined
    if (quote === "'") {
      if (character === "'") quote = undefined
      else builder.add(character, index)
      index += 1
    } else if (character === '\\') {
      if (next === undefined) return undefined
      if (quote === undefined || '"\\$`'.includes(next)) {
        builder.add(next, index)
        index += 2
      } else {
        builder.add('\\', index)
        index += 1
      }
    } else if (character === '"' && !quotedAround) {
      if (quote === undefined) {
        builder.add('', index)
        opened = index
      }
      quote = quote === '"' ? undefined : '"'
      index += 1
    } else if (character === '`') {
      return refuse(index, 'command substitution with backquotes is not supported, because no shell runs.')
    } else if (character === '$') {
      const found = variableAt(text, index, to)
      if (found === 'none') {
        builder.add('$', index)
        index += 1
        continue
      }
      if ('problem' in found) return refuse(index, found.problem)
      const refused = options.refuse?.(found.name)
      if (refused !== undefined) {
        return refuse(index, `$${found.name} is not expanded: ${refused}`, 'Use another variable.')
      }
      const value = options.variable(found.name)
      const given = found.operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
      const useOther = found.operator.endsWith('-') ? !given : found.operator.endsWith('+') && given
      if (useOther) {
        if (depth >= maxDepth) return refuse(index, 'variables are nested too deeply.')
        const [start, end] = found.other
        const before = builder.progress
        const problem = scan(source, start, end, quote === '"', depth + 1)
        if (problem) return problem
        if (quote === undefined && builder.progress === before) builder.nothing.push(found.name)
      } else {
        const filled = found.operator.endsWith('+') ? '' : (value ?? '')
        if (value === undefined && found.operator === '' && !builder.unset.has(found.name))
          builder.unset.set(found.name, builder.lineOf(index))
        if (quote === '"') builder.add(filled, index)
        else builder.addSplit(found.name, filled, index, found.end)
      }
      index = found.end
    } else if (quote === '"') {
      builder.add(character, index)
      index += 1
    } else if (character === "'") {
      quote = "'"
      opened = index
      builder.add('', index)
      index += 1
    } else if (/\s/.test(character)) {
      builder.end(index)
      index += 1
    } else if ('*?['.includes(character)) {
      const remedy = 'Write the names themselves, or put the word in quotes.'
      return refuse(index, `a file name pattern (${quoted(character)}) is not expanded.`, remedy)
    } else if (';&|<>()'.includes(character)) {
      return refuse(index, `${quoted(character)} is a shell operator, which is not supported.`)
    } else if (character === '{' && isBraceExpansion(text, index, to)) {
      return refuse(index, 'brace expansion is not supported.', 'Write each word separately.')
    } else {
      builder.add(character, index)
      index += 1
    }
    if (builder.length > maxExpandedLength)
      return refuse(
        index - 1,
        `the expanded command line is longer than ${maxExpandedLength / 1024} kB.`,
        'Shorten it.',
      )
  }
  return quote === undefined || quotedAround
    ? undefined
    : refuse(opened, `a ${quote} is not closed.`, `Add the closing ${quote}.`)
}

const noShell =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: forms of a shell.
  'Only $NAME, ${NAME} and ${NAME:-default} are expanded. Set a variable in an earlier step, or write the value itself.'
