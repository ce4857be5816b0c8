import { parseArchitecture } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice } from '../core/diagnostics.ts'
import { isWrong, type Parsed, parsed, quoted } from '../core/parsed.ts'
import { isPem } from '../core/pem.ts'
import { defaultQemuImage } from '../core/pins.ts'
import { splitWords } from '../core/shell-words.ts'
import { nearest } from '../core/suggest.ts'
import { variableName } from '../core/variables.ts'
import { parseMaxIncrease, parseMaxSize } from './budgets.ts'
import { builderInputs } from './builder.ts'
import { parseDuration } from './duration.ts'
import { deepFreeze } from './freeze.ts'
import {
  parseAttestation,
  parseBaseline,
  parseCache,
  parseCompression,
  parseHttpProbe,
  parseSecret,
  parseSign,
  parseVerifyBase,
} from './kinds.ts'
import { type LegacyArguments, readLegacyArguments } from './legacy-args.ts'
import { assignmentLines, lines } from './lists.ts'
import { logins } from './logins.ts'
import { type InputName, inputNames } from './names.ts'
import { type CacheKind, modes, type Options, type Services } from './options.ts'
import { parseFile, parseTarget } from './paths.ts'
import { InputReader } from './reader.ts'
import { smokeEnvironment } from './smoke-env.ts'
import { checkTemplate, imagePlaceholders, scopePlaceholders } from './template.ts'
import {
  architecture,
  auditRule,
  check,
  commentKey,
  gates,
  inOrder,
  plainName,
  privilege,
  runner,
  tagTemplate,
  versionText,
} from './values.ts'

export interface InputContext {
  /** Absolute path of the checkout. */
  readonly workspace: string
  /** Names that were given, to find misspelt ones. Undefined: not known (an action's environment does not tell). */
  readonly given?: readonly string[]
  /** What variables in `args` are filled in from: the environment of the step. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Names of the smoke test's checks, where the caller knows them. Called only where `smoke-checks` is given. */
  readonly smokeChecks?: () => Promise<readonly string[]>
  /** Names of the audit's rules, where the caller knows them. Called only where `audit-ignore` is given. */
  readonly auditRules?: () => Promise<readonly string[]>
}

export interface ReadInputs {
  /** Undefined when there is an error. Frozen all through. */
  readonly options?: Options
  /** What is needed to find and read the add-ons, also when other inputs are wrong: so that all errors come at once. Undefined when `target` is wrong. */
  readonly readable?: Readable
  /** Everything that is wrong, not the first thing only. */
  readonly diagnostics: readonly Diagnostic[]
}

const word = /^[^\s=]+$/

/**
 * Reads every input.
 * @param text gives the text of an input, '' where it was not given (as `getInput` of @actions/core does).
 */
export async function readInputs(text: (name: string) => string, context: InputContext): Promise<ReadInputs> {
  const read = new InputReader(text)
  const args = read.text('args')
  const legacy = args === undefined ? undefined : readLegacyArguments(args, context.environment)
  if (legacy) read.diagnostics.push(...legacy.diagnostics)
  read.diagnostics.push(...unknownNames(context.given ?? []))
  const found: Loose<Options> = {
    mode: read.choice('mode', modes, 'run'),
    ...whatToBuild(read, context, legacy?.legacy),
    args,
    legacy: legacy?.legacy,
    ...howToBuild(read, legacy?.legacy),
    ...(await whatToCheck(read, context)),
    ...whatToReport(read),
  }
  const { diagnostics } = read
  if (!diagnostics.some(isError)) {
    const options = deepFreeze(withoutUndefined(found))
    return { options, readable: options, diagnostics }
  }
  // Where it is not known which add-ons are meant, reading others would only add errors that mean nothing.
  if (found.targets === undefined) return { diagnostics }
  const readable = { ...withoutUndefined(found), targets: found.targets, changedOnly: found.changedOnly ?? false }
  return { readable, diagnostics }
}

