import type { Arg } from 'dockerfile-ast'
import { textBefore } from '../../core/text.ts'
import type { Escape } from '../../dockerfile/expand.ts'

type Range = ReturnType<Arg['getRange']>

/** A name that an ARG declares. */
export interface Declaration {
  readonly name: string
  readonly hasDefault: boolean
  readonly instruction: Arg
  readonly range: Range
  readonly stage: number
}

/**
 * What an ARG declares. `ARG A B=1` declares two; the library takes the second word for the value of the first.
 * @param sourceOf the text of the Dockerfile in a range.
 */
export function declarationsOf(
  instruction: Arg,
  stage: number,
  sourceOf: (range: Range) => string,
  escaper: Escape,
): readonly Declaration[] {
  const properties = instruction.getProperties()
  const usual = properties.every((one) => one.getAssignmentOperator() === '=' || one.getValue() === null)
  if (usual) {
    return properties.map((one) => ({
      name: one.getName(),
      hasDefault: one.getValue() !== null,
      range: one.getRange(),
      instruction,
      stage,
    }))
  }
  const found: Declaration[] = []
  let quote = ''
  for (const one of instruction.getArguments()) {
    const [text, range, last] = [one.getValue(), one.getRange(), found.at(-1)]
    // A value in quotes continues: the library separates its words.
    if (quote !== '' && last) found[found.length - 1] = { ...last, range: { start: last.range.start, end: range.end } }
    else found.push({ name: textBefore(text, '='), hasDefault: text.includes('='), range, instruction, stage })
    quote = quoteAfter(sourceOf(range), quote, escaper)
  }
  return found
}

/** The quote that is open after a text. @param quote the one that is open before it; empty: none. */
function quoteAfter(text: string, quote: string, escaper: Escape): string {
  let open = quote
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === escaper && open !== "'") index += 1
    else if (character === open) open = ''
    else if (open === '' && (character === '"' || character === "'")) open = character
  }
  return open
}
