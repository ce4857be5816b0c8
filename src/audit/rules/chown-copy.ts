import { safeLine } from '../../core/text.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { at, placeOfLayer, type Remark, type Rule, type Subject, some, stepsOf, sumOf } from '../rule.ts'

const least = 100_000

export const chownCopy: Rule = {
  id: 'layer/chown-copy',
  severity: 'warning',
  reason: 'Changing the owner or rights of a file in a later layer stores the whole file again.',
  source: 'Docker, Dockerfile reference: COPY --chown --chmod',
  link: 'https://docs.docker.com/reference/dockerfile/#copy---chown---chmod',
  check: (subject) => (subject.image ? inImage(subject) : inDockerfile(subject)),
}

const fix = 'Set owner and rights where the files come in: COPY --chown=… --chmod=…, or chown in the same RUN.'

function inImage(subject: Subject): readonly Remark[] {
  const { image } = subject
  const waste = (image?.measure.contents?.waste ?? []).filter(
    ({ reason, writtenBy, hiddenBy }) =>
      reason === 'metadata-only' && hiddenBy >= (image?.firstOwn ?? 0) && hiddenBy > writtenBy,
  )
  return [...Map.groupBy(waste, ({ hiddenBy }) => hiddenBy)].flatMap(([layer, all]) => {
    const bytes = sumOf(all)
    const paths = some(all.map(({ path }) => `/${safeLine(path)}`))
    return bytes < least
      ? []
      : [
          {
            message: `This layer holds files again with another owner, other rights or times: ${paths}.`,
            fix,
            bytes,
            ...placeOfLayer(subject, layer),
          },
        ]
  })
}

/** Before a build: chown of a folder that an earlier COPY filled. */
function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  const filled: string[] = []
  return stepsOf(subject, 'COPY', 'ADD', 'RUN').flatMap((step) => {
    if (step.keyword !== 'RUN') {
      const to = (step.json ?? step.text.split(/\s+/)).at(-1) ?? ''
      const folder = dockerfile.value(to)?.replace(/\/$/, '')
      if (folder && !step.flags.has('chown')) filled.push(folder)
      return []
    }
    const late = commandsOf(step).find(
      ([program, ...words]) =>
        program === 'chown' &&
        words.some((word) => /^(?:-[a-zA-Z]*R|--recursive)/.test(word)) &&
        words.some((word) => filled.includes(word.replace(/\/$/, ''))),
    )
    return late
      ? [
          {
            message: `"${safeLine(late.join(' '), 60)}" stores again what an earlier COPY brought.`,
            fix,
            where: at(dockerfile, step),
          },
        ]
      : []
  })
}
