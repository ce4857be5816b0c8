import { type Architecture, architectures, isArchitecture } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, warning } from '../core/diagnostics.ts'
import { isWrong, quoted, quotedList } from '../core/parsed.ts'
import { quoteWord } from '../core/shell-words.ts'
import { nearest } from '../core/suggest.ts'
import { expandWords } from './legacy-command-line.ts'
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

type Take = 'nothing' | 'value'

/** Every option of the script; for one that no longer has an effect, its replacement. */
const known: Readonly<Record<string, { readonly take: Take; readonly gone?: string }>> = {
  '--repository': { take: 'value', gone: 'Check the repository out with actions/checkout and set "target".' },
  '--branch': { take: 'value', gone: 'Check the branch out with actions/checkout ("ref").' },
  '--target': { take: 'value' },
  '--version': { take: 'value' },
  '--image': { take: 'value' },
  '--release': { take: 'value' },
  '--release-tag': { take: 'nothing', gone: 'It only applied to base images. Use the input "tags".' },
  '--additional-tag': { take: 'value' },
  '--version-from': { take: 'value' },
  '--armhf': { take: 'nothing' },
  '--armv7': { take: 'nothing' },
  '--amd64': { take: 'nothing' },
  '--aarch64': { take: 'nothing' },
  '--i386': { take: 'nothing' },
  '--all': { take: 'nothing' },
  '--test': { take: 'nothing' },
  '--no-latest': { take: 'nothing' },
  '--no-cache': { take: 'nothing' },
  '--self-cache': { take: 'nothing' },
  '--cache-tag': { take: 'value' },
  '--docker-hub': { take: 'value' },
  '--docker-hub-check': {
    take: 'nothing',
    gone: 'No image is skipped, but unchanged steps come from the cache. Use "changed-only" to build less.',
  },
  '--docker-user': { take: 'value' },
  '--docker-password': { take: 'value' },
  '--addon': { take: 'nothing' },
  '--cosign': { take: 'nothing' },
  '--no-cosign-verify': { take: 'nothing' },
  '--docker-login': {
    take: 'nothing',
    gone: 'Use the inputs "username" and "password", or docker/login-action in an earlier step.',
  },
  '--no-crossbuild-cleanup': { take: 'nothing', gone: 'The post step removes everything that the run created.' },
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
  const legacy = fresh()
  if (isWrong(expanded)) {
    diagnostics.push(error('args/invalid', `Input "args", ${expanded.problem}`, expanded.remedy))
    return { legacy, diagnostics }
  }
  diagnostics.push(...unsetVariables(expanded.value.unset))
  const strays: ShellWord[] = []
  const rest = [...expanded.value.words]
  /** The value of an option. If an empty variable should have set it, the next option is not taken instead. */
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
    const value = option.take === 'value' ? takeValue(name) : undefined
    if (option.take === 'value' && value === undefined) continue
    if (option.gone !== undefined) {
      diagnostics.push(
        name === '--repository' || name === '--branch'
          ? error('args/dropped-option', `Input "args": ${name} is not supported.`, option.gone)
          : warning('args/dropped-option', `Input "args": ${name} no longer has an effect.`, option.gone),
      )
      continue
    }
    apply(legacy, name, value?.value ?? '')
    if (['--docker-hub', '--image'].includes(name) && (word.split || value?.split)) legacy.namesFromWords = true
    const replaced = replacements[name]
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
  return {
    legacy: { ...legacy, architectures: architectures.filter((one) => legacy.architectures.includes(one)) },
    diagnostics,
  }
}

const optionName = ({ value }: ShellWord): string => (Object.hasOwn(short, value) ? short[value] : undefined) ?? value

/** Quotes do not hide an option: the retired builder reads words without quotes. */
const isOption = (word: ShellWord): boolean => Object.hasOwn(known, optionName(word)) || foreign.has(optionName(word))

/** Variables with inputs and secrets of the runner, which must not get into a name or a tag. */
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

/** `--version=2` is the syntax of other tools. */
function meantFor({ value, written }: ShellWord): string {
  const cut = value.indexOf('=')
  const name = cut < 0 ? value : value.slice(0, cut)
  const option = cut > 0 && Object.hasOwn(known, name) ? known[name] : undefined
  if (option?.take === 'nothing') return `Write "${name}" alone.`
  if (option) {
    return written.includes('$')
      ? `Write a space instead of "=" after ${name}.`
      : `Write "${name} ${quoteWord(value.slice(cut + 1))}".`
  }
  const near = nearest(name, Object.keys(known))
  return near === undefined ? 'Remove it.' : `Did you mean "${near}"?`
}

const replacements: Readonly<Record<string, readonly [string, string]>> = {
  '--self-cache': ['the build cache replaces --self-cache.', 'No action is needed. See the input "cache".'],
  '--cache-tag': ['the build cache replaces --cache-tag.', 'No action is needed. See the input "cache".'],
  '--docker-password': [
    'other processes can read a password on a command line.',
    'Use the inputs "username" and "password".',
  ],
}

type Draft = { -readonly [K in keyof LegacyArguments]: LegacyArguments[K] } & {
  architectures: Architecture[]
  additionalTags: string[]
}

const fresh = (): Draft => ({
  architectures: [],
  additionalTags: [],
  latest: true,
  push: true,
  noCache: false,
  sign: false,
})

function apply(draft: Draft, name: string, value: string): void {
  const architecture = name.slice(2)
  // `--image ""`: the script ignored empty values.
  if (known[name]?.take === 'value' && value === '') return
  if (isArchitecture(architecture)) draft.architectures.push(architecture)
  else if (name === '--all') draft.architectures = [...architectures]
  else if (name === '--target') draft.target = inWorkspace(value)
  else if (name === '--version') draft.version = value
  else if (name === '--release') draft.release = value
  // The script converted both to lower case (`@L`).
  else if (name === '--image') draft.image = value.toLowerCase()
  else if (name === '--docker-hub') draft.repository = value.toLowerCase()
  else if (name === '--additional-tag') draft.additionalTags.push(value)
  else if (name === '--version-from') draft.versionFrom = value
  else if (name === '--test') draft.push = false
  else if (name === '--no-latest') draft.latest = false
  else if (name === '--no-cache') draft.noCache = true
  else if (name === '--docker-user') draft.username = value
  else if (name === '--docker-password') draft.password = value
  else if (name === '--cosign') draft.sign = true
  else if (name === '--no-cosign-verify') draft.verifyBase = false
}

/** The builder ran in a container that had the workspace at /data. */
const inWorkspace = (path: string): string => path.replace(/^\/data(?=\/|$)\/*/, '') || '.'
