import type { Host, Processes } from '../core/host.ts'
import { prepareLogins } from '../docker/login.ts'
import type { Login } from '../inputs/options.ts'

/** A host whose processes are logged in to these registries. */
export async function loggedIn(logins: readonly Required<Login>[], host: Host): Promise<Host> {
  const variables = await prepareLogins(logins, host.environment, host.temporary)
  return { ...host, processes: withEnvironment(host.processes, variables) }
}

/** The same processes, with more variables. */
function withEnvironment(processes: Processes, variables: Readonly<Record<string, string>>): Processes {
  if (Object.keys(variables).length === 0) return processes
  return {
    exec: (command, args, options = {}) =>
      processes.exec(command, args, { ...options, environment: { ...variables, ...options.environment } }),
    spawn: (command, args, options = {}) =>
      processes.spawn(command, args, { ...options, environment: { ...variables, ...options.environment } }),
  }
}