type Readable = Pick<Options, 'targets' | 'changedOnly' | 'file' | 'buildContexts' | 'architectures' | 'githubToken'>

/** What must not be shown anywhere: to be masked before anything is printed. Also of inputs that turn out to be wrong. */
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
  // A log has one line after the other, so each line of a secret is one as well.
  return [...new Set(all.flatMap((secret) => [secret, ...secret.split('\n').map((line) => line.trim())]))].filter(
    (secret) => secret !== '',
  )
}

/** The lines of a key but for those that every key has. The path of one is not secret. */
const pemOf = (text: string): readonly string[] =>
  isPem(text) ? lines(text).filter((line) => !line.startsWith('-----')) : []

type Loose<T> = { [K in keyof T]-?: T[K] | undefined }
type Part<K extends keyof Options> = Loose<Pick<Options, K>>

const withoutUndefined = (found: Loose<Options>): Options =>
  Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as unknown as Options

function unknownNames(given: readonly string[]): readonly Diagnostic[] {
  return given
    .filter((name) => !(inputNames as readonly string[]).includes(name))
    .map((name) => {
      const near = nearest(name, inputNames)
      return error(
        'input/unknown',
        `${quoted(name)} is not an input.`,
        near === undefined ? 'See action.yml for all inputs.' : `Did you mean "${near}"?`,
      )
    })
}

function whatToBuild(read: InputReader, context: InputContext, legacy: LegacyArguments | undefined) {
  const target = (path: string) => parseTarget(path, context.workspace)
  const targets = read.lines('target', 'target-outside', target)
  const image = (name: string) => checkTemplate(name, imagePlaceholders)
  const multiArch = (name: string): Parsed<string | false> =>
    /^false$/i.test(name)
      ? parsed(false)
      : checkTemplate(
          name,
          imagePlaceholders.filter((one) => one !== 'arch'),
        )
  return {
    // Where the one that was given is wrong, no other is meant.
    targets: targets ?? legacyTargets(read, legacy, target) ?? (isWrongTarget(read) ? undefined : ['.']),
    changedOnly: read.boolean('changed-only', false),
    architectures: inOrder(read.items('architectures', 'unknown-architecture', architecture)) ?? legacy?.architectures,
    image: isOfBuilder(read, legacy) ? undefined : read.one('image', 'bad-template', image),
    multiArchImage: read.one('multi-arch-image', 'bad-template', multiArch),
    version: read.one('version', 'bad-version', versionText) ?? legacy?.version,
    tags: read.items('tags', 'bad-template', tagTemplate),
    file: read.one('file', 'target-outside', (file) => parseFile(file, context.workspace)),
    stage: read.one('stage', 'bad-name', plainName),
    buildArguments: read.assignments('build-args', variableName),
    buildContexts: read.assignments('build-contexts', word),
    labels: read.assignments('labels', word),
    annotations: read.assignments('annotations', word),
    secrets: read.assignmentLines('secrets', 'bad-secret', parseSecret) ?? [],
    noCache: read.boolean('no-cache', legacy?.noCache ?? false),
    pull: read.boolean('pull', legacy !== undefined),
    runners: new Map(read.lines('runners', 'bad-runner', runner) ?? []),
  } satisfies Partial<Loose<Options>>
}

/**
 * Beside `args`, whether `image` is the input of that name of the retired action: the architecture of the builder's own image, or that image. It had no
 * effect on names. Says so.
 */
function isOfBuilder(read: InputReader, legacy: LegacyArguments | undefined): boolean {
  const text = read.text('image')
  if (legacy === undefined || text === undefined) return false
  const [, name = text] = /^(?:(?:ghcr\.io\/)?home-?assistant\/)?([a-z0-9]+)-builder(?::[\w.-]+)?$/.exec(text) ?? []
  if (parseArchitecture(name) === undefined) return false
  read.diagnostics.push(
    notice(
      'args/image-ignored',
      `Input "image": ${quoted(text)} chose the image of home-assistant/builder itself, and has no effect any more.`,
      'Remove it. The name of the add-on\'s image comes from config.yaml and "args".',
    ),
  )
  return true
}

