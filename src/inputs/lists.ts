import { type Architecture, architectures } from '../core/architecture.ts'
import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'

/** One entry per line; blank lines and lines that begin with `#` do not count. */
export const lines = (text: string): readonly string[] =>
  text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))

/** One entry per line, or several separated by commas. */
export const items = (text: string): readonly string[] =>
  lines(text)
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')

/**
 * Lines of `KEY=value`. A line that begins with a quote is one CSV field, as in Docker's own actions: it may span lines,
 * and `""` in it is a quote.
 */
export function assignmentLines(text: string): Parsed<readonly string[]> {
  const found: string[] = []
  let rest = text
  while (rest !== '') {
    rest = rest.replace(/^\s+/, '')
    if (rest.startsWith('"')) {
      const field = /^"((?:[^"]|"")*)"[^\S\n]*(?:\n|$)/.exec(rest)
      if (!field) return wrong('A quoted line is not closed.', 'End it with a quote; write a quote in it as "".')
      found.push((field[1] ?? '').replaceAll('""', '"').replaceAll('\r\n', '\n'))
      rest = rest.slice(field[0].length)
      continue
    }
    const end = rest.indexOf('\n')
    const line = (end < 0 ? rest : rest.slice(0, end)).trim()
    if (line !== '' && !line.startsWith('#')) found.push(line)
    rest = end < 0 ? '' : rest.slice(end + 1)
  }
  return parsed(found)
}

/** `KEY=value`, cut at the first `=`. The value is never part of a message: it may be a secret. */
export function assignment(line: string, keyPattern: RegExp): Parsed<readonly [key: string, value: string]> {
  const cut = line.indexOf('=')
  if (cut < 0) return wrong(`${quoted(line.split(/\s/, 1)[0] ?? '')} has no "=".`, 'Write one "KEY=value" per line.')
  const key = line.slice(0, cut).trim()
  if (key === '') return wrong('A line begins with "=".', 'Write one "KEY=value" per line.')
  if (!keyPattern.test(key)) return wrong(`${quoted(key)} is not a valid name.`, `It must match ${keyPattern.source}.`)
  return parsed([key, line.slice(cut + 1)])
}

/** The chosen architectures in the usual order, each once. */
export const inOrder = (chosen: readonly Architecture[]): readonly Architecture[] =>
  architectures.filter((one) => chosen.includes(one))
