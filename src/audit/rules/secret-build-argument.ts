import { safeLine } from '../../core/text.ts'
import { isSecretName } from '../../image/secret-text.ts'
import { at, type Rule } from '../rule.ts'
import { secretsInHistory } from './secret-history.ts'

export const secretBuildArgument: Rule = {
  id: 'secret/build-argument',
  severity: 'warning',
  reason: 'The value of an ARG stands in the history of the image and in the build cache.',
  source: 'Docker, build secrets',
  link: 'https://docs.docker.com/build/building/secrets/',
  check(subject) {
    const { dockerfile } = subject
    if (!dockerfile) return []
    const told = new Set(secretsInHistory(subject).flatMap(({ name }) => name ?? []))
    const seen = new Set<string>()
    return dockerfile.stages.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        (step.keyword === 'ARG' ? step.pairs : []).flatMap(([name]) => {
          if (!isSecretName(name) || seen.has(name) || told.has(name)) return []
          seen.add(name)
          return [
            {
              message: `ARG ${safeLine(name)} takes a secret.`,
              fix: `Mount it where it is needed: RUN --mount=type=secret,id=${safeLine(name)}, with the input "secrets".`,
              where: at(dockerfile, step),
            },
          ]
        }),
      ),
    )
  },
}
