import { posix } from 'node:path'
import { error, Failure } from '../core/diagnostics.ts'

/** Characters of all patterns together, and steps of all comparisons of one matcher. */
export const patternLimits = { characters: 128 * 1024, steps: 1_000_000_000 } as const

/** The patterns of a `.dockerignore`, cleaned, with `!` in front of those that include files again. Source: moby/patternmatcher, ignorefile.ReadAll. */
export function readIgnoreFile(text: string): readonly string[] {
  if (text.length > patternLimits.characters)
    throw tooComplex(`it is longer than ${patternLimits.characters} characters`)
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const isException = line.startsWith('!')
      const path = cleaned((isException ? line.slice(1) : line).trim())
      return `${isException ? '!' : ''}${path.length > 1 && path.startsWith('/') ? path.slice(1) : path}`
    })
}

/** Go's filepath.Clean. */
function cleaned(path: string): string {
  if (path === '') return ''
  const short = posix.normalize(path)
  return short.length > 1 && short.endsWith('/') ? short.slice(0, -1) : short
}

/** Matches paths, and counts the steps that it takes. */
interface PathMatcher {
  /** Whether the last pattern that matches the path, or a folder above it, has no `!`. Throws a Failure after too many steps. */
  matches(path: string): boolean
  /** Steps taken so far: characters compared with parts of patterns. */
  readonly steps: number
}

/**
 * Compares paths with patterns as BuildKit does: `*`, `?`, `[a-z]`, `\`, `**` and, in front, `!`. It does not backtrack: a comparison takes at most
 * as many steps as the path has characters times the pattern has parts. A pattern that BuildKit refuses matches nothing.
 * Source: moby/patternmatcher, Pattern.compile and MatchesOrParentMatches.
 * @param patterns as `readIgnoreFile` gives them
 * @param most steps of all comparisons
 */
