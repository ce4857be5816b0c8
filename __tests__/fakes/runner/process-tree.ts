import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process and its descendants, deepest first. Linux only. */
export async function treeOf(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>()
  for (const pid of processes()) {
    const stat = read(pid, 'stat')
    // The name is in parentheses and may itself contain parentheses.
    const parent = /^\) \S (\d+)/.exec(stat.slice(stat.lastIndexOf(')')))?.[1]
    if (parent !== undefined) parents.set(pid, Number(parent))
  }
  const below = (pid: number): number[] => [
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
    pid,
  ]
  return below(root)
}

/** Processes whose environment has a variable of the run. The runner finds orphan processes in this way. */
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

/** Empty for a process that has exited in the meantime. Synchronous, because reading files of /proc with promises takes ten times as long. */
function read(pid: number, file: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Kills processes and resolves when they have exited, which takes a moment after the signal. */
export async function kill(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGKILL')
  while (pids.some(isRunning)) await sleep(5)
}

/** False for a zombie, a process that has exited but was not reaped by its parent. */
const isRunning = (pid: number): boolean => /^\) [^ZX]/.test(read(pid, 'stat').replace(/^.*(?=\) )/s, ''))

/** Ignores processes that have exited in the meantime. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}
