import { safeLine } from '../../core/text.ts'
import { layerLocation, type Rule } from '../rule.ts'

export const emptyPassword: Rule = {
  id: 'image/empty-password',
  severity: 'error',
  reason: 'Any process in the container can switch to this account without a password.',
  source: 'CVE-2019-5021; CIS Docker Benchmark 4',
  link: 'https://nvd.nist.gov/vuln/detail/CVE-2019-5021',
  // Includes accounts of the base image: the author can lock them.
  check: (input) =>
    (input.image?.notes.files ?? [])
      .filter(({ kind }) => kind === 'empty-password')
      .map(({ path, detail = '', layer }) => ({
        message: `The account "${safeLine(detail)}" has an empty password in /${safeLine(path)}.`,
        fix: `Lock the account with "passwd -l ${safeLine(detail)}", or with "!" in the second field.`,
        ...layerLocation(input, layer),
      })),
}
