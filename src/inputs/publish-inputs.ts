import { warning } from '../core/diagnostics.ts'
import { parsed } from '../core/parsed.ts'
import { count, textBefore } from '../core/text.ts'
import { parseSign, parseVerifyBase } from './kinds.ts'
import type { LegacyArguments } from './legacy-args.ts'
import type { Login, PublishOptions } from './options.ts'
import { type InputReader, sliceOf } from './reader.ts'
import { gateActions, registry } from './values.ts'

export function publishInputs(read: InputReader, legacy: LegacyArguments | undefined): PublishOptions {
  const sign = read.one('sign', 'not-a-choice', parseSign) ?? (legacy?.sign ? ({ kind: 'keyless' } as const) : false)
  const transparencyLog = read.boolean('transparency-log', true)
  const verifyBase = read.one('verify-base', 'not-a-choice', parseVerifyBase)
  if (!transparencyLog && sign && sign.kind === 'keyless') {
    read.refuse(
      'transparency-log',
      'conflict',
      'a keyless signature needs the log: only the log proves that its short-lived certificate was valid at that time.',
      'Use "sign: key:REF", or keep the log on.',
    )
  }
  return sliceOf<PublishOptions>({
    push: read.boolean('push', legacy?.push ?? false),
    existing: read.choice('existing', ['replace', 'keep', 'fail'], 'replace'),
    pullCheck: read.choice('pull-check', gateActions, 'warn'),
    logins: logins(read, legacy),
    sign,
    transparencyLog,
    verifyBase:
      verifyBase ?? (legacy?.verifyBase === false && read.text('verify-base') === undefined ? false : undefined),
    verifyBaseIssuer: read.text('verify-base-issuer'),
  })
}

/** Several registries: a line for each in `registry`, `username` and `password`; one user name is used for all. */
function logins(read: InputReader, legacy: LegacyArguments | undefined): readonly Login[] {
  const registries = read.lines('registry', 'bad-name', registry) ?? []
  const usernames = read.lines('username', 'bad-name', parsed) ?? []
  const passwords = read.lines('password', 'bad-name', parsed) ?? []
  if (passwords.length === 0) {
    if (usernames.length > 0 || registries.length > 0) {
      const name = usernames.length > 0 ? 'username' : 'registry'
      const problem = `Input "${name}" is set, but "password" is empty, so there is no login.`
      const remedy = `Set "password", or remove "${name}" if an earlier step logs in. Secrets are empty in pull requests from forks.`
      read.diagnostics.push(warning('input/no-password', problem, remedy))
    }
    return legacy?.username && legacy.password
      ? [{ registry: 'docker.io', username: legacy.username, password: legacy.password }]
      : []
  }
  if (registries.length === 0 && namesSeveralRegistries(read)) {
    read.refuse(
      'password',
      'conflict',
      'the images are for several registries, and it is not clear which of them it is for.',
      'Write one line per registry in "registry", "username" and "password".',
    )
    return []
  }
  const expected = Math.max(registries.length, 1)
  if (passwords.length !== expected || usernames.length > expected) {
    read.refuse(
      'password',
      'conflict',
      `${count(expected, 'registry', 'registries')}, ${count(usernames.length, 'user name')} and ${count(passwords.length, 'password')} do not match.`,
      'Write one line per registry in "registry", "username" and "password".',
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

/** Whether an input with several names has more than one registry: a password must not be sent to a registry that it is not for. */
const namesSeveralRegistries = (read: InputReader): boolean =>
  (['image', 'multi-arch-image'] as const).some((input) => {
    const names = read.lines(input, 'bad-name', parsed) ?? []
    return new Set(names.map((name) => textBefore(name, '/').toLowerCase())).size > 1
  })
