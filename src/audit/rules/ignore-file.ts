import { safeLine } from '../../core/text.ts'
import { copiesContext, type Instruction, sourcesOf } from '../../dockerfile/instructions.ts'
import { allInstructions, listNames, type Rule, type RuleInput, totalBytes } from '../rule.ts'

const link = 'https://docs.docker.com/build/concepts/context/#dockerignore-files'
const source = 'Docker, build context: .dockerignore files'

export const noIgnoreFile: Rule = {
  id: 'context/no-ignore-file',
  severity: 'warning',
  reason: 'COPY of a whole folder also copies its history, caches and secrets.',
  source,
  link,
  check(input) {
    const copy = wholeCopy(input)
    if (!input.context || !copy || input.context.measure.ignoreFile !== undefined) return []
    const { exclude } = input.context.measure
    return [
      {
        message: `The whole folder is copied without a .dockerignore${exclude.length > 0 ? `, including ${patterns(exclude)}` : ''}.`,
        fix: `Add a .dockerignore${exclude.length > 0 ? ` with ${patterns(exclude)}` : ' that lists the files the image does not need'}.`,
        where: copy.where,
        ...(exclude.length > 0 ? { bytes: totalBytes(exclude) } : { severity: 'notice' as const }),
      },
    ]
  },
}

export const weakIgnoreFile: Rule = {
  id: 'context/weak-ignore-file',
  severity: 'warning',
  reason:
    'Files that the ignore file does not exclude end up in the image, and every change of them invalidates the build cache.',
  source,
  link,
  check(input) {
    const copy = wholeCopy(input)
    const { ignoreFile, exclude = [] } = input.context?.measure ?? {}
    if (!copy || ignoreFile === undefined || exclude.length === 0) return []
    return [
      {
        message: `${safeLine(ignoreFile)} does not exclude files that the image does not need: ${patterns(exclude)}.`,
        fix: `Add to it: ${patterns(exclude, 20)}.`,
        where: copy.where,
        bytes: totalBytes(exclude),
      },
    ]
  },
}

const patterns = (exclude: readonly { readonly pattern: string }[], most = 4): string =>
  listNames(
    exclude.map(({ pattern }) => pattern),
    most,
  )

/** A COPY of the whole context in any stage. BuildKit sends only files that are copied. */
const wholeCopy = (input: RuleInput): Instruction | undefined =>
  allInstructions(input).find(
    (instruction) =>
      copiesContext(instruction) && sourcesOf(instruction).some((source) => /^(?:\.\/?|\/|\*|\.\/\*)$/.test(source)),
  )
