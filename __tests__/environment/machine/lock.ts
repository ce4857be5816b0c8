import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** A lock on this machine that ends with `release`, and at the latest with this process, however it ends. */
export interface Lock {
  release(): Promise<void>
}

export interface LockOptions {
  /** Others may share it, too; default: nobody else has it. */
  readonly shared?: boolean
  /** Do not wait for it: undefined is what comes then. */
  readonly now?: boolean
}

/**
 * What outlives a run, and what the runs of one user share: below `/var/tmp`, so that a new home or clone finds it. Others may write there, so it is
 * used only where it belongs to this user and nobody else may write into it. `parent`: for tests.
 */
export function sharedFolder(parent = '/var/tmp'): string {
  const { uid } = userInfo()
  const folder = join(parent, `aicleaner-build-testbed-${uid}`)
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700, recursive: true })
  // Not stat: a link would lead to a folder that somebody else has chosen.
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is no folder of this user alone. Remove it.`)
  }
  return folder
}

/** Takes the lock of this name, when those that have it let it go. */
export async function takeLock(name: string, options: LockOptions & { readonly now: true }): Promise<Lock | undefined>
export async function takeLock(name: string, options?: LockOptions & { readonly now?: false }): Promise<Lock>
export async function takeLock(
  name: string,
  { shared = false, now = false }: LockOptions = {},
): Promise<Lock | undefined> {
  const file = join(sharedFolder(), `${name}.lock`)
  // The kernel gives it back when the last process that has the file open is gone, and that one ends with our end of the pipe.
  const args = [shared ? '--shared' : '--exclusive', ...(now ? ['--nonblock'] : []), '--no-fork', file]
  const holder = spawn('flock', [...args, 'sh', '-c', 'echo taken; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  ended.catch(() => {})
  const first = await Promise.race([once(holder.stdout, 'data'), ended])
  if (String(first[0]) !== 'taken\n') {
    if (now && first[0] === 1) return undefined
    throw new Error(`flock ${file} ended with exit code ${first[0]}`)
  }
  // Whoever forgets to release it still ends.
  holder.unref()
  return {
    async release() {
      holder.ref()
      holder.stdin.end()
      await ended
    },
  }
}
