import type { Host } from '../core/host.ts'
import type { Login } from '../inputs/options.ts'
import { createRegistry, type Registry } from './client.ts'
import { dockerConfigFolder, findCredentials, readDockerConfig } from './credentials.ts'
import { createExchange } from './http.ts'
import { loggedRetries, type RequestRetries } from './retry.ts'

/** A client that never sends a login, as devices pull. */
export const openAnonymousRegistry = (insecure: readonly string[], host: Host): Registry =>
  createRegistry({
    exchange: createExchange('aicleaner-build'),
    credentials: async () => undefined,
    insecure,
    ...loggedRetries(host),
    attempts: 2,
  })

/** A client for all registries, with the logins of this step and those of earlier steps. Sends no request yet. */
export function openRegistry(
  logins: readonly Required<Login>[],
  insecure: readonly string[],
  host: Host,
  retries: Pick<RequestRetries, 'attempts'> = {},
): Registry {
  const config = readDockerConfig(dockerConfigFolder(host.environment))
  return createRegistry({
    exchange: createExchange('aicleaner-build'),
    credentials: async (registry) => findCredentials(logins, await config, host.processes)(registry),
    insecure,
    ...loggedRetries(host),
    ...retries,
  })
}
