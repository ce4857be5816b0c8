import { type Architecture, architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, warning } from '../core/diagnostics.ts'
import { isWrong, quoted, quotedList } from '../core/parsed.ts'
import { quoteForShell } from '../core/shell-words.ts'
import { nearest } from '../core/suggest.ts'
import { expandWords } from './legacy-command-line.ts'
import { inOrder } from './lists.ts'
import type { ShellWord } from './word-builder.ts'

/** The options of a command line of the retired `home-assistant/builder`. Source: its builder.sh, 2026.03.2. */
export interface LegacyArguments {
  readonly target?: string
  readonly architectures: readonly Architecture[]
  readonly version?: string
  /** Only labels have this version; tags and BUILD_VERSION have `version`. */
  readonly release?: string
  /** `-i`: replaces the last part of the image name. */
  readonly image?: string
  /** `-d`: replaces everything before the last part. */
  readonly repository?: string
  readonly additionalTags: readonly string[]
  readonly latest: boolean
  readonly push: boolean
  readonly noCache: boolean
  /** The tag of a `build_from` that ends with a colon. */
  readonly versionFrom?: string
  readonly username?: string
  readonly password?: string
  readonly sign: boolean
  /** `false`: not even if build.yaml has a `cosign` block. */
  readonly verifyBase?: false
  /** `-d` or `-i` comes from a variable with several words: its value decides which options there are, so these names select no login. */
  readonly namesFromWords?: true
}

type Settings = Partial<LegacyArguments>

/** An option of the script. `value` makes its settings from the word after it; an option without `value` takes none. */
interface KnownOption {
  readonly value?: (text: string, before: LegacyArguments) => Settings
  readonly sets?: Settings | ((before: LegacyArguments) => Settings)
  /** Set if the option no longer has an effect: what to use instead. */
  readonly gone?: string
  /** Set if the option works, but there is a better way: the message and the remedy of a notice. */
  readonly replaced?: readonly [string, string]
}

const architectureOption = (name: Architecture): KnownOption => ({
  sets: (before) => ({ architectures: [...before.architectures, name] }),
})
const selfCache = (name: string) =>
  [`the build cache replaces ${name}.`, 'No action is needed. See the input "cache".'] as const
const noSettings = () => ({})

const known: Readonly<Record<string, KnownOption>> = {
  '--repository': {
    value: noSettings,
    gone: 'Check the repository out with actions/checkout and set "target".',
  },
  '--branch': { value: noSettings, gone: 'Check the branch out with actions/checkout ("ref").' },
  '--target': { value: (text) => ({ target: inWorkspace(text) }) },
  '--version': { value: (version) => ({ version }) },
  // The script converted the values of both to lower case (`@L`).
  '--image': { value: (text) => ({ image: text.toLowerCase() }) },
  '--docker-hub': { value: (text) => ({ repository: text.toLowerCase() }) },
  '--release': { value: (release) => ({ release }) },
  '--release-tag': { gone: 'It only applied to base images. Use the input "tags".' },
  '--additional-tag': { value: (tag, before) => ({ additionalTags: [...before.additionalTags, tag] }) },
  '--version-from': { value: (versionFrom) => ({ versionFrom }) },
  '--armhf': architectureOption('armhf'),
  '--armv7': architectureOption('armv7'),
  '--amd64': architectureOption('amd64'),
  '--aarch64': architectureOption('aarch64'),
  '--i386': architectureOption('i386'),
  '--all': { sets: { architectures } },
  '--test': { sets: { push: false } },
  '--no-latest': { sets: { latest: false } },
  '--no-cache': { sets: { noCache: true } },
  '--self-cache': { replaced: selfCache('--self-cache') },
  '--cache-tag': { value: noSettings, replaced: selfCache('--cache-tag') },
  '--docker-hub-check': {
    gone: 'No image is skipped, but unchanged steps come from the cache. Use "changed-only" to build less.',
  },
  '--docker-user': { value: (username) => ({ username }) },
  '--docker-password': {
    value: (password) => ({ password }),
    replaced: ['other processes can read a password on a command line.', 'Use the inputs "username" and "password".'],
  },
  '--addon': {},
  '--cosign': { sets: { sign: true } },
  '--no-cosign-verify': { sets: { verifyBase: false } },
  '--docker-login': {
    gone: 'Use the inputs "username" and "password", or docker/login-action in an earlier step.',
  },
  '--no-crossbuild-cleanup': { gone: 'The post step removes everything that the run created.' },
}

/** Options that build something other than add-ons. */
const foreign: ReadonlySet<string> = new Set([
  '--generic',
  '--base',
  '--machine',
  '--builder',
  '--builder-wheels',
  '--base-python',
  '--base-raspbian',
  '--base-ubuntu',
  '--supervisor',
  '--hassio-cli',
  '--homeassistant-base',
  '--homeassistant',
  '--homeassistant-machine',
  '--homeassisant-landingpage',
])

const short: Readonly<Record<string, string>> = {
  '-r': '--repository',
  '-b': '--branch',
  '-t': '--target',
  '-v': '--version',
  '-i': '--image',
  '-d': '--docker-hub',
}

/**
 * Reads the input `args`: its words as bash split them for the retired action, with variables expanded from `environment`.
 * Messages quote words as they are written, because the value of a variable may be a secret.
 */
