import { safeLine } from '../../core/text.ts'
import { isSecretName, isSecretValue, secretIn } from '../../image/secret-text.ts'
import { at, type Rule, type Subject } from '../rule.ts'

export const secretHistory: Rule = {
  id: 'secret/history',
  severity: 'error',
  reason: 'The history of an image is public with it: "docker history" shows every command and its build arguments.',
  source: 'Docker, build secrets',
  link: 'https://docs.docker.com/build/building/secrets/',
  check: (subject) =>
    secretsInHistory(subject).map(({ name, what, where }) => ({
      message:
        name === undefined
          ? `The history of the image shows ${what}.`
          : `The history of the image shows the value of ${safeLine(name)}.`,
      fix: 'Change the secret, it is known now; then mount it: RUN --mount=type=secret,id=…, with the input "secrets".',
      ...(where && { where }),
    })),
}

interface Leak {
  readonly name?: string
  readonly what?: string
  readonly where?: ReturnType<typeof at>
}

/** Secrets in what the image says about its making: `RUN |1 TOKEN=… /bin/sh -c …`, and texts that can be nothing else. */
export function secretsInHistory({ image, dockerfile }: Subject): readonly Leak[] {
  const leaks = new Map<string, Leak>()
  const args = new Map(
    (dockerfile?.stages ?? []).flatMap(({ steps }) =>
      steps.flatMap((step) => (step.keyword === 'ARG' ? step.pairs.map(([name]) => [name, step] as const) : [])),
    ),
  )
  for (const text of image?.config.history ?? []) {
    for (const { name, value } of argumentsIn(text)) {
      if (!isSecretName(name) || !isSecretValue(value)) continue
      const step = args.get(name)
      leaks.set(name, { name, ...(step && dockerfile && { where: at(dockerfile, step) }) })
    }
    const what = /^(?:\/bin\/sh -c #\(nop\)\s+)?ENV\s/.test(text) ? undefined : secretIn(text)
    // Which step it was is hard to tell, as its text is not repeated.
    if (what !== undefined && leaks.size === 0) leaks.set(what, { what })
  }
  return [...leaks.values()]
}

function argumentsIn(text: string): readonly { readonly name: string; readonly value: string }[] {
  const head = /^(?:RUN )?\|(\d{1,3}) (.*)$/s.exec(text)
  if (!head) return []
  // Values may have blanks: each ends before the next name, or before the shell.
  const list = (head[2] ?? '').replace(/ \/(?:usr\/)?bin\/\w+ -.*$/s, '')
  return [...list.matchAll(/(?:^| )([A-Za-z_]\w*)=(.*?)(?= [A-Za-z_]\w*=|$)/gs)].map(([, name = '', value = '']) => ({
    name,
    value,
  }))
}
