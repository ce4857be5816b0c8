import { quoted } from '../core/parsed.ts'

interface Variable {
  readonly name: string
  /** `:-`, `-`, `:+`, `+`, or none. */
  readonly operator: string
  /** Offsets of the alternative value in the text. */
  readonly other: readonly [number, number]
  readonly end: number
}

/** The variable at a `$`, or why it cannot be expanded; `none` if the `$` is an ordinary character. */
export function variableAt(text: string, start: number, to: number): Variable | 'none' | { readonly problem: string } {
  const plain = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(start, Math.min(to, start + 300)))
  if (plain) return { name: plain[1] ?? '', operator: '', other: [start, start], end: start + plain[0].length }
  const next = start + 1 < to ? (text[start + 1] as string) : ''
  if (next === '(') return { problem: 'command substitution ($(…)) is not supported, because no shell runs.' }
  if (next === '[') return { problem: 'arithmetic expansion ($[…]) is not supported.' }
  if (next !== '' && /[0-9@*#?!$-]/.test(next))
    return { problem: `$${next} is a shell parameter, which is not supported.` }
  if (next !== '{') return 'none'
  const close = closingBrace(text, start + 2, to)
  if (close === undefined) return { problem: 'a "${" is not closed.' }
  const inside = text.slice(start + 2, close)
  const head = /^([A-Za-z_][A-Za-z0-9_]*)(:-|:\+|-|\+)?/.exec(inside)
  const rest = head ? inside.slice(head[0].length) : inside
  if (!head || (head[2] === undefined && rest !== '')) {
    return { problem: `${quoted(text.slice(start, close + 1))} is a form of expansion that is not supported.` }
  }
  return { name: head[1] ?? '', operator: head[2] ?? '', other: [start + 2 + head[0].length, close], end: close + 1 }
}

/** The `}` that belongs to the `${` before `from`; quotes and backslashes hide braces. */
function closingBrace(text: string, from: number, to: number): number | undefined {
  let depth = 1
  let quote: string | undefined
  for (let index = from; index < to; index += 1) {
    const character = text[index]
    if (character === '\\' && quote !== "'") index += 1
    else if (quote !== undefined) {
      if (character === quote) quote = undefined
    } else if (character === "'" || character === '"') quote = character
    else if (character === '{') depth += 1
    else if (character === '}') depth -= 1
    if (depth === 0) return index
  }
  return undefined
}

/** `{a,b}` or `{1..3}` without quotes: bash expands it to several words, but not `{arch}`. The beginning of such a list is enough. */
export function isBraceExpansion(text: string, start: number, to: number): boolean {
  for (let index = start + 1; index < to; index += 1) {
    const character = text[index] as string
    if (character === ',' || text.startsWith('..', index)) return true
    if (/[\s'"\\${}]/.test(character)) return false
  }
  return false
}
