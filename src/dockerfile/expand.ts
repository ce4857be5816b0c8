/** The value of the directive `# escape=` of a Dockerfile. */
export type Escape = '\\' | '`'

/**
 * A value that becomes longer when its variables are filled in counts as unknown: `ARG B=$A$A`, `ARG C=$B$B` … doubles with every line. The longest ARG,
 * ENV or LABEL of 89 public Dockerfiles has 71 characters.
 */
export const longestValue = 16 * 1024
/** Maximum levels of `${A:-${B:-…}}`. */
const maxDepth = 32

/**
 * One word of a Dockerfile without its quotes and with its variables filled in, as BuildKit does for FROM, ARG, ENV and LABEL:
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}`, `${NAME+other}`, `${NAME:?why}`; variables in '…' stay.
 * Undefined if the text uses a form that only BuildKit knows, such as `${NAME#pattern}`, or if the value is longer than `longestValue`.
 * Source: moby/buildkit, frontend/dockerfile/shell/lex.go.
 */
export function expand(
  text: string,
  lookUp: (name: string) => string | undefined,
  escaper: Escape = '\\',
): string | undefined {
  return expandAt(text, lookUp, escaper, 0)
}

function expandAt(
  text: string,
  lookUp: (name: string) => string | undefined,
  escaper: Escape,
  depth: number,
): string | undefined {
  if (depth > maxDepth || text.length > longestValue) return undefined
  let out = ''
  let quote: '"' | "'" | undefined
  let index = 0
  while (index < text.length) {
    const character = text[index] as string
    const next = text[index + 1]
    if (quote === "'") {
      if (character === "'") quote = undefined
      else out += character
      index += 1
    } else if (character === quote) {
      quote = undefined
      index += 1
    } else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character
      index += 1
    } else if (character === escaper && next !== undefined) {
      // In quotes, the escape character is literal before characters that have no meaning there.
      out += quote === '"' && !['"', '$', escaper].includes(next) ? escaper + next : next
      index += 2
    } else if (character === '$') {
      const found = variableAt(text, index)
      const value = found && valueFor(found, lookUp, escaper, depth + 1)
      if (!found || value === undefined) return undefined
      out += value
      if (out.length > longestValue) return undefined
      index = found.end
    } else {
      out += character
      index += 1
    }
  }
  return out
}

interface Variable {
  readonly name: string
  readonly operator?: string
  readonly word: string
  readonly end: number
}

function variableAt(text: string, start: number): Variable | undefined {
  const plain = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(start))
  if (plain) return { name: plain[1] ?? '', word: '', end: start + plain[0].length }
  const head = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(:-|:\+|:\?|-|\+|\?)?/.exec(text.slice(start))
  if (!head) return undefined
  const from = start + head[0].length
  let depth = 1
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1
    else if (text[index] === '}') depth -= 1
    if (depth > 0) continue
    const word = text.slice(from, index)
    if (head[2] === undefined && word !== '') return undefined
    return { name: head[1] ?? '', ...(head[2] !== undefined && { operator: head[2] }), word, end: index + 1 }
  }
  return undefined
}

function valueFor(
  { name, operator, word }: Variable,
  lookUp: (name: string) => string | undefined,
  escaper: Escape,
  depth: number,
): string | undefined {
  const value = lookUp(name)
  const given = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (operator?.endsWith('-')) return given ? value : expandAt(word, lookUp, escaper, depth)
  // Without a value BuildKit fails with the words that follow.
  if (operator?.endsWith('?')) return given ? value : undefined
  if (operator?.endsWith('+')) return given ? expandAt(word, lookUp, escaper, depth) : ''
  return value ?? ''
}
