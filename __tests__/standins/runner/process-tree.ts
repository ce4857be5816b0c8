import { readdir, readFile } from 'node:fs/promises'

/** A process and all that it started, the deepest first. Linux only, like the runner that this stands in for. */
export async function treeOf(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>()
  for (const pid of await processes()) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
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
  const found = await Promise.all(
    (await processes()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      if (!environment.split('\0').includes(variable)) return []
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return [{ pid, command: command.replaceAll('\0', ' ').trim() }]
    }),
  )
  return found.flat()
}

const processes = async (): Promise<readonly number[]> =>
  (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)

/** A process that has ended in the meantime is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}
