import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Login } from '../inputs/options.ts'
import { type DockerConfig, dockerConfigFolder, keyOf, readDockerConfig } from '../registry/credentials.ts'
import { buildxFolder } from './buildx-plugin.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * A login for this run: a copy of Docker's config folder. `docker login` would leave the password in the user's own file when a run dies.
 * @returns the variables that make docker use it; empty when there is nothing to add.
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
  // The user's contexts, plugins and trust still work.
  for (const name of await readdir(original).catch(() => [])) {
    if (name !== 'config.json') await symlink(join(original, name), join(folder, name)).catch(() => {})
  }
  return { DOCKER_CONFIG: folder, BUILDX_CONFIG: buildxFolder(environment) }
}

/**
 * A credential store would hide the logins in the file, so these registries get a helper without a name, which means the file. Pure.
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