/** Of `target` or `args`, or misspelt: it is asked before any other path is read. What is wrong in `args` may have been its target. */
const isWrongTarget = (read: InputReader): boolean =>
  read.diagnostics.some(
    ({ code, remedy }) =>
      code === 'input/target-outside' || code === 'args/invalid' || remedy === 'Did you mean "target"?',
  )

function legacyTargets(
  read: InputReader,
  legacy: LegacyArguments | undefined,
  parse: (path: string) => Parsed<string>,
): readonly string[] | undefined {
  if (legacy?.target === undefined) return undefined
  if (/[*?[]/.test(legacy.target)) {
    read.refuse('args', 'target-outside', '--target names no single folder.', 'Use the input "target" for patterns.')
    return undefined
  }
  // It is a folder, not an exclusion.
  const target = parse(legacy.target.startsWith('!') ? `./${legacy.target}` : legacy.target)
  if (!isWrong(target)) return [target.value]
  read.refuse('args', 'target-outside', target.problem, target.remedy)
  return undefined
}

function howToBuild(read: InputReader, legacy: LegacyArguments | undefined) {
  return {
    push: read.boolean('push', legacy?.push ?? false),
    logins: logins(read, legacy),
    ...builderInputs(read),
    qemu: read.choice('qemu', ['auto', 'always', 'never'], 'auto'),
    qemuImage: read.text('qemu-image') ?? defaultQemuImage,
    cache: caches(read),
    cacheScope: read.one('cache-scope', 'bad-template', (scope) => checkTemplate(scope, scopePlaceholders)),
    cacheMode: read.choice('cache-mode', ['max', 'min'], 'max'),
    parallel: read.number('parallel', 1, 64, true),
    provenance: read.one('provenance', 'not-an-attestation', parseAttestation) ?? false,
    sbom: read.one('sbom', 'not-an-attestation', parseAttestation) ?? false,
    ...signatures(read, legacy),
    compression: read.one('compression', 'not-a-choice', parseCompression),
  } satisfies Partial<Loose<Options>>
}

function signatures(read: InputReader, legacy: LegacyArguments | undefined) {
  const sign = read.one('sign', 'not-a-choice', parseSign) ?? (legacy?.sign ? ({ kind: 'keyless' } as const) : false)
  const transparencyLog = read.boolean('transparency-log', true)
  const verifyBase = read.one('verify-base', 'not-a-choice', parseVerifyBase)
  if (!transparencyLog && sign && sign.kind === 'keyless') {
    read.refuse(
      'transparency-log',
      'conflict',
      'the certificate of a keyless signature is valid for minutes, and only the log proves that it was used then.',
      'Use "sign: key:REF", or leave the log on.',
    )
  }
  return {
    sign,
    transparencyLog,
    verifyBase:
      verifyBase ?? (legacy?.verifyBase === false && read.text('verify-base') === undefined ? false : undefined),
    verifyBaseIssuer: read.text('verify-base-issuer'),
  } satisfies Partial<Loose<Options>>
}

function caches(read: InputReader): readonly CacheKind[] | undefined {
  const kinds = read.items('cache', 'not-a-cache', parseCache)
  if (kinds && kinds.length > 1 && kinds.some(({ kind }) => kind === 'none')) {
    return read.refuse('cache', 'conflict', '"none" stands beside another kind.', 'Remove one of them.')
  }
  return kinds
}

async function whatToCheck(read: InputReader, context: InputContext) {
  const smokeServices = await mapOf(read, 'smoke-services')
  const smokeChecks = read.text('smoke-checks') === undefined ? undefined : await context.smokeChecks?.()
  const auditRules = read.text('audit-ignore') === undefined ? undefined : await context.auditRules?.()
  return {
    smokeTest: read.boolean('smoke-test', true),
    smokeHttp: read.one('smoke-http', 'bad-probe', parseHttpProbe),
    smokeCommand: read.text('smoke-command'),
    smokeOptions: await mapOf(read, 'smoke-options'),
    smokeEnvironment: smokeEnvironment(read),
    smokeRunArguments: read.one('smoke-run-args', 'bad-words', splitWords) ?? [],
    smokePrivileges: read.items('smoke-privileges', 'bad-privilege', privilege) ?? [],
    smokeTimeoutMs: read.one('smoke-timeout', 'not-a-duration', parseDuration) ?? 60_000,
    smokeEmulationFactor: read.number('smoke-emulation-factor', 1, 100, false) ?? 5,
    smokeChecks: new Map(read.items('smoke-checks', 'bad-check', (item) => check(item, smokeChecks)) ?? []),
    smokeServices: servicesOf(read, smokeServices),
    supervisor: read.choice('supervisor', ['auto', 'on', 'off'], 'auto'),
    audit: read.choice('audit', ['off', 'warn', 'fail'], 'warn'),
    auditIgnore: read.items('audit-ignore', 'unknown-rule', (item) => auditRule(item, auditRules)) ?? [],
    baseline: read.one('baseline', 'not-a-baseline', parseBaseline) ?? { kind: 'auto' },
    maxSize: read.one('max-size', 'not-a-size', parseMaxSize) ?? { only: new Map() },
    maxIncrease: read.one('max-increase', 'not-a-size', parseMaxIncrease) ?? { only: new Map() },
    sizeGate: read.choice('size-gate', gates, 'fail'),
  } satisfies Partial<Loose<Options>>
}

function whatToReport(read: InputReader): Part<'comment' | 'commentKey' | 'githubToken' | 'reportPath' | 'results'> {
  const policies = ['auto', 'always', 'on-change', 'never'] as const
  const written = read.text('comment')?.toLowerCase()
  const comment =
    written === 'false' ? 'never' : written === 'true' ? 'always' : read.choice('comment', policies, 'auto')
  const githubToken = read.text('github-token')
  if (comment === 'always' && githubToken === undefined) {
    read.refuse(
      'comment',
      'missing-token',
      '"always" needs a token, and "github-token" is empty.',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub, to be copied.
      'Remove "github-token: \'\'", or set it to "${{ github.token }}" and give the job "pull-requests: write".',
    )
  }
  return {
    comment,
    commentKey: read.one('comment-key', 'bad-name', commentKey),
    githubToken,
    reportPath: read.text('report-path'),
    results: read.text('results'),
  }
}

/** JSON or YAML. The YAML reader is loaded only for what is not JSON. */
async function mapOf(read: InputReader, name: InputName): Promise<Readonly<Record<string, unknown>>> {
  const text = read.text(name)
  if (text === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const { parseYamlValue } = await import('./yaml-value.ts')
    const yaml = parseYamlValue(text)
    if (isWrong(yaml)) {
      read.refuse(name, 'not-yaml', yaml.problem, yaml.remedy)
      return {}
    }
    value = yaml.value
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  read.refuse(name, 'not-a-map', 'it holds no options by name.', 'Write as in "log_level: debug".')
  return {}
}

/** A service is a map itself: `mqtt: {host: …, port: …}`. */
function servicesOf(read: InputReader, services: Readonly<Record<string, unknown>>): Services {
  for (const [name, service] of Object.entries(services)) {
    if (typeof service === 'object' && service !== null && !Array.isArray(service)) continue
    read.refuse(
      'smoke-services',
      'not-a-map',
      `"${name}" holds no values by name.`,
      'Write as in "mqtt: {host: broker, port: 1883}".',
    )
  }
  return services as Services
}
