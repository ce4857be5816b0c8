import { trimEndChars } from '../core/text.ts'

/**
 * A Dockerfile of the same length in which only what BuildKit takes for a here-document looks like one: `RUN sh -c "cat <<EOF"` is none.
 * The parser would take all that follows for its text otherwise, and the stages in it would be lost.
 * Source: moby/buildkit, frontend/dockerfile/parser, heredocFromMatch: a word of RUN, COPY or ADD that begins with `<<`, or with a number before it.
 */
export function onlyRealHeredocs(text: string, escaper: string): string {
  if (!text.includes('<<')) return text
  const lines = text.split('\n')
  const goesOn = { test: (line: string) => trimEndChars(line, ' \t\r').endsWith(escaper) }
  for (let index = 0; index < lines.length; ) {
    const from = index
    if (/^\s*(#|$)/.test(lines[index] ?? '')) {
      index += 1
      continue
    }
    // Comments and empty lines may stand between the lines of an instruction.
    while (
      index < lines.length &&
      (goesOn.test(lines[index] ?? '') || (index > from && /^\s*(#|$)/.test(lines[index] ?? '')))
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
  /** `<<-`: tabs may stand before it. */
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
    // A number names the file that it is given as, which the parser does not know.
    return ' '.repeat(number.length) + word.slice(number.length)
  })
  return { masked: masked.join(''), ends }
}

/** Words as they are written, and the spaces between them. */
function wordsOf(text: string, escaper: string): readonly string[] {
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
