import { safeLine } from '../../core/text.ts'
import { isSecretName, isSecretValue, secretIn } from '../../image/secret-text.ts'
import { at, type Rule, stepsOf } from '../rule.ts'

const fix =
  'Remove it: take it from the options (/data/options.json) when the add-on runs, or from a secret mount where only the build needs it.'

export const secretEnvironment: Rule = {
  id: 'secret/environment',
  severity: 'error',
  reason: 'ENV is part of the image: whoever can pull it can read it, and "docker inspect" shows it.',
  source: 'Docker, build checks: SecretsUsedInArgOrEnv',
  link: 'https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/',
  check(subject) {
    const { dockerfile, image } = subject
    const found = new Map<string, ReturnType<typeof at> | undefined>()
    for (const step of stepsOf(subject, 'ENV')) {
      for (const [name, value] of step.pairs) {
        const filled = dockerfile?.value(value ?? '') ?? value ?? ''
        if (dockerfile && isSecret(name, filled)) found.set(name, at(dockerfile, step))
      }
    }
    // What the base brings as well: it reaches the users all the same.
    for (const [name, value] of image?.config.environment ?? [])
      if (!found.has(name) && isSecret(name, value)) found.set(name, undefined)
    return [...found].map(([name, where]) => ({
      message: `ENV ${safeLine(name)} holds a secret.`,
      fix,
      ...(where && { where }),
    }))
  },
}

const isSecret = (name: string, value: string): boolean =>
  (isSecretName(name) && isSecretValue(value)) || secretIn(value) !== undefined
