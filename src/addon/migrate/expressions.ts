/** Expressions of GitHub in texts of a workflow: `${{ … }}`. Nothing is evaluated. */

/** The texts between `${{` and `}}`, with the offsets of the whole expressions. */
export function expressionsIn(
  text: string,
): readonly { readonly inner: string; readonly from: number; readonly to: number }[] {
  const found: { inner: string; from: number; to: number }[] = []
  for (let from = text.indexOf('${{'); from >= 0; from = text.indexOf('${{', from + 3)) {
    const end = text.indexOf('}}', from + 3)
    if (end < 0) break
    found.push({ inner: text.slice(from + 3, end).trim(), from, to: end + 2 })
  }
  return found
}

/** The expression that a text consists of. Undefined if there is more text, or no expression. */
export function onlyExpression(text: string): string | undefined {
  const trimmed = text.trim()
  const [first, ...others] = expressionsIn(trimmed)
  return first && others.length === 0 && first.from === 0 && first.to === trimmed.length ? first.inner : undefined
}

/** The text with each expression replaced; undefined if one cannot be replaced. */
export function replaceExpressions(text: string, replace: (inner: string) => string | undefined): string | undefined {
  let out = ''
  let end = 0
  for (const { inner, from, to } of expressionsIn(text)) {
    const replacement = replace(inner)
    if (replacement === undefined) return undefined
    out += text.slice(end, from) + replacement
    end = to
  }
  return out + text.slice(end)
}

/** A condition, of `if` or of a boolean input, in a normal form for comparisons. */
export const conditionOf = (text: string): string => spaced(onlyExpression(text) ?? text)

/** For a comparison: spaces are ignored. */
export const spaced = (text: string): string => {
  const plain = replaceExpressions(text, (inner) => `\${{ ${inner} }}`) ?? text
  return plain.replaceAll(/\s+/g, ' ').trim()
}

/** Whether an expression anywhere in a text uses a context such as `matrix`. */
export const mentions = (text: string, context: string): boolean =>
  expressionsIn(text).some(({ inner }) => uses(inner, context))

/** Whether an expression without `${{ }}`, such as that of `if`, uses a context. Names in quotes count, too, to be on the safe side. */
export const uses = (expression: string, context: string): boolean => timesUsed(expression, context) > 0

/** How many names in an expression are a context, or within it. Case is ignored, as on GitHub. */
export function timesUsed(expression: string, context: string): number {
  const wanted = context.toLowerCase()
  return namesIn(expression).filter((name) => name === wanted || name.startsWith(`${wanted}.`)).length
}

/** The jobs whose outputs or results an expression uses, in lower case; undefined for all jobs at once. */
export const jobsIn = (expression: string): readonly (string | undefined)[] =>
  namesIn(expression).flatMap((name) => {
    const [context, job] = name.split('.')
    return context === 'needs' ? [job] : []
  })

/** `needs['init'].outputs` is `needs.init.outputs`. */
const namesIn = (expression: string): readonly string[] =>
  expression
    .toLowerCase()
    .replaceAll(/\[\s*'([\w-]+)'\s*\]/g, '.$1')
    .match(/[\w.-]+/g) ?? []
