import { safeLine } from '../../core/text.ts'
import type { LeftoverKind } from '../../image/leftovers.ts'
import { placeOfLayer, type Remark, type Subject, some } from '../rule.ts'

/** Findings for what a layer of the author holds of one kind, the layers taken one by one because each has its line. */
export function litter(
  subject: Subject,
  kind: LeftoverKind,
  least: number,
  say: (roots: string) => Pick<Remark, 'message' | 'fix'>,
): readonly Remark[] {
  const { image } = subject
  return (image?.notes.leftovers ?? [])
    .filter((group) => group.kind === kind && group.layer >= (image?.firstOwn ?? 0) && group.bytes >= least)
    .map(({ roots, bytes, layer }) => ({
      ...say(some(roots.map((root) => `/${safeLine(root)}`))),
      bytes,
      ...placeOfLayer(subject, layer),
    }))
}
