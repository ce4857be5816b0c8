import type { SourceLocation } from '../../core/diagnostics.ts'
import { safeLine } from '../../core/text.ts'
import { isSecretName, isSecretValue, secretIn } from '../../image/secret-text.ts'
import { instructionsOf, type Rule } from '../rule.ts'

export const secretEnvironment: Rule = {
  id: 'secret/environment',
  severity: 'error',
  reason: 'ENV is part of the image: everyone who can pull the image can read it, and "docker inspect" shows it.',
  source: 'Docker, build checks: SecretsUsedInArgOrEnv',
  link: 'https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/',
  check(input) {
    const { dockerfile, image } = input
    const variables = instructionsOf(input, 'ENV').flatMap(({ pairs, where }) =>
      pairs.map(([name, value = '']) => ({ name, value: dockerfile?.value(value) ?? value, where })),
    )
    const found = new Map<string, SourceLocation | undefined>(
      variables.filter(isSecret).map(({ name, where }) => [name, where]),
    )
    // Includes variables of the base image: users get them in the same way.
    for (const [name, value] of image?.config.environment ?? [])
      if (!found.has(name) && isSecret({ name, value })) found.set(name, undefined)
    return [...found].map(([name, where]) => ({
      message: `ENV ${safeLine(name)} contains a secret.`,
      fix: 'Remove it. Read it from the options (/data/options.json) when the add-on runs, or use a secret mount if only the build needs it.',
      ...(where && { where }),
    }))
  },
}

const isSecret = ({ name, value }: { readonly name: string; readonly value: string }): boolean =>
  (isSecretName(name) && isSecretValue(value)) || secretIn(value) !== undefined
