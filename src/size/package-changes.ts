import type { ImageContents, PackageEntry } from '../image/measure.ts'
import type { PackageChange } from './result.ts'

/** Packages that were added, were removed, or changed version or size, most bytes first. A name counts once, with all its versions. */
export function packageChanges(after: ImageContents, before: ImageContents): PackageChange[] {
  const now = byName(after.packages)
  const then = byName(before.packages)
  const changes: PackageChange[] = []
  for (const key of new Set([...now.keys(), ...then.keys()])) {
    const a = now.get(key)
    const b = then.get(key)
    const one = a ?? b
    if (!one) continue
    const bytes = (a?.bytes ?? 0) - (b?.bytes ?? 0)
    if (a && b && a.versions === b.versions && bytes === 0) continue
    changes.push({
      manager: one.manager,
      name: one.name,
      ...(b && { before: b.versions }),
      ...(a && { after: a.versions }),
      bytes,
      ...(a?.layer !== undefined && { layer: a.layer }),
    })
  }
  return changes.sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes) || (a.name < b.name ? -1 : 1))
}

interface Installed {
  readonly manager: PackageEntry['manager']
  readonly name: string
  readonly versions: string
  readonly bytes: number
  readonly layer?: number
}

function byName(packages: readonly PackageEntry[]): Map<string, Installed> {
  const groups = Map.groupBy(packages, ({ manager, name }) => `${manager} ${name}`)
  return new Map(
    [...groups].map(([key, group]) => {
      const [first] = group as [PackageEntry]
      const versions = [...new Set(group.map(({ version }) => version))].sort().join(', ')
      const bytes = group.reduce((sum, entry) => sum + entry.bytes, 0)
      const layers = group.flatMap(({ layer }) => (layer === undefined ? [] : [layer]))
      const { manager, name } = first
      return [key, { manager, name, versions, bytes, ...(layers.length && { layer: Math.max(...layers) }) }]
    }),
  )
}
