import { textBefore } from '../core/text.ts'

/** One call of a package manager that installs something. */
interface Install {
  readonly manager: 'apk' | 'apt' | 'dnf' | 'pip' | 'node' | 'other'
  /** Names without versions and options. */
  readonly packages: readonly string[]
  /** `apk add --virtual NAME`. */
  readonly virtual?: string
  /** All words that begin with a dash. */
  readonly options: readonly string[]
}

type Call = readonly [program: RegExp, manager: Install['manager'], verbs: RegExp, valued?: RegExp]

/** The calls that install something; `valued` are options whose value is the next word. */
const calls: readonly Call[] = [
  [/^apk$/, 'apk', /^add$/, /^(?:-[tXpoc]|--(?:virtual|repository|root|keys-dir))$/],
  [/^(?:apt|apt-get|aptitude)$/, 'apt', /^install$/, /^(?:-[oct]|--target-release)$/],
  [/^(?:(?:micro)?dnf|yum)$/, 'dnf', /^install$/],
  [
    /^pip[\d.]*$/,
    'pip',
    /^(?:install|sync)$/,
    /^(?:-[rcift]|--(?:requirement|constraint|(?:extra-)?index-url|find-links|target|prefix|root|python))$/,
  ],
  [/^p?npm$/, 'node', /^(?:ci|install|i|clean-install)$/, /^--prefix$/],
  [/^(?:poetry|bundle|composer)$/, 'other', /^install$/],
  [/^pipenv$/, 'other', /^(?:install|sync)$/],
  [/^uv$/, 'other', /^sync$/],
  [/^go$/, 'other', /^(?:mod|build|install)$/],
  [/^cargo$/, 'other', /^(?:build|fetch|install)$/],
]

/** The installation that a command makes; undefined if it makes none. */
export function installOf(command: readonly string[]): Install | undefined {
  const [program = '', ...words] = withoutRunner([nameOf(command), ...command.slice(1)])
  if (program === 'yarn')
    return words.length === 0 || words[0] === 'install' ? { manager: 'node', packages: [], options: [] } : undefined
  const call = calls.find(([pattern]) => pattern.test(program))
  return call && installWith(call, words)
}

const nameOf = ([program = '']: readonly string[]): string => program.slice(program.lastIndexOf('/') + 1)

/** `python3 -m pip install` and `uv pip install` are `pip install`. */
function withoutRunner(words: readonly string[]): readonly string[] {
  const [program = '', first] = words
  if (program === 'uv' && first === 'pip') return words.slice(1)
  const module = /^(?:python[\d.]*|pypy3?)$/.test(program) ? words.indexOf('-m') : -1
  return module > 0 && words[module + 1] === 'pip' ? words.slice(module + 1) : words
}

function installWith([, manager, verbs, valued]: Call, words: readonly string[]): Install | undefined {
  let found = false
  let virtual: string | undefined
  const packages: string[] = []
  const options: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word.startsWith('-')) {
      options.push(word)
      const [name = '', value] = word.split(/=(.*)/s)
      const next = valued?.test(name) && value === undefined ? words[++at] : value
      if (name === '--virtual' || (manager === 'apk' && name === '-t')) virtual = next
    } else if (!found) {
      // The first word without a dash is the verb.
      if (!verbs.test(word)) return undefined
      found = true
    } else packages.push(textBefore(word, '=<>~@'))
  }
  return found
    ? { manager, packages: packages.filter(Boolean), options, ...(virtual !== undefined && { virtual }) }
    : undefined
}

/** The packages and groups that a command uninstalls; undefined if it is no such command. */
export function removalOf(words: readonly string[]): readonly string[] | undefined {
  const program = nameOf(words)
  const verbs =
    program === 'apk' ? /^del$/ : /^(?:apt|apt-get|aptitude)$/.test(program) ? /^(?:auto)?(?:purge|remove)$/ : undefined
  const at = verbs ? words.findIndex((word) => verbs.test(word)) : -1
  return at < 0 ? undefined : words.slice(at + 1).filter((word) => !word.startsWith('-'))
}

/** All names that commands uninstall. */
export const removedBy = (commands: readonly (readonly string[])[]): ReadonlySet<string> =>
  new Set(commands.flatMap((words) => removalOf(words) ?? []))

/** The index of the last RUN that uninstalls a name, by name. Each RUN is read once, because a Dockerfile may have many. */
export const lastRemovals = (runs: readonly { readonly commands: readonly (readonly string[])[] }[]) =>
  new Map<string, number>(runs.flatMap(({ commands }, index) => [...removedBy(commands)].map((name) => [name, index])))
