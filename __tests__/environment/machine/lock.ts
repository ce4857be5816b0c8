import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** A lock on this machine. It is released by `release`, or when this process exits, even if it is killed. */
export interface Lock {
  release(): Promise<void>
}

export interface LockOptions {
  /** Other shared locks may exist at the same time. Default: exclusive. */
  readonly shared?: boolean
  /** Do not wait: return undefined if the lock is taken. */
  readonly now?: boolean
}

/**
 * The folder for files that are kept between runs and shared by all runs of one user. It is below `/var/tmp`, so that it does not depend on the home folder or
 * the clone. Because other users can write to `/var/tmp`, it must belong to this user and must not be writable by others. `parent`: for tests.
 */
export function sharedFolder(parent = '/var/tmp'): string {
  const { uid } = userInfo()
  const folder = join(parent, `aicleaner-build-tests-${uid}`)
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700, recursive: true })
  // Not stat: a symbolic link could lead to a folder of another user.
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} must be a folder that only this user can write to. Remove it.`)
  }
  return folder
}

/** Takes the lock of this name as soon as it is free. */
export async function takeLock(name: string, options: LockOptions & { readonly now: true }): Promise<Lock | undefined>
export async function takeLock(name: string, options?: LockOptions & { readonly now?: false }): Promise<Lock>
export async function takeLock(
  name: string,
  { shared = false, now = false }: LockOptions = {},
): Promise<Lock | undefined> {
  const file = join(sharedFolder(), `${name}.lock`)
  // The kernel releases the lock when the last process that has the file open exits; that process exits when our end of the pipe is closed.
  const args = [shared ? '--shared' : '--exclusive', ...(now ? ['--nonblock'] : []), '--no-fork', file]
  const holder = spawn('flock', [...args, 'sh', '-c', 'echo taken; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  ended.catch(() => {})
  const first = await Promise.race([once(holder.stdout, 'data'), ended])
  if (String(first[0]) !== 'taken\n') {
    if (now && first[0] === 1) return undefined
    throw new Error(`flock ${file} ended with exit code ${first[0]}`)
  }
  // A lock that is not released must not keep this process running.
  holder.unref()
  return {
    async release() {
      holder.ref()
      holder.stdin.end()
      await ended
    },
  }
}
