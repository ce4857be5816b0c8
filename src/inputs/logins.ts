import { warning } from '../core/diagnostics.ts'
import { parsed } from '../core/parsed.ts'
import type { LegacyArguments } from './legacy-args.ts'
import type { Login } from './options.ts'
import type { InputReader } from './reader.ts'
import { registry } from './values.ts'

/** Several registries: a line for each in `registry`, `username` and `password`; one user name serves all. */
export function logins(read: InputReader, legacy: LegacyArguments | undefined): readonly Login[] {
  const registries = read.lines('registry', 'bad-name', registry) ?? []
  const usernames = read.lines('username', 'bad-name', parsed) ?? []
  const passwords = read.lines('password', 'bad-name', parsed) ?? []
  if (passwords.length === 0) {
    if (usernames.length > 0 || registries.length > 0) {
      const name = usernames.length > 0 ? 'username' : 'registry'
      read.diagnostics.push(
        warning(
          'input/no-password',
          `Input "${name}" is given, but "password" is empty, so nobody logs in.`,
          'Set "password", or remove it where an earlier step logs in. Secrets are empty in pull requests from forks.',
        ),
      )
    }
    return legacy?.username && legacy.password
      ? [{ registry: 'docker.io', username: legacy.username, password: legacy.password }]
      : []
  }
  const count = Math.max(registries.length, 1)
  if (passwords.length !== count || usernames.length > Math.max(count, 1)) {
    read.refuse(
      'password',
      'conflict',
      `${count} ${count === 1 ? 'registry' : 'registries'}, ${usernames.length} user names and ${passwords.length} passwords do not pair up.`,
      'Give one line for each registry in "registry", "username" and "password".',
    )
    return []
  }
  return passwords.map((password, index) => {
    const username = usernames[index] ?? (usernames.length === 1 ? usernames[0] : undefined)
    return {
      ...(registries[index] !== undefined && { registry: registries[index] }),
      ...(username !== undefined && { username }),
      password,
    }
  })
}
