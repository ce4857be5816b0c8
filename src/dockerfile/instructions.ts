import { DockerfileParser, type Instruction as ParsedInstruction } from 'dockerfile-ast'

import type { SourceLocation } from '../core/diagnostics.ts'
import type { Escape } from './expand.ts'
import { onlyRealHeredocs, wordsOf } from './heredocs.ts'

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string
  readonly where: SourceLocation
  /** `--mount`, `--from`, `--chown` … without the dashes; a flag may occur several times. */
  readonly flags: ReadonlyMap<string, readonly string[]>
  /** The text after keyword and flags, on one line except for here-documents, and without comments between its lines. */
  readonly text: string
  /** The JSON form, if the text is one. */
  readonly json?: readonly string[]
  /** Names and values of ARG, ENV and LABEL. Values are as written, with their quotes: `expand` fills them in. */
  readonly pairs: readonly Pair[]
}

type Pair = readonly [name: string, value: string | undefined]

/**
 * A carriage return inside a line as a space, which it is to BuildKit (Go's `bufio.ScanLines`). The library ends a line there, so its ranges
 * would name other lines than those of BuildKit.
 */
const withoutLoneReturns = (text: string): string => text.replace(/\r(?!\n)/g, ' ')

/** The syntax tree of a Dockerfile; its ranges are those of the text. */
export function parseDockerfile(dockerfile: string): ReturnType<typeof DockerfileParser.parse> {
  const text = withoutLoneReturns(dockerfile)
  // A directive counts only before the first other comment. The library finds it if it is given no more than that.
  const escaper = DockerfileParser.parse(/^(?:\s*#[^\n]*\n)*/.exec(text)?.[0] ?? '').getEscapeCharacter()
  return DockerfileParser.parse(onlyRealHeredocs(text, escaper))
}

/** The instructions of a Dockerfile in their order. */
export function readInstructions(
  text: string,
  file: string,
): { readonly escape: Escape; readonly instructions: readonly Instruction[] } {
  const parsed = parseDockerfile(text)
  const escaper = parsed.getEscapeCharacter() === '`' ? '`' : '\\'
  const lines = withoutLoneReturns(text).split('\n')
  const instructions = parsed.getInstructions().map((instruction): Instruction => {
    const { start } = instruction.getRange()
    const keyword = instruction.getKeyword()
    const { flags, text } = withoutFlags(joinLines(sourceAfterKeyword(instruction, lines), keyword, escaper))
    const json = jsonOf(text)
    const pairs = /^(?:ARG|ENV|LABEL)$/.test(keyword) ? pairsOf(keyword, text, escaper) : []
    const where = { file, line: start.line + 1, column: start.character + 1 }
    return { keyword, where, flags, text, pairs, ...(json && { json }) }
  })
  return { escape: escaper, instructions }
}

/** The words of COPY, ADD or FROM. */
export const wordsIn = ({ json, text }: Pick<Instruction, 'json' | 'text'>): readonly string[] =>
  json ?? text.split(/\s+/).filter((word) => word !== '')

/** The sources of COPY or ADD, as written. */
export const sourcesOf = (instruction: Instruction): readonly string[] => wordsIn(instruction).slice(0, -1)

/** Whether an instruction copies from the build context, not from a stage or an image. */
export const copiesContext = ({ keyword, flags }: Instruction): boolean =>
  (keyword === 'COPY' || keyword === 'ADD') && !flags.has('from')

/** The text after the keyword, from the original text: in the text that the parser got, some words are masked. */
function sourceAfterKeyword(instruction: ParsedInstruction, lines: readonly string[]): string {
  const { start, end } = instruction.getRange()
  const own = lines.slice(start.line, end.line + 1)
  if (end.line === start.line) own[0] = own[0]?.slice(0, end.character) ?? ''
  return own.join('\n').slice(start.character).replace(/^\S+/, '')
}

/**
 * Joins continued lines and drops the comments between them.
 * Source: moby/buildkit, frontend/dockerfile/parser, trimContinuationCharacter: the spaces of the next line are kept.
 */
function joinLines(source: string, keyword: string, escaper: Escape): string {
  const hasHeredoc = /^(?:RUN|COPY|ADD)$/.test(keyword) && /<<-?\s*["']?\w/.test(source)
  const text = source
    .replaceAll('\r\n', '\n')
    .replace(escaper === '`' ? /`[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*/g : /\\[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*/g, '')
  return (hasHeredoc ? text : text.replace(/\n[ \t]*#[^\n]*/g, '')).trim()
}

function withoutFlags(text: string): Pick<Instruction, 'flags' | 'text'> {
  const flags = new Map<string, string[]>()
  const flag = /--([a-z][\w-]*)(?:=(\S*))?(?:\s+|$)/iy
  let end = 0
  for (let match = flag.exec(text); match; match = flag.exec(text)) {
    const [, name = '', value = ''] = match
    const values = flags.get(name.toLowerCase())
    if (values) values.push(value)
    else flags.set(name.toLowerCase(), [value])
    end = flag.lastIndex
  }
  return { flags, text: text.slice(end) }
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

/** `NAME=value NAME=value`; the older `ENV NAME value` and `LABEL NAME value`; `ARG NAME NAME=value`. */
function pairsOf(keyword: string, text: string, escaper: Escape): readonly Pair[] {
  const words = wordsOf(text, escaper).filter((word) => word.trim() !== '')
  const [first = ''] = words
  if (keyword !== 'ARG' && !first.includes('=')) {
    return first === '' ? [] : [[withoutQuotes(first), text.slice(first.length).trim()]]
  }
  return words.flatMap((word): readonly Pair[] => {
    const cut = word.indexOf('=')
    const name = withoutQuotes(cut < 0 ? word : word.slice(0, cut))
    return name === '' ? [] : [[name, cut < 0 ? undefined : word.slice(cut + 1)]]
  })
}

const withoutQuotes = (name: string): string => name.replace(/^(["'])(.*)\1$/s, '$2')
