import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { type DockerConfig, dockerConfigFolder } from '../registry/credentials.ts'

/** The folders where docker looks for its plugins, in order. Source: docker/cli `cli-plugins/manager/manager.go` and `manager_unix.go`. */
export function pluginFolders(
  environment: Readonly<Record<string, string | undefined>>,
  config: DockerConfig,
): readonly string[] {
  return [
    ...(Array.isArray(config.cliPluginsExtraDirs) ? config.cliPluginsExtraDirs : []),
    join(dockerConfigFolder(environment), 'cli-plugins'),
    '/usr/local/lib/docker/cli-plugins',
    '/usr/local/libexec/docker/cli-plugins',
    '/usr/lib/docker/cli-plugins',
    '/usr/libexec/docker/cli-plugins',
  ]
}

/** The folder where buildx stores its builders. Source: docker/buildx `util/confutil/config.go`. */
export const buildxFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment.BUILDX_CONFIG || join(dockerConfigFolder(environment), 'buildx')

/** The first of the folders that has a program of this name; relative folders are ignored. */
export async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const program = join(folder, name)
    if (!program.startsWith('/')) continue
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return program
  }
  return undefined
}
