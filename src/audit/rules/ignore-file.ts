import { safeLine } from '../../core/text.ts'
import { at, type Rule, type Subject, some, sumOf } from '../rule.ts'

const link = 'https://docs.docker.com/build/concepts/context/#dockerignore-files'
const source = 'Docker, build context: .dockerignore files'

export const noIgnoreFile: Rule = {
  id: 'context/no-ignore-file',
  severity: 'warning',
  reason: 'COPY of a whole folder takes along what happens to lie there: history, caches, secrets.',
  source,
  link,
  check(subject) {
    const { context, dockerfile } = subject
    const copy = wholeCopy(subject)
    if (!context || !dockerfile || !copy || context.measure.ignoreFile !== undefined) return []
    const { exclude } = context.measure
    return [
      {
        message: `There is no .dockerignore, and the whole folder is copied${exclude.length > 0 ? ` with ${patterns(exclude)}` : ''}.`,
        fix: `Add a .dockerignore${exclude.length > 0 ? ` with ${patterns(exclude)}` : ' that names what the image does not need'}.`,
        where: at(dockerfile, copy),
        ...(exclude.length > 0 ? { bytes: sumOf(exclude) } : { severity: 'notice' as const }),
      },
    ]
  },
}

export const weakIgnoreFile: Rule = {
  id: 'context/weak-ignore-file',
  severity: 'warning',
  reason: 'What the ignore file lets through ends up in the image, and changes of it spoil the build cache.',
  source,
  link,
  check(subject) {
    const { context, dockerfile } = subject
    const copy = wholeCopy(subject)
    const name = context?.measure.ignoreFile
    if (!context || !dockerfile || !copy || name === undefined || context.measure.exclude.length === 0) return []
    const { exclude } = context.measure
    return [
      {
        message: `${safeLine(name)} lets through what the image does not need: ${patterns(exclude)}.`,
        fix: `Add to it: ${patterns(exclude, 20)}.`,
        where: at(dockerfile, copy),
        bytes: sumOf(exclude),
      },
    ]
  },
}

const patterns = (exclude: readonly { readonly pattern: string }[], most = 4): string =>
  some(
    exclude.map(({ pattern }) => pattern),
    most,
  )

/** A COPY of the whole context in any stage. BuildKit sends no more than what is copied. */
function wholeCopy({ dockerfile }: Subject) {
  return dockerfile?.stages
    .flatMap(({ steps }) => steps)
    .find(({ keyword, flags, json, text }) => {
      if ((keyword !== 'COPY' && keyword !== 'ADD') || flags.has('from')) return false
      return (json ?? text.split(/\s+/)).slice(0, -1).some((one) => /^(?:\.\/?|\/|\*|\.\/\*)$/.test(one))
    })
}
