import type { Row } from '../rows.ts'

/** A change in words, and the images that have it. */
interface SharedChange {
  readonly text: string
  readonly names: readonly string[]
}

const maxTextLength = 400
const figures = /\d+(?:\.\d+)? (?:B|kB|MB|GB|TB)/g
const delta = /^[+−]\d+(?:\.\d+)? (?:B|kB|MB|GB|TB)/
const fileCount = /\(\d+ files\)/g

/**
 * The changes of the `images` that changed most, the first `most` of each. A change that several images share is listed once: figures
 * differ between architectures, and so do names of images that have the architecture in them.
 */
export function sharedChanges(
  rows: readonly Row[],
  several: boolean,
  { images, most }: { readonly images: number; readonly most: number },
): readonly SharedChange[] {
  const changed = [...rows]
    .filter(({ target }) => (target.size?.comparison?.changes.length ?? 0) > 0)
    .sort((a, b) => Math.abs(b.change?.bytes ?? 0) - Math.abs(a.change?.bytes ?? 0))
    .slice(0, images)
  const changes = changed.flatMap(({ target: { addon, architecture, size } }) =>
    (size?.comparison?.changes ?? []).slice(0, most).map((change) => {
      const text = change.length > maxTextLength ? `${change.slice(0, maxTextLength).toWellFormed()}…` : change
      const name = several ? `${addon}/${architecture}` : architecture
      return { name, text, shared: text.replaceAll(architecture, '{arch}') }
    }),
  )
  const groups = Map.groupBy(changes, ({ shared }) =>
    shared
      .replace(delta, (found) => found.slice(0, 1))
      .replace(figures, '…')
      .replace(fileCount, '…'),
  )
  return [...groups.values()].flatMap((group) => {
    const deltas = new Set(group.flatMap(({ text }) => delta.exec(text)?.[0] ?? []))
    // The first entry is that of the image that changed most.
    return group.slice(0, 1).map(({ text, shared }) => {
      const shown = group.length > 1 ? shared : text
      const names = group.map(({ name }) => name)
      return { text: deltas.size > 1 ? shown.replace(delta, between(deltas)) : shown, names }
    })
  })
}

/** `+121.0 MB to +143.0 MB`: of the same sign, in the order of their amount. */
function between(deltas: ReadonlySet<string>): string {
  const sorted = [...deltas].sort((a, b) => amount(a) - amount(b))
  return `${sorted[0]} to ${sorted.at(-1)}`
}

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }
const amount = (text: string): number => {
  const [value = '', unit = ''] = text.slice(1).split(' ')
  return Number(value) * (units[unit] ?? 1)
}
