import { safeLine } from '../../core/text.ts'
import { isSecretName } from '../../image/secret-text.ts'
import { allInstructions, type Rule } from '../rule.ts'
import { secretsInHistory } from './secret-history.ts'

export const secretBuildArgument: Rule = {
  id: 'secret/build-argument',
  severity: 'warning',
  reason: 'The value of an ARG is stored in the history of the image and in the build cache.',
  source: 'Docker, build secrets',
  link: 'https://docs.docker.com/build/building/secrets/',
  check(input) {
    const reported = new Set(secretsInHistory(input).flatMap(({ name }) => name ?? []))
    const declared = allInstructions(input)
      .filter(({ keyword }) => keyword === 'ARG')
      .flatMap(({ pairs, where }) => pairs.map(([name]) => ({ name, where })))
      .filter(({ name }) => isSecretName(name) && !reported.has(name))
    return [...Map.groupBy(declared, ({ name }) => name)].map(([name, [first]]) => ({
      message: `ARG ${safeLine(name)} takes a secret.`,
      fix: `Use a secret mount where the build needs it: RUN --mount=type=secret,id=${safeLine(name)}, with the input "secrets".`,
      ...(first && { where: first.where }),
    }))
  },
}
