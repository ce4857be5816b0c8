import { formatPatch, structuredPatch } from 'diff'
import type { Change } from './migration.ts'

/** Lines that may be removed or added one by one. The time to find them grows with the square of their number. */
const mostEdits = 500

/** The change as a patch for `git apply` and `patch -p1`. Empty if nothing changes. */
export function patchOf({ file, before, after }: Change): string {
  if (before === after) return ''
  const hunks = hunksOf(before, after ?? '', mostEdits) ?? replaced(before, after ?? '')
  const isDelete = after === undefined
  return formatPatch({
    isGit: true,
    ...(isDelete && { isDelete }),
    oldFileName: `a/${file}`,
    newFileName: isDelete ? '/dev/null' : `b/${file}`,
    oldHeader: undefined,
    newHeader: undefined,
    hunks,
  })
}

const hunksOf = (before: string, after: string, maxEditLength: number) =>
  structuredPatch('', '', before, after, undefined, undefined, { context: 3, maxEditLength })?.hunks

/** One hunk that removes every line and adds every line. */
function replaced(before: string, after: string) {
  const [removed, added] = [hunksOf(before, '', Infinity)?.[0], hunksOf('', after, Infinity)?.[0]]
  return [
    {
      oldStart: 1,
      oldLines: removed?.oldLines ?? 0,
      newStart: 1,
      newLines: added?.newLines ?? 0,
      lines: [...(removed?.lines ?? []), ...(added?.lines ?? [])],
    },
  ]
}
