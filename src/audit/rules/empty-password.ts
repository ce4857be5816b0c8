import { safeLine } from '../../core/text.ts'
import { placeOfLayer, type Rule } from '../rule.ts'

export const emptyPassword: Rule = {
  id: 'image/empty-password',
  severity: 'error',
  reason: 'Whoever runs code in the container as any user becomes this one without a password.',
  source: 'CVE-2019-5021; CIS Docker Benchmark 4',
  link: 'https://nvd.nist.gov/vuln/detail/CVE-2019-5021',
  check: (subject) =>
    (subject.image?.notes.files ?? [])
      .filter(({ kind }) => kind === 'empty-password')
      .map(({ path, detail = '', layer }) => ({
        message: `The account "${safeLine(detail)}" has an empty password in /${safeLine(path)}.`,
        fix: `Close it: "passwd -l ${safeLine(detail)}", or an "!" in the second field.`,
        ...placeOfLayer(subject, layer),
      })),
}
