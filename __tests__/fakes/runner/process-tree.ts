import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process and all that it started, the deepest first. Linux only, like the runner that this stands in for. */
export async function treeOf(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>()
  for (const pid of processes()) {
    const stat = read(pid, 'stat')
    // The name is in brackets and may hold anything, brackets too.
    const parent = /^\) \S (\d+)/.exec(stat.slice(stat.lastIndexOf(')')))?.[1]
    if (parent !== undefined) parents.set(pid, Number(parent))
  }
  const below = (pid: number): number[] => [
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
    pid,
  ]
  return below(root)
}

/** Processes that still carry a variable of the run: how the runner finds what an action left behind. */
export async function processesWith(
  variable: string,
): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  return processes().flatMap((pid) =>
    read(pid, 'environ').split('\0').includes(variable)
      ? [{ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }]
      : [],
  )
}

const processes = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Of a process that has ended in the meantime, nothing. Files of the kernel are there at once: read by promises they take ten times as long. */
function read(pid: number, file: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Ends processes, and resolves when they have ended: for a moment after the signal they are still there. */
export async function kill(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGKILL')
  while (pids.some(isRunning)) await sleep(5)
}

/** Not one that has ended and that its parent has not asked for yet. */
const isRunning = (pid: number): boolean => /^\) [^ZX]/.test(read(pid, 'stat').replace(/^.*(?=\) )/s, ''))

/** A process that has ended in the meantime is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}
