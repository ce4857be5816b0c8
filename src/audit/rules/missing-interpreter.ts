import { safeLine } from '../../core/text.ts'
import { placeOfLayer, type Rule, some } from '../rule.ts'
import { standings } from '../started.ts'

export const missingInterpreter: Rule = {
  id: 'image/missing-interpreter',
  severity: 'warning',
  reason:
    'A program whose interpreter or loader is missing ends with "no such file or directory", though it is there itself.',
  source: 'Linux manual: execve(2)',
  link: 'https://man7.org/linux/man-pages/man2/execve.2.html',
  check(subject) {
    const { image } = subject
    const found = (image?.notes.files ?? []).filter(
      ({ kind, layer }) => kind === 'missing-interpreter' && layer >= (image?.firstOwn ?? 0),
    )
    const standing = standings(subject)
    const severity = { started: 'error', own: 'warning', carried: 'notice' } as const
    const groups = Map.groupBy(found, ({ layer, detail, path }) => `${layer} ${severity[standing(path)]} ${detail}`)
    return [...groups.values()].map((files) => {
      const [{ layer, detail = '', path = '' } = { layer: 0 }] = files
      return {
        message: `${safeLine(detail)} is not in the image, and ${some(files.map(({ path }) => `/${safeLine(path)}`))} needs it.`,
        fix: /(?:^|\/)ld-/.test(detail)
          ? 'The program is for another C library (glibc or musl): build it on the base that it runs on.'
          : 'Install it, or name the interpreter that the image has in the first line of the script.',
        severity: severity[standing(path)],
        ...placeOfLayer(subject, layer),
      }
    })
  },
}
