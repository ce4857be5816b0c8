import { safeLine } from '../../core/text.ts'
import { programRoles } from '../program-role.ts'
import { layerLocation, listPaths, ownFiles, type Rule } from '../rule.ts'

const severities = { started: 'error', own: 'warning', dependency: 'notice' } as const

export const missingInterpreter: Rule = {
  id: 'image/missing-interpreter',
  severity: 'warning',
  reason:
    'A program without its interpreter or loader fails with "no such file or directory", although the program itself exists.',
  source: 'Linux manual: execve(2)',
  link: 'https://man7.org/linux/man-pages/man2/execve.2.html',
  check(input) {
    const roleOf = programRoles(input)
    const programs = ownFiles(input, 'missing-interpreter').map((file) => ({
      ...file,
      severity: severities[roleOf(file.path)],
    }))
    const groups = Map.groupBy(programs, ({ layer, detail, severity }) => `${layer} ${severity} ${detail}`)
    return [...groups.values()].flatMap((files) => {
      const [first] = files
      if (!first) return []
      const { layer, detail = '', severity } = first
      return [
        {
          message: `${safeLine(detail)} is not in the image, but is needed by ${listPaths(files.map(({ path }) => path))}.`,
          fix: /(?:^|\/)ld-/.test(detail)
            ? 'The program was built for another C library (glibc or musl). Build it on the base image that it runs on.'
            : 'Install it, or write an interpreter that the image has into the first line of the script.',
          severity,
          ...layerLocation(input, layer),
        },
      ]
    })
  },
}
