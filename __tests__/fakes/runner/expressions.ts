/** `{ github: { token: '…' }, runner: { temp: '…' } }` */
export type Contexts = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * Evaluates `${{ … }}` in the defaults of an action's inputs: context values, literals, and `||` between them.
 * @throws for any other expression, because a guess could make a wrong test pass.
 */
export const evaluate = (text: string, contexts: Contexts): string =>
  text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => {
    const value = expression
      .split('||')
      .map((part) => term(part.trim(), contexts))
      .reduce<unknown>((before, next) => (truthy(before) ? before : next), '')
    if (value === undefined || value === null) return ''
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })

function term(text: string, contexts: Contexts): unknown {
  const literal = /^'((?:[^']|'')*)'$/.exec(text)
  if (literal) return literal[1]?.replaceAll("''", "'")
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  if (!/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)+$/.test(text))
    throw new Error(`The expression "${text}" is more than the fake runner knows.`)
  const [context = '', ...path] = text.split('.')
  if (!Object.hasOwn(contexts, context)) throw new Error(`There is no context "${context}" in the fake runner.`)
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    contexts[context],
  )
}

const truthy = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
