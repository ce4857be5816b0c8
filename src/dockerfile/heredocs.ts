import { trimEndChars } from '../core/text.ts'

/**
 * Masks every `<<` that is not a here-document for BuildKit, such as in `RUN sh -c "cat <<EOF"`. The text keeps its length.
 * Otherwise the parser would read everything that follows as the text of a here-document, and its stages would be lost.
 * Source: moby/buildkit, frontend/dockerfile/parser, heredocFromMatch: a word of RUN, COPY or ADD that begins with `<<`, or with a number before it.
 */
export function onlyRealHeredocs(text: string, escaper: string): string {
  if (!text.includes('<<')) return text
  const lines = text.split('\n')
  const isContinued = (line: string): boolean => trimEndChars(line, ' \t\r').endsWith(escaper)
  for (let index = 0; index < lines.length; ) {
    const from = index
    if (/^\s*(#|$)/.test(lines[index] ?? '')) {
      index += 1
      continue
    }
    // Comments and empty lines are allowed between the lines of an instruction.
    while (
      index < lines.length &&
      (isContinued(lines[index] ?? '') || (index > from && /^\s*(#|$)/.test(lines[index] ?? '')))
    ) {
      index += 1
    }
    index += 1
    const instruction = lines.slice(from, index).join('\n')
    if (!instruction.includes('<<') || !/^\s*(onbuild\s+)?(run|copy|add)\s/i.test(instruction)) continue
    const { masked, ends } = maskWords(instruction, escaper)
    lines.splice(from, index - from, ...masked.split('\n'))
    for (const { name, tabs } of ends) {
      while (index < lines.length && ended(lines[index] ?? '', tabs) !== name) index += 1
      index += 1
    }
  }
  return lines.join('\n')
}

const ended = (line: string, tabs: boolean): string => (tabs ? line.replace(/^\t+/, '') : line).replace(/\r$/, '')

interface End {
  readonly name: string
  /** `<<-`: tabs are allowed before it. */
  readonly tabs: boolean
}

function maskWords(instruction: string, escaper: string): { readonly masked: string; readonly ends: readonly End[] } {
  const ends: End[] = []
  const list = /^\s*\S+\s+(\[.*\])\s*$/s.test(instruction)
  const masked = wordsOf(instruction, escaper).map((word) => {
    if (!word.includes('<<')) return word
    const found = list ? null : /^(\d*)<<(-?)([^<]+)$/.exec(word)
    if (!found) return word.replaceAll('<<', '__')
    const [, number = '', dash, name = ''] = found
    ends.push({ name: name.replaceAll(/['"]/g, ''), tabs: dash === '-' })
    // A number is a file descriptor, which the parser does not know.
    return ' '.repeat(number.length) + word.slice(number.length)
  })
  return { masked: masked.join(''), ends }
}

/** The words of an instruction as written, with the spaces between them as words of one character. */
export function wordsOf(text: string, escaper: string): readonly string[] {
  const words: string[] = []
  let quote = ''
  let word = ''
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string
    if (character === escaper && quote !== "'") {
      word += character + (text[index + 1] ?? '')
      index += 1
    } else if (quote === '' && /\s/.test(character)) {
      words.push(word, character)
      word = ''
    } else {
      if (character === quote) quote = ''
      else if (quote === '' && (character === '"' || character === "'")) quote = character
      word += character
    }
  }
  return [...words, word]
}
