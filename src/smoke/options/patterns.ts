import type { RunConfig } from '../../addon/addon.ts'

/** `text`: the text that matches. `unchecked`: why nothing was compared, as the end of "is not compared with its pattern, ". */
type PatternResult = { readonly text: string } | { readonly differs: true } | { readonly unchecked: string }

/** Compares texts with a pattern. Returns the first that matches. */
export type ComparePattern = (pattern: string, texts: readonly string[]) => PatternResult

/** Starts the comparison of one set of options. */
export type Patterns = () => ComparePattern

/**
 * The longest pattern of 89 public add-ons has 277 characters. A step is one character of a text at one instruction of a pattern, which is the
 * upper limit of the work of RE2. Compiling an instruction counts as `compiling` steps.
 */
const limits = { pattern: 500, text: 4096, steps: 20_000_000, compiling: 50 } as const

/** Loads RE2 if the schema has a pattern: its time is linear in the text. */
export async function loadPatterns(schema: RunConfig['schema']): Promise<Patterns | undefined> {
  if (!JSON.stringify(schema ?? {}).includes('match(')) return undefined
  const { RE2JS } = await import('re2js')
  const compiled = new Map<string, ReturnType<typeof RE2JS.compile> | undefined>()
  return () => {
    let steps = 0
    return (pattern, texts) => {
      if (pattern.length > limits.pattern) return { unchecked: `which is longer than ${limits.pattern} characters` }
      if (texts.some((text) => text.length > limits.text)) {
        return { unchecked: `because it is longer than ${limits.text} characters` }
      }
      if (steps > limits.steps) return { unchecked: 'because the patterns of the schema take too long' }
      if (!compiled.has(pattern)) {
        compiled.set(pattern, compile(pattern, RE2JS.compile))
        steps += (compiled.get(pattern)?.programSize() ?? 0) * limits.compiling
      }
      const expression = compiled.get(pattern)
      if (!expression) return { unchecked: 'which RE2 does not support, such as a lookahead' }
      steps += expression.programSize() * texts.reduce((sum, { length }) => sum + length + 1, 0)
      if (steps > limits.steps) return { unchecked: 'because the patterns of the schema take too long' }
      const text = texts.find((one) => expression.test(one))
      return text === undefined ? { differs: true } : { text }
    }
  }
}

/** As Python's `re.match`: from the start, not necessarily to the end. Undefined if RE2 does not support the pattern. */
function compile<T>(pattern: string, make: (source: string) => T): T | undefined {
  const flags = /^\(\?[ims]+\)/.exec(pattern)?.[0] ?? ''
  const source = pattern
    .slice(flags.length)
    // Escapes that differ between Python and RE2.
    .replace(/\\(?:u([\da-fA-F]{4})|.)/gs, (written, code?: string) =>
      code === undefined ? (written === '\\Z' ? '\\z' : written) : `\\x{${code}}`,
    )
  try {
    return make(`${flags}^(?:${source})`)
  } catch {
    return undefined
  }
}
