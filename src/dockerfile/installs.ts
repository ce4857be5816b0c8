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

const others: readonly (readonly [program: RegExp, verbs: readonly string[]])[] = [
  [/^poetry$/, ['install']],
  [/^pipenv$/, ['install', 'sync']],
  [/^uv$/, ['sync']],
  [/^bundle$/, ['install']],
  [/^composer$/, ['install']],
  [/^go$/, ['mod', 'build', 'install']],
  [/^cargo$/, ['build', 'fetch', 'install']],
]

// Options whose value is the next word.
const withValue = new Set(['--virtual', '-t', '--repository', '-X', '-p', '--root', '--keys-dir', '-o', '-c'])
const withValuePip = new Set([
  '-r',
  '--requirement',
  '-c',
  '--constraint',
  '-i',
  '--index-url',
  '--extra-index-url',
  '-f',
  '--find-links',
  '-t',
  '--target',
  '--prefix',
  '--root',
  '--python',
])

/** The installation that a command makes; undefined if it makes none. */
export function installOf(words: readonly string[]): Install | undefined {
  const program = (words[0] ?? '').replace(/^.*\//, '')
  const rest = words.slice(1)
  if (program === 'apk') return verb(rest, ['add'], 'apk', withValue)
  if (program === 'apt-get' || program === 'apt' || program === 'aptitude')
    return verb(rest, ['install'], 'apt', new Set(['-o', '-c', '-t', '--target-release']))
  if (/^(?:micro)?dnf$|^yum$/.test(program)) return verb(rest, ['install'], 'dnf', new Set())
  if (/^pip[\d.]*$/.test(program)) return verb(rest, ['install'], 'pip', withValuePip)
  if (/^(?:python[\d.]*|pypy3?)$/.test(program)) {
    const module = rest.indexOf('-m')
    return module >= 0 && rest[module + 1] === 'pip'
      ? verb(rest.slice(module + 2), ['install'], 'pip', withValuePip)
      : undefined
  }
  if (program === 'uv' && rest[0] === 'pip') return verb(rest.slice(1), ['install', 'sync'], 'pip', withValuePip)
  if (program === 'npm' || program === 'pnpm')
    return verb(rest, ['ci', 'install', 'i', 'clean-install'], 'node', new Set(['--prefix']))
  if (program === 'yarn')
    return rest.length === 0 || rest[0] === 'install' ? { manager: 'node', packages: [], options: [] } : undefined
  const other = others.find(([pattern]) => pattern.test(program))
  return other ? verb(rest, other[1], 'other', new Set()) : undefined
}

function verb(
  words: readonly string[],
  verbs: readonly string[],
  manager: Install['manager'],
  valued: ReadonlySet<string>,
): Install | undefined {
  let found = false
  let virtual: string | undefined
  const packages: string[] = []
  const options: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word.startsWith('-')) {
      options.push(word)
      const [name = '', value] = word.split(/=(.*)/s)
      const next = valued.has(name) && value === undefined ? words[++at] : value
      if (name === '--virtual' || (manager === 'apk' && name === '-t')) virtual = next
    } else if (!found) {
      // The first word without a dash is the verb.
      if (!verbs.includes(word)) return undefined
      found = true
    } else packages.push(textBefore(word, '=<>~@'))
  }
  return found
    ? { manager, packages: packages.filter(Boolean), options, ...(virtual !== undefined && { virtual }) }
    : undefined
}

/** The packages and groups that a command uninstalls; undefined if it is no such command. */
export function removalOf(words: readonly string[]): readonly string[] | undefined {
  const program = (words[0] ?? '').replace(/^.*\//, '')
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
