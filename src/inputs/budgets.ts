import { type Architecture, architectures, parseArchitecture } from '../core/architecture.ts'
import { isWrong, type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import { suggestion } from '../core/suggest.ts'
import type { Increase, LayeredBudget, PerArchitecture } from './options.ts'
import { parseBudget, parsePercent, parseSize } from './size.ts'

/** One entry of a budget: `120MB`, `armv7=90MB`, `own=20MB`, `armv7.own=15MB`, `floor=500kB`. */
interface Entry {
  readonly text: string
  /** Undefined if the entry has no `=`. */
  readonly key?: string
  readonly value: string
  /** Its position in the input: `line 2, column 7`. */
  readonly where: string
}

/** Entries by line and comma, with their positions; blank ones and lines that begin with `#` do not count. */
function entries(text: string): readonly Entry[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    if (line.trim().startsWith('#')) return []
    let column = 1
    return line.split(',').flatMap((part) => {
      const from = column + part.length - part.trimStart().length
      column += part.length + 1
      const item = part.trim()
      if (item === '') return []
      const cut = item.indexOf('=')
      const key = cut < 0 ? undefined : item.slice(0, cut).trim()
      const value = item.slice(cut + 1).trim()
      return { text: item, ...(key !== undefined && { key }), value, where: `line ${index + 1}, column ${from}` }
    })
  })
}

const misplaced = ({ text, where }: Entry, problem: string, remedy: string): Parsed<never> =>
  wrong(`${quoted(text)} in ${where}: ${problem}`, remedy)

/** What an entry applies to: all architectures or one, the whole image or the author's own layers. */
function scopeOf(entry: Entry): Parsed<{ readonly architecture?: Architecture; readonly own: boolean }> {
  const { key } = entry
  if (key === undefined) return parsed({ own: false })
  if (key === 'own') return parsed({ own: true })
  const own = key.endsWith('.own')
  const name = own ? key.slice(0, -'.own'.length) : key
  const architecture = parseArchitecture(name)
  if (architecture) return parsed({ architecture, own })
  const [first, second = ''] = key.split('.')
  if (first === 'own' && parseArchitecture(second))
    return misplaced(entry, `${quoted(key)} has the wrong order.`, `Write "${second}.own=${entry.value}".`)
  return misplaced(entry, `${quoted(name)} is not an architecture.`, suggestion(name, [...architectures, 'own']))
}

/** Collects entries by their scope; `add` combines an entry with earlier ones of the same scope. */
function collect<T>(
  found: readonly Entry[],
  add: (entry: Entry, before: T | undefined) => Parsed<T>,
): Parsed<LayeredBudget<T>> {
  const budgets = { total: new Map<Architecture | 'all', T>(), own: new Map<Architecture | 'all', T>() }
  for (const entry of found) {
    const scope = scopeOf(entry)
    if (isWrong(scope)) return scope
    const { architecture = 'all', own } = scope.value
    const budget = own ? budgets.own : budgets.total
    const value = add(entry, budget.get(architecture))
    if (isWrong(value)) return value
    budget.set(architecture, value.value)
  }
  const own = perArchitecture(budgets.own)
  return parsed({ ...perArchitecture(budgets.total), ...(budgets.own.size > 0 && { own }) })
}

function perArchitecture<T>(values: ReadonlyMap<Architecture | 'all', T>): PerArchitecture<T> {
  const all = values.get('all')
  const only = new Map([...values].filter((pair): pair is [Architecture, T] => pair[0] !== 'all'))
  return all === undefined ? { only } : { all, only }
}

/** `120MB`, `armv7=90MB`, `own=20MB`, `armv7.own=15MB`: a budget for all and exceptions, of the whole image and of the own layers. */
export function parseMaxSize(text: string): Parsed<LayeredBudget<number>> {
  return collect<number>(entries(text), (entry, before) => {
    if (before !== undefined) {
      const remedy = 'Remove one of them, or write "armv7=90MB" for one architecture.'
      return entry.key === undefined
        ? misplaced(entry, 'Two sizes apply to all architectures.', remedy)
        : misplaced(entry, `${entry.key} has two sizes.`, 'Remove one of them.')
    }
    const bytes = parseBudget(entry.value)
    return isWrong(bytes) ? misplaced(entry, bytes.problem, bytes.remedy) : bytes
  })
}

/**
 * `5%`, `10MB` or both (exceeding either one counts), for all or as `armv7=8%` for one architecture, `own=2MB` or `armv7.own=2MB`
 * for the author's own layers, and `floor=500kB`: growth below the floor never counts.
 */
export function parseMaxIncrease(text: string): Parsed<LayeredBudget<Increase>> {
  const all = entries(text)
  const limits = all.filter(({ key }) => key !== 'floor')
  const [floor, another] = all.filter(({ key }) => key === 'floor')
  if (another) return misplaced(another, 'There are two floors.', 'Remove one of them.')
  const floorBytes = floor && parseSize(floor.value)
  if (floor && floorBytes && isWrong(floorBytes)) return misplaced(floor, floorBytes.problem, floorBytes.remedy)
  if (floor && limits.length === 0)
    return misplaced(floor, '"floor" alone has no effect.', 'Add a limit, for example "5%,floor=500kB".')
  const start: Increase = floorBytes && !isWrong(floorBytes) ? { floorBytes: floorBytes.value } : {}
  return collect<Increase>(limits, (entry, before = start) => {
    const unit = entry.value.endsWith('%') ? 'percent' : 'bytes'
    const amount = unit === 'percent' ? parsePercent(entry.value) : parseSize(entry.value)
    if (isWrong(amount))
      return misplaced(entry, amount.problem, 'Write "5%", "10MB" or both ("5%,10MB": exceeding either one counts).')
    if (before[unit] !== undefined) return misplaced(entry, `Two values are given in ${unit}.`, 'Remove one of them.')
    return parsed({ ...before, [unit]: amount.value })
  })
}
