/** The known name that was most likely meant, if one is close. Distance: optimal string alignment (a swap of two letters counts once). */
export function nearest<T extends string>(written: string, known: Iterable<T>): T | undefined {
  const wanted = normalized(written)
  let best: { readonly name: T; readonly distance: number } | undefined
  for (const name of known) {
    const distance = distanceOf(wanted, normalized(name))
    if (distance <= mostSlips(name) && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { name, distance }
  }
  return best?.name
}

/** `Did you mean "x"?` for the nearest known name, else the list of all. */
export function suggestion(written: string, known: Iterable<string>): string {
  const names = [...known]
  const near = nearest(written, names)
  return near === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean "${near}"?`
}

const normalized = (text: string): string => text.trim().toLowerCase().replaceAll(/[_-]/g, '')

/** Maximum distance for a suggestion. Short names are close to many others. */
const mostSlips = (name: string): number => (name.length <= 3 ? 1 : name.length <= 7 ? 2 : 3)

function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, at(beforeLast, j - 2) + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY
