import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { must, type RunOptions, run } from './command.ts'
import { sharedFolder } from './lock.ts'
import { type Release, readRelease } from './release.ts'

/** Properties of this machine that the test environment depends on. */
export interface Machine {
  readonly release: Release
  /** Debian's name of its architecture. */
  readonly architecture: 'amd64' | 'arm64'
  readonly rights: 'root' | 'sudo' | 'none'
  readonly systemd: boolean
  /** The user can be asked at a terminal. */
  readonly interactive: boolean
  readonly githubRunner: boolean
  /** Folder for layers that are kept between runs. */
  readonly cache: string
  readonly group: number
}

export async function inspectMachine(environment: NodeJS.ProcessEnv = process.env): Promise<Machine> {
  const interactive = !environment.CI && process.stdin.isTTY === true && process.stdout.isTTY === true
  return {
    release: readRelease(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''),
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    rights: await findRights(interactive),
    systemd: existsSync('/run/systemd/system'),
    interactive,
    githubRunner: environment.GITHUB_ACTIONS === 'true',
    cache: cacheFolder(environment),
    group: process.getgid?.() ?? 0,
  }
}

/** Layers do not depend on the home folder or the clone, so there is one cache for each user. */
function cacheFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, 'aicleaner-build-tests')
  try {
    return sharedFolder()
  } catch {
    return join(homedir(), '.cache', 'aicleaner-build-tests')
  }
}

async function findRights(interactive: boolean): Promise<Machine['rights']> {
  if (process.getuid?.() === 0) return 'root'
  // At a terminal sudo can ask for the password when it is used.
  const answer = await run('sudo', interactive ? ['-V'] : ['-n', 'true'])
  return answer.code === 0 ? 'sudo' : 'none'
}

/** The command line that runs a program as root on this machine. Pure. */
export function asRoot(
  { rights, interactive }: Pick<Machine, 'rights' | 'interactive'>,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): readonly [string, ...string[]] {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const withEnvironment: readonly [string, ...string[]] =
    assignments.length === 0 ? [command, ...args] : ['env', ...assignments, command, ...args]
  if (rights === 'root') return withEnvironment
  return ['sudo', ...(interactive ? [] : ['-n']), ...withEnvironment]
}

/** Runs a program as root. Rejects if it fails or if this user may not run it. */
export function mustAsRoot(
  machine: Machine,
  command: string,
  args: readonly string[],
  { environment, ...options }: RunOptions = {},
): Promise<string> {
  const [program, ...rest] = asRoot(machine, command, args, environment)
  return must(program, rest, options)
}