export function pathMatcher(patterns: readonly string[], most: number = patternLimits.steps): PathMatcher {
  const isException = patterns.map((pattern) => pattern.startsWith('!'))
  const rules = patterns.flatMap((pattern, index) => {
    const text = pattern.slice(isException[index] ? 1 : 0)
    // In BuildKit, `**name` matches all paths that end with `name`.
    const tokens = /^\*\*[^/*?[\\][^*?[\\]*$/.test(text) ? [rest, ...text.slice(2)] : tokensOf(text)
    return tokens?.length ? ruleOf(tokens, index) : []
  })
  // The last pattern decides, so the search begins with it.
  rules.reverse()
  const known = new Map<string, number>()
  let steps = 0
  const count = (more: number): void => {
    steps += more
    if (steps > most) throw tooComplex('its patterns take too many comparisons')
  }

  /** The index of the last pattern that matches just this path, if it is greater than `least`. */
  function lastMatch(path: string, least: number): number {
    for (const { index, tokens, prefix, suffix } of rules) {
      if (index <= least) break
      count(1)
      if (path.startsWith(prefix) && path.endsWith(suffix) && isMatch(tokens, path, count)) return index
    }
    return least
  }

  function ofFolder(folder: string): number {
    const before = known.get(folder)
    if (before !== undefined) return before
    const cut = folder.lastIndexOf('/')
    const last = lastMatch(folder, cut < 0 ? -1 : ofFolder(folder.slice(0, cut)))
    // Files are visited folder by folder, so results of earlier folders are hardly needed again.
    if (known.size >= 10_000) known.clear()
    known.set(folder, last)
    return last
  }

  return {
    matches(path) {
      const cut = path.lastIndexOf('/')
      const last = lastMatch(path, cut < 0 ? -1 : ofFolder(path.slice(0, cut)))
      return last >= 0 && !isException[last]
    },
    get steps() {
      return steps
    },
  }
}

/** A character, a class, or one of the symbols. */
type Token = string | symbol | CharacterClass
const any = Symbol('?: a character but "/"')
const star = Symbol('*: characters but "/"')
/** `**` before something: any number of folders. Always followed by `inside`. */
const folders = Symbol('**: no folder')
const inside = Symbol('**: characters up to a "/"')
const rest = Symbol('** at the end or before a name: any characters')

interface CharacterClass {
  readonly negated: boolean
  readonly ranges: readonly (readonly [from: string, to: string])[]
}

/** Undefined if BuildKit refuses the pattern: a class without an end, a `\` at the end. */
function tokensOf(pattern: string): readonly Token[] | undefined {
  const characters = [...pattern]
  const tokens: Token[] = []
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string
    if (character === '*' && characters[at + 1] === '*') {
      at += characters[at + 2] === '/' ? 2 : 1
      tokens.push(...(at + 1 < characters.length ? [folders, inside] : [rest]))
    } else if (character === '*') tokens.push(star)
    else if (character === '?') tokens.push(any)
    else if (character === '[') {
      const found = classAt(characters, at + 1)
      if (!found) return undefined
      tokens.push(found.token)
      at = found.end
    } else if (character === '\\') {
      const next = characters[at + 1]
      if (next === undefined) return undefined
      tokens.push(next)
      at += 1
    } else tokens.push(character)
  }
  return tokens
}

function classAt(
  characters: readonly string[],
  start: number,
): { readonly token: CharacterClass; readonly end: number } | undefined {
  const negated = characters[start] === '^'
  const ranges: (readonly [string, string])[] = []
  let at = negated ? start + 1 : start
  const one = (): string | undefined => {
    if (characters[at] === '\\') at += 1
    at += 1
    return characters[at - 1]
  }
  while (characters[at] !== ']') {
    const from = one()
    if (from === undefined) return undefined
    const isRange = characters[at] === '-' && characters[at + 1] !== ']'
    if (isRange) at += 1
    const to = isRange ? one() : from
    if (to === undefined || to < from) return undefined
    ranges.push([from, to])
  }
  return ranges.length === 0 ? undefined : { token: { negated, ranges }, end: at }
}

interface Rule {
  readonly index: number
  readonly tokens: readonly Token[]
  /** Text that every matching path begins with, and text that it ends with: a quick test that rejects most paths. */
  readonly prefix: string
  readonly suffix: string
}

function ruleOf(tokens: readonly Token[], index: number): Rule {
  const first = tokens.findIndex((token) => typeof token !== 'string')
  const last = tokens.findLastIndex((token) => typeof token !== 'string')
  return {
    index,
    tokens,
    prefix: tokens.slice(0, first < 0 ? undefined : first).join(''),
    suffix: tokens.slice(last + 1).join(''),
  }
}

/** Keeps all positions in the pattern that the path can have reached, character by character (Thompson's construction). */
function isMatch(tokens: readonly Token[], path: string, count: (more: number) => void): boolean {
  const end = tokens.length
  count(end)
  // The character at which a position was last added, so that each is added once per character.
  const added = new Int32Array(end + 1).fill(-1)
  let now: number[] = []
  let next: number[] = []
  let round = 0
  const addOne = (place: number): void => {
    if (added[place] !== round) next.push(place)
    added[place] = round
  }
  /** Adds a position, and the positions that can be reached from it without a character. */
  const add = (place: number): void => {
    for (let at = place; added[at] !== round; at += 1) {
      const token = tokens[at]
      addOne(at)
      if (token === folders) {
        at += 1
        addOne(at)
      } else if (token !== star && token !== rest) return
    }
  }
  add(0)
  for (const character of path) {
    ;[now, next] = [next, []]
    if (now.length === 0) return false
    count(now.length)
    round += 1
    for (const place of now) {
      const token = tokens[place]
      if (token === undefined || token === folders) continue
      if (token === rest || (token === star && character !== '/')) add(place)
      else if (token === inside) {
        addOne(place)
        if (character === '/') add(place + 1)
      } else if (token === any ? character !== '/' : typeof token !== 'symbol' && isIn(token, character)) add(place + 1)
    }
  }
  return added[end] === round
}

function isIn(token: string | CharacterClass, character: string): boolean {
  if (typeof token === 'string') return token === character
  return token.negated !== token.ranges.some(([from, to]) => from <= character && character <= to)
}

const tooComplex = (why: string): Failure =>
  new Failure('input', [
    error(
      'context/ignore-file',
      `The ignore file of the build context cannot be used, because ${why}.`,
      'Remove patterns that are not needed, those with several "*" first. The build itself is not affected.',
    ),
  ])
