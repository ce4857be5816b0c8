import { plain } from '../../core/text.ts'
import type { LitterKind } from '../../image/litter.ts'
import { placeOfLayer, type Remark, type Subject, some } from '../rule.ts'

/** Findings for what a layer of the author holds of one kind, the layers taken one by one because each has its line. */
export function litter(
  subject: Subject,
  kind: LitterKind,
  least: number,
  say: (roots: string) => Pick<Remark, 'message' | 'fix'>,
): readonly Remark[] {
  const { image } = subject
  return (image?.notes.litter ?? [])
    .filter((heap) => heap.kind === kind && heap.layer >= (image?.firstOwn ?? 0) && heap.bytes >= least)
    .map(({ roots, bytes, layer }) => ({
      ...say(some(roots.map((root) => `/${plain(root)}`))),
      bytes,
      ...placeOfLayer(subject, layer),
    }))
}
