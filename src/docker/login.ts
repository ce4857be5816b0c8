import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Login } from '../inputs/options.ts'
import { type DockerConfig, dockerConfigFolder, keyOf, readDockerConfig } from '../registry/credentials.ts'
import { buildxFolder } from './buildx-plugin.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Logs in for this run only, in a copy of Docker's config folder. `docker login` would leave the password in the user's own file if the run is killed.
 * @returns the variables that make docker use the copy; empty if there are no logins.
 */
export async function prepareLogins(
  logins: readonly Required<Login>[],
  environment: Environment,
  temporary: string,
): Promise<Readonly<Record<string, string>>> {
  if (logins.length === 0) return {}
  const original = dockerConfigFolder(environment)
  const folder = join(temporary, 'docker-config')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const config = addLogins(await readDockerConfig(original), logins)
  await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 })
  // Keeps the user's contexts, plugins and trust.
  for (const name of await readdir(original).catch(() => [])) {
    if (name !== 'config.json') await symlink(join(original, name), join(folder, name)).catch(() => {})
  }
  return { DOCKER_CONFIG: folder, BUILDX_CONFIG: buildxFolder(environment) }
}

/**
 * Docker ignores the logins in the file if a credential store is set, so these registries get an empty helper name, which means the file. Pure.
 * Source: docker/cli `cli/config/configfile`, `getConfiguredCredentialStore`.
 */
export function addLogins(config: DockerConfig, logins: readonly Required<Login>[]): DockerConfig {
  const ours = new Set(logins.map(({ registry }) => keyOf(registry)))
  const others = Object.entries(config.credHelpers ?? {}).filter(([name]) => !ours.has(keyOf(name)))
  const helpers = [...others, ...(config.credsStore === undefined ? [] : [...ours].map((name) => [name, ''] as const))]
  const { credHelpers: _, ...rest } = config
  return {
    ...rest,
    ...(helpers.length > 0 && { credHelpers: Object.fromEntries(helpers) }),
    auths: {
      ...config.auths,
      ...Object.fromEntries(
        logins.map(({ registry, username, password }) => [
          keyOf(registry),
          { auth: Buffer.from(`${username}:${password}`).toString('base64') },
        ]),
      ),
    },
  }
}
