import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Processes } from '../core/host.ts'
import { isJsonObject, parseJsonText, textOf } from '../core/json-fields.ts'
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
  readonly auths?: Readonly<Record<string, unknown>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

export const dockerConfigFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker')

export async function readDockerConfig(folder: string): Promise<DockerConfig> {
  // Docker works without the file, and reports itself if it is broken.
  const config = parseJsonText(await readFile(join(folder, 'config.json'), 'utf8').catch(() => ''))
  return isJsonObject(config) ? config : {}
}

/** Looks in the inputs first, then where docker looks: in a helper, then in its file. @param logins with `registry` and `username` filled in. */
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
    const found = await readHelper(helper, key, processes)
    if (found) return found
    const entry = Object.entries(config.auths ?? {}).find(([name]) => keyOf(name) === key)?.[1]
    return readEntry(entry)
  }
}

/** The key of a registry in Docker's config. Docker Hub has several names; all others use their host. */
export const keyOf = (registry: string): string => {
  const host = registry
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? 'https://index.docker.io/v1/' : host
}

/** Reads a login of the config, which may contain anything because users edit it. */
function readEntry(entry: unknown): Credentials | undefined {
  const token = textOf(entry, 'identitytoken')
  if (token) return { username: identityUser, password: token }
  const auth = textOf(entry, 'auth')
  if (!auth) return loginOf(textOf(entry, 'username'), textOf(entry, 'password'))
  const [, username = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? []
  return username || password ? { username, password } : undefined
}

const loginOf = (username: string, password: string): Credentials | undefined =>
  username && password ? { username, password } : undefined

/** Source: docker-credential-helpers: the server name on standard input, JSON on standard output. */
async function readHelper(helper: unknown, server: string, processes: Processes): Promise<Credentials | undefined> {
  if (typeof helper !== 'string' || !/^[\w.-]+$/.test(helper)) return undefined
  try {
    const answer = await processes.exec(`docker-credential-${helper}`, ['get'], { input: server, timeoutMs: 20_000 })
    const login = answer.exitCode === 0 ? parseJsonText(answer.stdout) : undefined
    return loginOf(textOf(login, 'Username'), textOf(login, 'Secret'))
  } catch {
    // The helper is configured but not installed. Docker continues without it as well.
    return undefined
  }
}
