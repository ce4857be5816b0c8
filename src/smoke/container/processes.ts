/** One line of `docker top`. */
export interface ProcessLine {
  readonly pid: number
  readonly parent: number
  readonly uid: string
  /** Pages that it and its children that have ended touched first: grows when one of them ends. */
  readonly faults: number
  readonly command: string
}

/** For `docker top ID …`: the columns that `readProcesses` reads. */
export const topColumns = 'S -eo pid,ppid,uid,min_flt,args'

/** A container can have any number of processes with arguments of any length, and the looks of a whole test are kept. */
const mostProcesses = 1000
const longestLine = 512

/** Pure: from `docker top ID S -eo pid,ppid,uid,min_flt,args`; S counts the children that have ended in. */
export const readProcesses = (stdout: string): readonly ProcessLine[] =>
  stdout
    .split('\n', mostProcesses + 1)
    .slice(1)
    .flatMap((line) => {
      const [, ...fields] = line.slice(0, longestLine).match(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s(.*)/s) ?? []
      return processLine(fields)
    })

/** Pure: the same from the engine's own answer to `GET /containers/ID/top`. Undefined for what is none. */
export function readTop(text: string): readonly ProcessLine[] | undefined {
  try {
    const { Processes: rows } = JSON.parse(text) as { readonly Processes?: readonly (readonly string[])[] | null }
    return rows?.slice(0, mostProcesses).flatMap((fields) => processLine(fields))
  } catch {
    return undefined
  }
}

function processLine(fields: readonly string[]): readonly ProcessLine[] {
  const [pid = '', parent, uid = '', faults, command = ''] = fields
  if (!/^\d+$/.test(pid)) return []
  const kept = command.slice(0, longestLine).trim()
  return [{ pid: Number(pid), parent: Number(parent), uid, faults: Number(faults), command: kept }]
}

/** Emulated, the name of the emulator stands before it. */
const supervisors =
  /(^|\/|qemu-\w+(?:-static)? )(s6-supervise|runsv|supervise|supervisord|monit|circusd|dinit|god|pm2)(\s|$)|\bsupervisord\b/

/** Those that have one service each. One supervisord has many: told apart by their command. */
const single = /(^|\/|qemu-\w+(?:-static)? )(s6-supervise|runsv|supervise)(\s|$)/

/** A service that its supervisor started this often within the test is in a crash loop. */
const tooOften = 3

/** A service may be in a crash loop: somebody in there would start it again. */
export const isSupervised = (look: readonly ProcessLine[]): boolean =>
  look.some(({ command }) => supervisors.test(command))

/**
 * Pure: the services that a process supervisor (s6, runit, supervisord, …) started again and again, from several looks at the same container.
 * A shell that starts helpers one after the other is none. One that ends between two looks is seen by what it leaves in its supervisor.
 */
export function crashLoops(looks: readonly (readonly ProcessLine[])[]): readonly { command: string; starts: number }[] {
  const services = new Map<string, { command: string; pids: Set<number>; ends: number; faults?: number }>()
  const entryOf = (key: string, command: string) => {
    const known = services.get(key) ?? { command, pids: new Set(), ends: 0 }
    services.set(key, known)
    return known
  }
  for (const look of looks) {
    const watchers = new Map(look.filter(({ command }) => supervisors.test(command)).map((line) => [line.pid, line]))
    for (const { pid, command, faults } of watchers.values()) {
      if (!single.test(command)) continue
      const entry = entryOf(`${pid}`, command)
      if (entry.faults !== undefined && faults > entry.faults) entry.ends += 1
      entry.faults = faults
    }
    for (const { pid, parent, command } of look) {
      const watcher = watchers.get(parent)
      if (!watcher || watchers.has(pid)) continue
      const one = single.test(watcher.command)
      entryOf(one ? `${parent}` : `${parent} ${command}`, one ? watcher.command : command).pids.add(pid)
    }
  }
  return [...services.values()]
    .map(({ command, pids, ends }) => ({ command, starts: Math.max(pids.size, ends) }))
    .filter(({ starts }) => starts >= tooOften)
}
