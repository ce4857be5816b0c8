import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { must, run, searchPath } from '../../environment/machine/command.ts'
import { startWatched, watchdogScript } from '../../environment/machine/watchdog.ts'
import { onAnyPort } from '../../environment/ports.ts'

/** A real SSH server on loopback that takes one key, for the user who runs the tests. */
export interface Sshd {
  /** `root@localhost:PORT` */
  readonly login: string
  /** Folders for PATH in front of the machine's, each with an `ssh` that has the settings which its name says. OpenSSH takes them from no variable. */
  readonly clients: Readonly<Record<'good' | 'stranger' | 'keyless', string>>
  release(): Promise<void>
}

/** @param programs scripts by name, in the path of whoever logs in, in front of the machine's. */
export const startSshd = (programs: Readonly<Record<string, string>>): Promise<Sshd> =>
  onAnyPort((port) => startAt(port, programs))

/** Undefined where somebody else has the port. */
async function startAt(port: number, programs: Readonly<Record<string, string>>): Promise<Sshd | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-sshd-'))
  const at = (name: string) => join(folder, name)
  for (const name of ['host', 'client', 'other']) {
    await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', randomBytes(4).toString('hex'), '-f', at(name)])
  }
  await must('cp', [at('client.pub'), at('authorized')])
  await mkdir(at('bin'))
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(at(`bin/${name}`), script)
    await chmod(at(`bin/${name}`), 0o755)
  }
  await writeFile(
    at('sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized')}`,
      `PidFile ${at('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      `SetEnv PATH=${at('bin')}:${searchPath(process.env.PATH)}`,
      '',
    ].join('\n'),
  )
  const known = `[localhost]:${port} ${(await must('cat', [at('host.pub')])).trim()}\n`
  await writeFile(at('known'), known)
  await writeFile(at('empty'), '')
  const clients = {
    good: await client(at('good'), { key: at('client'), known: at('known') }),
    stranger: await client(at('stranger'), { key: at('client'), known: at('empty') }),
    keyless: await client(at('keyless'), { key: at('other'), known: at('known') }),
  }
  // As root it keeps its unprivileged part in this empty folder.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const watchdog = startWatched('sh', [watchdogScript, folder, '/usr/sbin/sshd', '-D', '-e', '-f', at('sshd_config')])
  const login = `${userInfo().username}@localhost:${port}`
  const [, listens] =
    (await watchdog.announced(/(Server listening on )|Bind to port \d+ on \S+ failed: Address already/)) ?? []
  const args = ['-p', String(port), '-o', 'ConnectTimeout=20', '--', `${userInfo().username}@localhost`, 'true']
  const { code, stderr } = listens ? await run(join(clients.good, 'ssh'), args) : { code: 1, stderr: '' }
  if (code !== 0) {
    await watchdog.release()
    if (/Address already|Cannot bind/.test(watchdog.lastOutput())) return undefined
    throw new Error(`sshd: ${watchdog.lastOutput()} | ${stderr}`)
  }
  return {
    login,
    clients,
    release: async () => {
      await watchdog.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function client(
  folder: string,
  { key, known }: { readonly key: string; readonly known: string },
): Promise<string> {
  await mkdir(folder)
  const config = [
    'BatchMode yes',
    `IdentityFile ${key}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${known}`,
    'GlobalKnownHostsFile /dev/null',
    '',
  ].join('\n')
  await writeFile(join(folder, 'config'), config)
  const ssh = (await must('sh', ['-c', 'command -v ssh'])).trim()
  await writeFile(join(folder, 'ssh'), `#!/bin/sh\nexec ${ssh} -F ${join(folder, 'config')} "$@"\n`, { mode: 0o755 })
  return folder
}
