import { type Diagnostic, error, isError } from '../core/diagnostics.ts'
import { isWrong, quoted } from '../core/parsed.ts'
import { isPem } from '../core/pem.ts'
import { nearest } from '../core/suggest.ts'
import { addonInputs } from './addon-inputs.ts'
import { auditInputs } from './audit-inputs.ts'
import { buildInputs } from './build-inputs.ts'
import { parseSecret } from './kinds.ts'
import { readLegacyArguments } from './legacy-args.ts'
import { assignmentLines, lines } from './lists.ts'
import { inputNames } from './names.ts'
import type { AddonOptions, Options } from './options.ts'
import { planInputs } from './plan-inputs.ts'
import { publishInputs } from './publish-inputs.ts'
import { InputReader } from './reader.ts'
import { reportInputs } from './report-inputs.ts'
import { sizeInputs, versionInputs } from './size-inputs.ts'
import { smokeInputs } from './smoke-inputs.ts'

export interface InputContext {
  /** Absolute path of the checkout. */
  readonly workspace: string
  /** Names of the given inputs, to find misspelled ones. Undefined: unknown (the environment of an action does not show them). */
  readonly given?: readonly string[]
  /** The environment of the step, from which variables in `args` are expanded. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Names of the smoke test's checks, if the caller knows them. Called only if `smoke-checks` is given. */
  readonly smokeChecks?: () => Promise<readonly string[]>
  /** Names of the audit's rules, if the caller knows them. Called only if `audit-ignore` is given. */
  readonly auditRules?: () => Promise<readonly string[]>
}

export interface ReadInputs {
  /** Undefined if there is an error. Frozen. */
  readonly options?: Options
  /**
   * The inputs that are needed to find and read the add-ons, also if other inputs are wrong: all errors are reported at once. Undefined if `target` is
   * wrong.
   */
  readonly readable?: AddonOptions & Pick<Options, 'githubToken'>
  /** Everything that is wrong, not only the first problem. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads every input.
 * @param text gives the text of an input, or '' if it was not given (as `getInput` of @actions/core does).
 */
export async function readInputs(text: (name: string) => string, context: InputContext): Promise<ReadInputs> {
  const read = new InputReader(text)
  const { diagnostics } = read
  const args = read.text('args')
  const { legacy, diagnostics: wrong } =
    args === undefined ? { diagnostics: [] } : readLegacyArguments(args, context.environment)
  diagnostics.push(...wrong, ...unknownNames(context.given ?? []))
  const { targets, ...addon } = addonInputs(read, context.workspace, legacy)
  const rest = {
    ...addon,
    ...planInputs(read, legacy),
    ...buildInputs(read, legacy),
    ...publishInputs(read, legacy),
    ...(await smokeInputs(read, context.workspace, context.smokeChecks)),
    ...(await auditInputs(read, context.auditRules)),
    ...sizeInputs(read),
    ...versionInputs(read),
    ...reportInputs(read),
  }
  // If it is not certain which add-ons are meant, errors of others would be misleading.
  if (targets === undefined) return { diagnostics }
  const options: Options = deepFreeze({ targets, ...rest })
  return { ...(!diagnostics.some(isError) && { options }), readable: options, diagnostics }
}

/** Secrets to mask before anything is printed, also those of inputs that turn out to be wrong. */
export function secretsOf(text: (name: string) => string, environment: InputContext['environment']): readonly string[] {
  const found = assignmentLines(text('secrets'))
  const secrets = (isWrong(found) ? lines(text('secrets')) : found.value).map(parseSecret)
  const args = text('args')
  const legacy = args.trim() === '' ? undefined : readLegacyArguments(args, environment).legacy.password
  const all = [
    ...lines(text('password')),
    ...pemOf(text('endpoint-key')),
    text('github-token').trim(),
    ...(legacy === undefined ? [] : [legacy]),
    ...secrets.flatMap((secret) => (!isWrong(secret) && 'value' in secret.value ? [secret.value.value] : [])),
  ]
  // A log is masked line by line, so each line of a secret is one as well.
  return [...new Set(all.flatMap((secret) => [secret, ...secret.split('\n').map((line) => line.trim())]))].filter(
    (secret) => secret !== '',
  )
}

/** The lines of a key except those that every key has. The path of a key is not secret. */
const pemOf = (text: string): readonly string[] =>
  isPem(text) ? lines(text).filter((line) => !line.startsWith('-----')) : []

function* unknownNames(given: readonly string[]): Generator<Diagnostic> {
  for (const name of given) {
    if ((inputNames as readonly string[]).includes(name)) continue
    const near = nearest(name, inputNames)
    const remedy = near === undefined ? 'See action.yml for all inputs.' : `Did you mean "${near}"?`
    yield error('input/unknown', `${quoted(name)} is not an input.`, remedy)
  }
}

/** Freezes plain data recursively. A Map ignores Object.freeze, so its methods that change it are replaced. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map) {
    const refuse = () => {
      throw new TypeError('This map is frozen.')
    }
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuse })
    for (const one of value.values()) deepFreeze(one)
  }
  for (const one of Object.values(value)) deepFreeze(one)
  return Object.freeze(value)
}
