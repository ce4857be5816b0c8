import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Processes } from '../core/host.ts'
import { isJsonObject, textOf } from '../core/json-fields.ts'
import type { Login } from '../inputs/options.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Docker's user name for an identity token, which only a token service accepts. */
export const identityUser = '<token>'

/** Finds the login for a registry; undefined: requests are anonymous. */
export type FindCredentials = (registry: string) => Promise<Credentials | undefined>

/** The part of Docker's config.json with logins, contexts and plugin folders. Source: docker/cli `cli/config/configfile`. */
export interface DockerConfig {
  readonly currentContext?: string
  readonly cliPluginsExtraDirs?: readonly string[]
  readonly auths?: Readonly<
    Record<
      string,
      {
        readonly auth?: string
        readonly username?: string
        readonly password?: string
        readonly identitytoken?: string
      }
    >
  >
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

export const dockerConfigFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker')

export async function readDockerConfig(folder: string): Promise<DockerConfig> {
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))
    return isJsonObject(config) ? config : {}
  } catch {
    // Docker works without the file, and reports a broken one itself.
    return {}
  }
}

/**
 * Looks in the inputs of this step first, then where docker looks: in a credential helper, then in the file that `docker login` writes.
 * @param logins with `registry` and `username` filled in.
 */
export function findCredentials(
  logins: readonly Required<Login>[],
  config: DockerConfig,
  processes: Processes,
): FindCredentials {
  return async (registry) => {
    const login = logins.find((one) => keyOf(one.registry) === keyOf(registry))
    if (login) return { username: login.username, password: login.password }
    const key = keyOf(registry)
    const helper =
      Object.entries(config.credHelpers ?? {}).find(([name]) => keyOf(name) === key)?.[1] ?? config.credsStore
    const found = await askHelper(helper, key, processes)
    if (found) return found
    const entry = Object.entries(config.auths ?? {}).find(([name]) => keyOf(name) === key)?.[1]
    return entry ? readEntry(entry as Entry) : undefined
  }
}

/** Docker Hub has a history of names; all others are their host. */
export const keyOf = (registry: string): string => {
  const host = registry
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? 'https://index.docker.io/v1/' : host
}

type Entry = Readonly<Record<keyof NonNullable<DockerConfig['auths']>[string], unknown>>

/** A file written by hand may hold anything. */
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function readEntry({ identitytoken, auth, username, password }: Entry): Credentials | undefined {
  if (isText(identitytoken)) return { username: identityUser, password: identitytoken }
  if (isText(auth)) {
    const text = Buffer.from(auth, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  return isText(username) && isText(password) ? { username, password } : undefined
}

/** Source: docker-credential-helpers: the server name on standard input, JSON on standard output. */
async function askHelper(helper: unknown, server: string, processes: Processes): Promise<Credentials | undefined> {
  if (!isText(helper) || !/^[\w.-]+$/.test(helper)) return undefined
  try {
    const answer = await processes.exec(`docker-credential-${helper}`, ['get'], { input: server, timeoutMs: 20_000 })
    if (answer.exitCode !== 0) return undefined
    const login: unknown = JSON.parse(answer.stdout)
    const [username, password] = [textOf(login, 'Username'), textOf(login, 'Secret')]
    return isText(username) && isText(password) ? { username, password } : undefined
  } catch {
    // A helper that is configured but not installed: docker, too, continues without it.
    return undefined
  }
}
