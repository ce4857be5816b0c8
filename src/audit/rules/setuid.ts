import { safeLine } from '../../core/text.ts'
import { placeOfLayer, type Rule, some } from '../rule.ts'

export const setuid: Rule = {
  id: 'image/setuid',
  severity: 'warning',
  reason:
    'A program with the setuid bit runs as its owner, mostly root: the usual way back to root for whoever breaks in.',
  source: 'CIS Docker Benchmark 4.8',
  link: 'https://docs.docker.com/engine/security/#linux-kernel-capabilities',
  check(subject) {
    const { image } = subject
    const found = (image?.notes.files ?? []).filter(
      ({ kind, layer }) => kind === 'setuid' && layer >= (image?.firstOwn ?? 0),
    )
    return [...Map.groupBy(found, ({ layer }) => layer)].map(([layer, files]) => ({
      message: `Programs run with the rights of their owner (setuid or setgid): ${some(files.map(({ path }) => `/${safeLine(path)}`).sort())}.`,
      fix: 'Take the bit away in the same RUN ("chmod a-s FILE"), or leave the package out.',
      ...placeOfLayer(subject, layer),
    }))
  },
}
