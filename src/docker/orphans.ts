import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

// buildx takes a moment to take its build back.
const graceMs = 10_000

/**
 * Ends what a run left running when it was killed itself: a buildx that goes on would load its image after everything has been removed.
 * Known by the folder of the run, a name that nobody else has, in its command line. Only where there is a /proc.
 */
export async function endOrphans(temporary: string): Promise<void> {
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

/** One that has ended meanwhile, or is not ours to end, is no error. */
function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // See above.
  }
}
