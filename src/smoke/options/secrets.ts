import type { Log } from '../../core/host.ts'
import type { Options } from '../../inputs/options.ts'
import { isRecord } from './merge.ts'

const secretName = /pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential/i
// To mask a shorter value ("true", "12") would make a log unreadable and protect nothing.
const minLength = 6

type SecretInputs = Pick<Options, 'smokeOptions' | 'smokeServices' | 'smokeEnvironment' | 'smokeRunArguments'>

/** Masks the inputs of the test that are secret by their name, or a `password` by the schema, before a container can print them. */
export function maskSecrets(inputs: SecretInputs, schema: unknown, log: Log): void {
  const secrets = [
    ...secretsIn(inputs.smokeOptions, schema),
    ...secretsIn(inputs.smokeServices ?? {}, undefined),
    ...[...inputs.smokeEnvironment].flatMap(secretByName),
    ...environmentIn(inputs.smokeRunArguments).flatMap(secretByName),
  ]
  for (const secret of secrets) {
    log.mask(secret)
    // As in /data/options.json, which many add-ons print.
    const inJson = JSON.stringify(secret).slice(1, -1)
    if (inJson !== secret) log.mask(inJson)
  }
}

const secretByName = ([name, value]: readonly [string, unknown]): readonly string[] =>
  secretName.test(name) && typeof value === 'string' && value.length >= minLength ? [value] : []

function secretsIn(value: unknown, schema: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => secretsIn(one, Array.isArray(schema) ? schema[0] : undefined))
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([name, one]) => [
      ...secretByName([name, one]),
      ...secretsIn(one, isRecord(schema) ? schema[name] : undefined),
    ])
  }
  const password = typeof schema === 'string' && schema.startsWith('password')
  return password && typeof value === 'string' && value.length >= minLength ? [value] : []
}

function environmentIn(args: readonly string[]): readonly (readonly [string, string])[] {
  return assignmentsIn(args).flatMap((text) => {
    const at = text.indexOf('=')
    return at > 0 ? [[text.slice(0, at), text.slice(at + 1)] as const] : []
  })
}

/** Variables that docker takes from its own environment: `--env NAME`, without a value. */
export const variablesWithoutValue = (args: readonly string[]): readonly string[] =>
  assignmentsIn(args).filter((text) => !text.includes('='))

/** `--env NAME=value`, `--env=NAME=value`, `-e NAME=value` and `-eNAME=value`. */
const assignmentsIn = (args: readonly string[]): readonly string[] =>
  args.flatMap((arg, index) => {
    const before = args[index - 1]
    return before === '--env' || before === '-e' ? [arg] : (/^(?:--env=|-e)(.+)$/s.exec(arg)?.slice(1) ?? [])
  })
