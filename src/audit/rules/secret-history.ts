import type { SourceLocation } from '../../core/diagnostics.ts'
import { safeLine } from '../../core/text.ts'
import { isSecretName, isSecretValue, secretIn } from '../../image/secret-text.ts'
import { allInstructions, type Rule, type RuleInput } from '../rule.ts'

export const secretHistory: Rule = {
  id: 'secret/history',
  severity: 'error',
  reason: 'The history is part of the image: "docker history" shows every command and its build arguments.',
  source: 'Docker, build secrets',
  link: 'https://docs.docker.com/build/building/secrets/',
  check: (input) =>
    secretsInHistory(input).map(({ name, kind, where }) => ({
      message: `The history of the image shows ${name === undefined ? kind : `the value of ${safeLine(name)}`}.`,
      fix: 'Replace the secret, because it is exposed. Then use a secret mount: RUN --mount=type=secret,id=…, with the input "secrets".',
      ...(where && { where }),
    })),
}

interface Leak {
  readonly name?: string
  /** The kind of secret in words: `a GitHub token`. */
  readonly kind?: string
  readonly where?: SourceLocation
}

/** Secrets in the history: `RUN |1 TOKEN=… /bin/sh -c …`, and tokens of a well-known form. */
export function secretsInHistory(input: RuleInput): readonly Leak[] {
  const leaks = new Map<string, Leak>()
  const declared = new Map(
    allInstructions(input)
      .filter(({ keyword }) => keyword === 'ARG')
      .flatMap(({ pairs, where }) => pairs.map(([name]) => [name, where] as const)),
  )
  for (const text of input.image?.config.history ?? []) {
    for (const { name, value } of argumentsIn(text)) {
      if (!isSecretName(name) || !isSecretValue(value)) continue
      const where = declared.get(name)
      leaks.set(name, { name, ...(where && { where }) })
    }
    const kind = /^(?:\/bin\/sh -c #\(nop\)\s+)?ENV\s/.test(text) ? undefined : secretIn(text)
    // Only the kind is kept: the text of the instruction contains the secret.
    if (kind !== undefined && leaks.size === 0) leaks.set(kind, { kind })
  }
  return [...leaks.values()]
}

function argumentsIn(text: string): readonly { readonly name: string; readonly value: string }[] {
  const head = /^(?:RUN )?\|(\d{1,3}) (.*)$/s.exec(text)
  if (!head) return []
  // Values may contain spaces: each ends before the next name, or before the shell.
  const list = (head[2] ?? '').replace(/ \/(?:usr\/)?bin\/\w+ -.*$/s, '')
  return [...list.matchAll(/(?:^| )([A-Za-z_]\w*)=(.*?)(?= [A-Za-z_]\w*=|$)/gs)].map(([, name = '', value = '']) => ({
    name,
    value,
  }))
}
