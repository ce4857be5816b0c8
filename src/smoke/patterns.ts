import type { RunConfig } from '../addon/addon.ts'

/** What a pattern says of a text; `unchecked`: why it says nothing, in words that continue "is not compared with its pattern, ". */
export type PatternResult = { readonly text: string } | { readonly differs: true } | { readonly unchecked: string }

/** Compares texts with a pattern; the first that matches is the answer. */
export type ComparePattern = (pattern: string, texts: readonly string[]) => PatternResult

/** Begins a comparison of one set of options. */
export type Patterns = () => ComparePattern

/**
 * The longest pattern of 89 public add-ons has 277 characters. A step is one character of a text at one instruction of a pattern: the most that
 * RE2 needs. Compiling an instruction counts as 50.
 */
const most = { pattern: 500, text: 4096, steps: 20_000_000, compiling: 50 } as const

/** Loads the engine where the schema has a pattern: RE2, whose time grows with pattern and text only. */
export async function openPatterns(schema: RunConfig['schema']): Promise<Patterns | undefined> {
  if (!JSON.stringify(schema ?? {}).includes('match(')) return undefined
  const { RE2JS } = await import('re2js')
  const compiled = new Map<string, ReturnType<typeof RE2JS.compile> | undefined>()
  return () => {
    let steps = 0
    return (pattern, texts) => {
      if (pattern.length > most.pattern) return { unchecked: `which is longer than ${most.pattern} characters` }
      if (texts.some((text) => text.length > most.text)) {
        return { unchecked: `because it is longer than ${most.text} characters` }
      }
      if (steps > most.steps) return { unchecked: 'because the patterns of the schema take too long' }
      if (!compiled.has(pattern)) {
        compiled.set(pattern, compile(pattern, RE2JS.compile))
        steps += (compiled.get(pattern)?.programSize() ?? 0) * most.compiling
      }
      const expression = compiled.get(pattern)
      if (!expression) return { unchecked: 'which has a form that RE2 does not know, such as a lookahead' }
      steps += expression.programSize() * texts.reduce((sum, { length }) => sum + length + 1, 0)
      if (steps > most.steps) return { unchecked: 'because the patterns of the schema take too long' }
      const text = texts.find((one) => expression.test(one))
      return text === undefined ? { differs: true } : { text }
    }
  }
}

/** Python's `re.match`: from the start, not necessarily to the end. Undefined for a form that RE2 does not know. */
function compile<T>(pattern: string, make: (source: string) => T): T | undefined {
  const flags = /^\(\?[ims]+\)/.exec(pattern)?.[0] ?? ''
  const source = pattern
    .slice(flags.length)
    // Escapes that Python and RE2 write differently.
    .replace(/\\(?:u([\da-fA-F]{4})|.)/gs, (written, code?: string) =>
      code === undefined ? (written === '\\Z' ? '\\z' : written) : `\\x{${code}}`,
    )
  try {
    return make(`${flags}^(?:${source})`)
  } catch {
    return undefined
  }
}