export function readLegacyArguments(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): {
  readonly legacy: LegacyArguments
  readonly diagnostics: readonly Diagnostic[]
} {
  const expanded = expandWords(text, {
    variable: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    refuse: ownVariable,
  })
  const diagnostics: Diagnostic[] = []
  const refuse = (problem: string, remedy: string) =>
    diagnostics.push(error('args/invalid', `Input "args": ${problem}`, remedy))
  let legacy: LegacyArguments = {
    architectures: [],
    additionalTags: [],
    latest: true,
    push: true,
    noCache: false,
    sign: false,
  }
  if (isWrong(expanded)) {
    diagnostics.push(error('args/invalid', `Input "args", ${expanded.problem}`, expanded.remedy))
    return { legacy, diagnostics }
  }
  diagnostics.push(...unsetVariables(expanded.value.unset))
  const strays: ShellWord[] = []
  const rest = [...expanded.value.words]
  /** The value of an option. If it would come from an empty variable, the next option is not used instead. */
  const takeValue = (name: string): ShellWord | undefined => {
    const [next] = rest
    const nothing = next?.nothing ?? expanded.value.nothing
    if (next && nothing.length === 0 && !isOption(next)) return rest.shift()
    const [variable] = nothing
    refuse(
      `${name} needs a value${variable === undefined ? '' : `, but $${variable} is empty`}.`,
      variable === undefined ? `Write it after ${name}.` : `Set ${variable}, or remove ${name}.`,
    )
    return undefined
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const name = optionName(word)
    const option = Object.hasOwn(known, name) ? known[name] : undefined
    if (foreign.has(name)) {
      refuse(
        `${name} does not build an add-on.`,
        'This action builds only add-ons. Use docker/build-push-action for other images.',
      )
      rest.shift()
      continue
    }
    if (!option) {
      if (word.value.startsWith('-')) {
        const shown = quoted(word.written)
        refuse(`${shown} is not an option of home-assistant/builder.`, meantFor(word))
      } else strays.push(word)
      continue
    }
    const value = option.value && takeValue(name)
    if (option.value && value === undefined) continue
    if (option.gone !== undefined) {
      diagnostics.push(
        name === '--repository' || name === '--branch'
          ? error('args/dropped-option', `Input "args": ${name} is not supported.`, option.gone)
          : warning('args/dropped-option', `Input "args": ${name} no longer has an effect.`, option.gone),
      )
      continue
    }
    const settings = typeof option.sets === 'function' ? option.sets(legacy) : option.sets
    // `--image ""`: the script ignored empty values.
    legacy = { ...legacy, ...settings, ...(value?.value && option.value?.(value.value, legacy)) }
    const isName = name === '--docker-hub' || name === '--image'
    if (isName && (word.split || value?.split)) legacy = { ...legacy, namesFromWords: true }
    const { replaced } = option
    if (replaced) diagnostics.push(notice('args/replaced-option', `Input "args": ${replaced[0]}`, replaced[1]))
  }
  if (strays.length > 0) {
    refuse(
      `${quotedList(strays.map(({ written }) => written))} ${strays.length === 1 ? 'does' : 'do'} not belong to an option.`,
      strays.some(({ written }) => written.includes('$'))
        ? 'Put the variable in quotes if its value contains spaces, or write the option before it.'
        : 'Remove it, or put a value with spaces in quotes.',
    )
  }
  if (legacy.architectures.length === 0 && !diagnostics.some(isError)) {
    refuse('there is no architecture.', 'Add "--all", or for example "--amd64 --aarch64".')
  }
  return { legacy: { ...legacy, architectures: inOrder(legacy.architectures) }, diagnostics }
}

const optionName = ({ value }: ShellWord): string => (Object.hasOwn(short, value) ? short[value] : undefined) ?? value

/** Quotes do not hide an option: the retired builder reads words without quotes. */
const isOption = (word: ShellWord): boolean => Object.hasOwn(known, optionName(word)) || foreign.has(optionName(word))

/** Why a variable is not expanded: inputs and secrets of the runner must not get into a name or a tag. */
const ownVariable = (name: string): string | undefined =>
  /^(INPUT|ACTIONS)_/i.test(name) || ['GITHUB_TOKEN', 'COSIGN_PASSWORD', 'COSIGN_PRIVATE_KEY'].includes(name)
    ? 'it may contain a secret of this step.'
    : undefined

const unsetVariables = (unset: ReadonlyMap<string, number>): readonly Diagnostic[] =>
  [...unset].map(([name, line]) =>
    warning(
      'args/unset-variable',
      `Input "args", line ${line}: the variable ${name} is not set, so it is empty.`,
      `Set it in "env" or in an earlier step, or write \${${name}:-} if it may be empty.`,
    ),
  )

/** The remedy for an unknown word, such as `--version=2`, which is the syntax of other tools. */
function meantFor({ value, written }: ShellWord): string {
  const cut = value.indexOf('=')
  const name = cut < 0 ? value : value.slice(0, cut)
  const option = cut > 0 && Object.hasOwn(known, name) ? known[name] : undefined
  if (option && !option.value) return `Write "${name}" alone.`
  if (option) {
    const argument = quoteForShell(value.slice(cut + 1))
    // The input has no `$(…)`, and the values of its variables are not known here.
    return written.includes('$') || argument.includes('$')
      ? `Write a space instead of "=" after ${name}.`
      : `Write "${name} ${argument}".`
  }
  const near = nearest(name, Object.keys(known))
  return near === undefined ? 'Remove it.' : `Did you mean "${near}"?`
}

/** The builder ran in a container that had the workspace at /data. */
const inWorkspace = (path: string): string => path.replace(/^\/data(?=\/|$)\/*/, '') || '.'
