import type { Log } from '../../core/host.ts'
import type { Options } from '../../inputs/options.ts'
import { leavesOf } from './leaves.ts'

const secretName = /pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential/i
// Masking shorter values ("true", "12") would make the log unreadable and protect nothing.
const minLength = 6

type SecretInputs = Pick<Options, 'smokeOptions' | 'smokeServices' | 'smokeEnvironment' | 'smokeRunArguments'>

/** Masks the inputs of the test that are secret by their name, or a `password` by the schema, before a container can print them. */
export function maskSecrets(inputs: SecretInputs, schema: unknown, log: Log): void {
  const values = [
    ...leavesOf(inputs.smokeOptions, schema),
    ...leavesOf(inputs.smokeServices ?? {}, undefined),
    ...[...inputs.smokeEnvironment, ...environmentIn(inputs.smokeRunArguments)].map(([name, value]) => {
      return { name, value, type: '' }
    }),
  ]
  const secrets = values.flatMap(({ name, value, type }) =>
    (secretName.test(name) || type.startsWith('password')) && typeof value === 'string' && value.length >= minLength
      ? [value]
      : [],
  )
  for (const secret of secrets) {
    log.mask(secret)
    // As in /data/options.json, which many add-ons print.
    const inJson = JSON.stringify(secret).slice(1, -1)
    if (inJson !== secret) log.mask(inJson)
  }
}

const environmentIn = (args: readonly string[]): readonly (readonly [string, string])[] =>
  assignmentsIn(args).map((text) => {
    const [name = ''] = text.split('=', 1)
    return [name, text.slice(name.length + 1)]
  })

/** Variables that docker takes from its own environment: `--env NAME`, without a value. */
export const variablesWithoutValue = (args: readonly string[]): readonly string[] =>
  assignmentsIn(args).filter((text) => !text.includes('='))

/** `--env NAME=value`, `--env=NAME=value`, `-e NAME=value` and `-eNAME=value`. */
const assignmentsIn = (args: readonly string[]): readonly string[] =>
  args.flatMap((arg, index) => {
    const before = args[index - 1]
    return before === '--env' || before === '-e' ? [arg] : (/^(?:--env=|-e)(.+)$/s.exec(arg)?.slice(1) ?? [])
  })
