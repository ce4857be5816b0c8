import type { MutantResult } from '@stryker-mutator/api/core'

/** How many of a part's mutants came to which end. `timeouts` are among those killed. */
export interface Score {
  readonly part: string
  readonly mutants: number
  readonly killed: number
  readonly timeouts: number
  readonly survived: number
  readonly notCovered: number
  /** Mutants that could not be tried: they count for nothing. */
  readonly errors: number
}

/** Counts the mutants of one part. */
export function scoreOf(part: string, results: readonly Pick<MutantResult, 'status'>[]): Score {
  const count = (...statuses: readonly string[]): number =>
    results.filter(({ status }) => statuses.includes(status)).length
  return {
    part,
    mutants: results.length,
    killed: count('Killed', 'Timeout'),
    timeouts: count('Timeout'),
    survived: count('Survived'),
    notCovered: count('NoCoverage'),
    errors: count('RuntimeError', 'CompileError', 'Ignored', 'Pending'),
  }
}

/** Of 100, the mutants that the tests noticed. Nothing to notice is 100. */
export function percentage({ killed, survived, notCovered }: Score): number {
  const tried = killed + survived + notCovered
  return tried === 0 ? 100 : (killed / tried) * 100
}

/** The scores as a table for a terminal, one part a line. */
export function tableOf(scores: readonly Score[]): string {
  const head = ['part', 'mutants', 'killed', '(timeouts)', 'survived', 'not covered', 'errors', 'percentage']
  const rows = scores.map((score) => [
    score.part,
    ...[score.mutants, score.killed, score.timeouts, score.survived, score.notCovered, score.errors].map(String),
    `${percentage(score).toFixed(1)} %`,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)
  return [head, ...rows].map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}

const longest = 100

/** One line for a mutant: `file:line:column mutator  original → replacement`; a static one needs its module loaded again. */
export function lineOf(mutant: MutantResult, file: string, source: string): string {
  const { start } = mutant.location
  const end =
    mutant.status === 'NoCoverage' ? ' (no test runs this)' : mutant.status === 'Survived' ? '' : ` (${mutant.status})`
  const texts = [textAt(source, mutant.location), mutant.replacement ?? ''].map(short)
  return `${file}:${start.line}:${start.column} ${mutant.mutatorName}${end}  ${texts.join(' → ')}`
}

function textAt(source: string, { start, end }: MutantResult['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  return lines
    .map((line, index) => line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined))
    .join('\n')
}

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
