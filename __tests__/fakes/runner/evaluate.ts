import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import type { Contexts } from './expressions.ts'

/** Values of `success`, `failure`, `cancelled` and `always` at one position of a workflow. */
export type Status = Readonly<Record<'success' | 'failure' | 'cancelled' | 'always', boolean>>

const names = ['success', 'failure', 'cancelled', 'always'] as const

/** Evaluates one expression with GitHub's own library. */
export function resultOf(expression: string, contexts: Contexts, status?: Status): unknown {
  const functions = names.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(status?.[name] ?? true),
  }))
  const { tokens } = new Lexer(expression).lex()
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse()
  const context = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary
  const known = new Map(functions.map((each) => [each.name, each]))
  return JSON.parse(JSON.stringify(new Evaluator(tree, context, known).evaluate(), data.replacer) ?? 'null')
}

/** A value of a workflow file with evaluated `${{ … }}`. A value that is a single expression keeps its type. */
export function filledIn(text: string, contexts: Contexts): unknown {
  const whole = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text.trim())
  if (whole) return resultOf(whole[1] ?? '', contexts)
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => textOf(resultOf(expression, contexts)))
}

/** Converts a value to text as GitHub does. */
export const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Does the `if` allow a job or step to run? Unless it contains one of the four functions, everything before must have succeeded. */
export function allows(condition: unknown, contexts: Contexts, status: Status): boolean {
  if (condition === undefined) return status.success
  const expression = String(condition).replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1')
  if (!/\b(success|failure|cancelled|always)\s*\(/.test(expression) && !status.success) return false
  const value = resultOf(expression, contexts, status)
  return value !== false && value !== null && value !== '' && value !== 0
}
