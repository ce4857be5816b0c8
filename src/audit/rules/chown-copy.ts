import { safeLine } from '../../core/text.ts'
import { wordsIn } from '../../dockerfile/instructions.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { instructionsOf, type Rule, type RuleInput, type Violation } from '../rule.ts'
import { wasteViolations } from '../waste.ts'

const fix = 'Set owner and permissions when the files are added: COPY --chown=… --chmod=…, or chown in the same RUN.'

export const chownCopy: Rule = {
  id: 'layer/chown-copy',
  severity: 'warning',
  reason: 'If a later layer changes the owner or permissions of a file, it stores the whole file again.',
  source: 'Docker, Dockerfile reference: COPY --chown --chmod',
  link: 'https://docs.docker.com/reference/dockerfile/#copy---chown---chmod',
  check: (input) =>
    input.image
      ? wasteViolations(
          input,
          ({ reason, hiddenBy }, firstOwn) => reason === 'metadata-only' && hiddenBy >= firstOwn,
          (paths) => ({
            message: `This layer stores files again, only with another owner, other permissions or times: ${paths}.`,
            fix,
          }),
        )
      : inDockerfile(input),
}

/** Before a build: chown of a folder that an earlier COPY filled. */
function inDockerfile(input: RuleInput): readonly Violation[] {
  const filled: string[] = []
  return instructionsOf(input, 'COPY', 'ADD', 'RUN').flatMap((instruction) => {
    if (instruction.keyword !== 'RUN') {
      const folder = input.dockerfile?.value(wordsIn(instruction).at(-1) ?? '')?.replace(/\/$/, '')
      if (folder && !instruction.flags.has('chown')) filled.push(folder)
      return []
    }
    const late = commandsOf(instruction).find(
      ([program, ...words]) =>
        program === 'chown' &&
        words.some((word) => /^(?:-[a-zA-Z]*R|--recursive)/.test(word)) &&
        words.some((word) => filled.includes(word.replace(/\/$/, ''))),
    )
    return late
      ? [
          {
            message: `"${safeLine(late.join(' '), 60)}" stores files of an earlier COPY again.`,
            fix,
            where: instruction.where,
          },
        ]
      : []
  })
}
