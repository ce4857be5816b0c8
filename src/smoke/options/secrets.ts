import type { Log } from '../../core/host.ts'
import type { Options } from '../../inputs/options.ts'
import { isPlain } from './merge.ts'

const secretName = /pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential/i
// A shorter one ("true", "12") would blank out half of a log and protect nothing.
const shortest = 6

type Given = Pick<Options, 'smokeOptions' | 'smokeServices' | 'smokeEnvironment' | 'smokeRunArguments'>

/** Masks what the test is given and looks secret by its name, or is a `password` by the schema, before a container can print it. */
export function maskSecrets(given: Given, schema: unknown, log: Log): void {
  const secrets = [
    ...secretsIn(given.smokeOptions, schema),
    ...secretsIn(given.smokeServices ?? {}, undefined),
    ...[...given.smokeEnvironment].flatMap(ofName),
    ...environmentIn(given.smokeRunArguments).flatMap(ofName),
  ]
  for (const secret of secrets) {
    log.mask(secret)
    // As it stands in /data/options.json, which many an add-on prints.
    const written = JSON.stringify(secret).slice(1, -1)
    if (written !== secret) log.mask(written)
  }
}

const ofName = ([name, value]: readonly [string, unknown]): readonly string[] =>
  secretName.test(name) && typeof value === 'string' && value.length >= shortest ? [value] : []

function secretsIn(value: unknown, schema: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => secretsIn(one, Array.isArray(schema) ? schema[0] : undefined))
  if (isPlain(value)) {
    return Object.entries(value).flatMap(([name, one]) => [
      ...ofName([name, one]),
      ...secretsIn(one, isPlain(schema) ? schema[name] : undefined),
    ])
  }
  const password = typeof schema === 'string' && schema.startsWith('password')
  return password && typeof value === 'string' && value.length >= shortest ? [value] : []
}

function environmentIn(args: readonly string[]): readonly (readonly [string, string])[] {
  return assignmentsIn(args).flatMap((text) => {
    const at = text.indexOf('=')
    return at > 0 ? [[text.slice(0, at), text.slice(at + 1)] as const] : []
  })
}

/** Variables that docker is to take from its own environment: `--env NAME`, without a value. */
export const namesIn = (args: readonly string[]): readonly string[] =>
  assignmentsIn(args).filter((text) => !text.includes('='))

/** `--env NAME=value`, `--env=NAME=value`, `-e NAME=value` and `-eNAME=value`. */
const assignmentsIn = (args: readonly string[]): readonly string[] =>
  args.flatMap((arg, index) => {
    const before = args[index - 1]
    return before === '--env' || before === '-e' ? [arg] : (/^(?:--env=|-e)(.+)$/s.exec(arg)?.slice(1) ?? [])
  })
