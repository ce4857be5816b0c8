import { type Diagnostic, error, notice, warning } from '../diagnostics.ts'
import { isWrong, quoted } from '../inputs/parsed.ts'
import { quoteWord, splitWords } from '../inputs/words.ts'
import { type Architecture, architectures, isArchitecture } from './architecture.ts'
import { nearest } from './nearest.ts'

/** What a command line of the retired `home-assistant/builder` asks for. Source: its builder.sh, 2026.03.2. */
export interface LegacyArguments {
  readonly target?: string
  readonly architectures: readonly Architecture[]
  readonly version?: string
  /** Only labels say this version; tags and BUILD_VERSION say `version`. */
  readonly release?: string
  /** `-i`: takes the place of the image name's last part. */
  readonly image?: string
  /** `-d`: takes the place of everything before the last part. */
  readonly repository?: string
  readonly additionalTags: readonly string[]
  readonly latest: boolean
  readonly push: boolean
  readonly noCache: boolean
  /** Fills in the tag of a `build_from` that ends with a colon. */
  readonly versionFrom?: string
  readonly username?: string
  readonly password?: string
  /** It pulled an image as cache, by this tag or that of the version; undefined: `latest`. */
  readonly cacheTag?: string
  readonly sign: boolean
  /** `false`: not even where build.yaml has a `cosign` block. */
  readonly verifyBase?: false
}

type Take = 'nothing' | 'value'

/** Every option of the script; what has no meaning any more says what replaces it. */
const known: Readonly<Record<string, { readonly take: Take; readonly gone?: string }>> = {
  '--repository': { take: 'value', gone: 'Check the repository out with actions/checkout and set "target".' },
  '--branch': { take: 'value', gone: 'Check the branch out with actions/checkout ("ref").' },
  '--target': { take: 'value' },
  '--version': { take: 'value' },
  '--image': { take: 'value' },
  '--release': { take: 'value' },
  '--release-tag': { take: 'nothing', gone: 'It only had a meaning for base images; use the input "tags".' },
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
    gone: 'Nothing is skipped: what has not changed comes from the cache. Use "changed-only" to build less.',
  },
  '--docker-user': { take: 'value' },
  '--docker-password': { take: 'value' },
  '--addon': { take: 'nothing' },
  '--cosign': { take: 'nothing' },
  '--no-cosign-verify': { take: 'nothing' },
  '--docker-login': {
    take: 'nothing',
    gone: 'Use the inputs "username" and "password", or docker/login-action before.',
  },
  '--no-crossbuild-cleanup': { take: 'nothing', gone: 'The post step removes what the run made.' },
}

/** Builds of things that are not add-ons. */
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

/** The words of the input `args`, split as a shell does, nothing expanded. */
export function readLegacyArguments(text: string): {
  readonly legacy: LegacyArguments
  readonly diagnostics: readonly Diagnostic[]
} {
  const words = splitWords(text)
  const diagnostics: Diagnostic[] = []
  const refuse = (problem: string, remedy: string) =>
    diagnostics.push(error('args/invalid', `Input "args": ${problem}`, remedy))
  if (isWrong(words)) {
    refuse(words.problem, words.remedy)
    return { legacy: fresh(), diagnostics }
  }
  const legacy = fresh()
  const strays: string[] = []
  const rest = [...words.value]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const name = (Object.hasOwn(short, word) ? short[word] : undefined) ?? word
    const option = Object.hasOwn(known, name) ? known[name] : undefined
    if (foreign.has(name)) {
      refuse(
        `${name} does not build an add-on.`,
        'Only add-ons are built here; use docker/build-push-action for others.',
      )
      rest.shift()
      continue
    }
    if (!option) {
      if (word.startsWith('-')) refuse(`${quoted(word)} is not an option of home-assistant/builder.`, meantFor(word))
      else strays.push(word)
      continue
    }
    const value = option.take === 'value' ? rest.shift() : undefined
    if (option.take === 'value' && value === undefined) {
      refuse(`${name} needs a value.`, `Write it after ${name}.`)
      continue
    }
    if (option.gone !== undefined) {
      diagnostics.push(
        name === '--repository' || name === '--branch'
          ? error('args/dropped-option', `Input "args": ${name} is not supported.`, option.gone)
          : warning('args/dropped-option', `Input "args": ${name} has no meaning any more.`, option.gone),
      )
      continue
    }
    apply(legacy, name, value ?? '')
    const replaced = replacements[name]
    if (replaced) diagnostics.push(notice('args/replaced-option', `Input "args": ${replaced[0]}`, replaced[1]))
  }
  if (strays.length > 0) {
    refuse(
      `${strays.map(quoted).join(', ')} ${strays.length === 1 ? 'belongs' : 'belong'} to no option.`,
      strays.some((word) => /[$`]/.test(word))
        ? 'Write the value itself: nothing is filled in here, as a shell would do.'
        : 'Remove it, or put a value with spaces in quotes.',
    )
  }
  if (legacy.architectures.length === 0 && diagnostics.length === 0) {
    refuse('no architecture is named.', 'Add "--all", or as in "--amd64 --aarch64".')
  }
  return {
    legacy: { ...legacy, architectures: architectures.filter((one) => legacy.architectures.includes(one)) },
    diagnostics,
  }
}

/** `--version=2` is how others write it. */
function meantFor(word: string): string {
  const cut = word.indexOf('=')
  const name = cut < 0 ? word : word.slice(0, cut)
  if (cut > 0 && Object.hasOwn(known, name)) return `Write "${name} ${quoteWord(word.slice(cut + 1))}".`
  const near = nearest(name, Object.keys(known))
  return near === undefined ? 'Remove it.' : `Did you mean "${near}"?`
}

const replacements: Readonly<Record<string, readonly [string, string]>> = {
  '--self-cache': [
    '--self-cache becomes the build cache, which knows every version.',
    'Nothing has to be done; see the input "cache".',
  ],
  '--cache-tag': ['--cache-tag becomes "cache: registry:IMAGE:TAG".', 'Set the input "cache" for another kind.'],
  '--docker-password': [
    'a password on a command line can be read by other processes.',
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
  if (isArchitecture(architecture)) draft.architectures.push(architecture)
  else if (name === '--all') draft.architectures = [...architectures]
  else if (name === '--target') draft.target = inWorkspace(value)
  else if (name === '--version') draft.version = value
  else if (name === '--release') draft.release = value
  // Both were lower-cased there (`@L`).
  else if (name === '--image') draft.image = value.toLowerCase()
  else if (name === '--docker-hub') draft.repository = value.toLowerCase()
  else if (name === '--additional-tag') draft.additionalTags.push(value)
  else if (name === '--version-from') draft.versionFrom = value
  else if (name === '--test') draft.push = false
  else if (name === '--no-latest') draft.latest = false
  else if (name === '--no-cache') draft.noCache = true
  else if (name === '--cache-tag') draft.cacheTag = value
  else if (name === '--docker-user') draft.username = value
  else if (name === '--docker-password') draft.password = value
  else if (name === '--cosign') draft.sign = true
  else if (name === '--no-cosign-verify') draft.verifyBase = false
}

/** The builder ran in a container that had the workspace at /data. */
const inWorkspace = (path: string): string => path.replace(/^\/data(?=\/|$)\/?/, '') || '.'
