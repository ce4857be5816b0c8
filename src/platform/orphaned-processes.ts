import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

// buildx needs a moment to cancel its build.
const graceMs = 10_000

/** Ends processes of a killed run, which have its temporary folder in their command line: buildx would load its image after the cleanup. Needs /proc. */
export async function endOrphanedProcesses(temporary: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    let found = await processesOf(temporary)
    for (const pid of found) end(pid, signal)
    for (let waited = 0; found.length > 0 && waited < graceMs; waited += 100) {
      await sleep(100)
      found = await processesOf(temporary)
    }
    if (found.length === 0) return
  }
}

async function processesOf(temporary: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return line.includes(`${temporary}/`) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

/** A process that has ended meanwhile, or belongs to another user, is no error. */
function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // ESRCH: it has ended. EPERM: it belongs to another user.
  }
}
