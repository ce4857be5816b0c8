import type { Architecture } from '../core/architecture.ts'
import type { MatrixEntry, PlannedAddon, Target } from './plan.ts'

/** The most jobs that GitHub allows in one matrix. */
export const mostJobs = 256

/** GitHub's own runners; ARM machines run 32-bit ARM code natively. */
const runners: Readonly<Record<Architecture, string>> = {
  amd64: 'ubuntu-24.04',
  i386: 'ubuntu-24.04',
  aarch64: 'ubuntu-24.04-arm',
  armv7: 'ubuntu-24.04-arm',
  armhf: 'ubuntu-24.04-arm',
}

/**
 * One job for each add-on and architecture. If that is more than GitHub allows, a job builds several add-ons of one
 * architecture, and its `target` has a line for each.
 */
export function matrixOf(
  addons: readonly PlannedAddon[],
  chosen: ReadonlyMap<Architecture, string>,
  most = mostJobs,
): readonly MatrixEntry[] {
  const cells = addons.flatMap(({ folder, version, targets }) => targets.map((target) => ({ folder, version, target })))
  const groups = cells.length <= most ? cells.map((cell) => [cell]) : grouped(cells, most)
  return groups.flatMap((group) => {
    const [first, ...others] = group
    if (!first) return []
    const { addon, architecture, platform } = first.target
    return {
      name: `${addon}${others.length > 0 ? `-and-${others.length}-more` : ''}-${architecture}`,
      addon: group.map(({ target }) => target.addon).join(', '),
      target: group.map(({ folder }) => targetLine(folder)).join('\n'),
      architecture,
      platform,
      version: others.length === 0 ? first.version : '',
      runner: chosen.get(architecture) ?? runners[architecture],
    }
  })
}

/** A folder as a line of the input `target`: it must not be read as a comment or an exclusion, and keeps spaces at its ends. */
export const targetLine = (folder: string): string =>
  `${/^[!#\s]/.test(folder) ? './' : ''}${folder}${/\s$/.test(folder) ? '/' : ''}`

interface Cell {
  readonly folder: string
  readonly version: string
  readonly target: Target
}

/** Groups of equal size, each of one architecture, no more than `most` of them. */
function grouped(cells: readonly Cell[], most: number): readonly (readonly Cell[])[] {
  const byArchitecture = Map.groupBy(cells, ({ target }) => target.architecture)
  // Each architecture may leave one group that is not full.
  const size = Math.ceil(cells.length / Math.max(1, most - byArchitecture.size))
  return [...byArchitecture.values()].flatMap((list) =>
    Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size)),
  )
}
