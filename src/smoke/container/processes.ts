import { fieldOf, listOf, parseJsonText } from '../../core/json-fields.ts'
import type { ImageFacts } from './image.ts'

/** One line of `docker top`. */
interface ProcessLine {
  readonly pid: number
  readonly parent: number
  readonly uid: string
  /** Minor page faults of the process and of its children that have ended: the number grows when a child ends. */
  readonly faults: number
  readonly command: string
}

/** The processes of a container at one moment. */
export type ProcessSample = readonly ProcessLine[]

/** For `docker top ID …`: the columns that `readProcesses` reads. */
export const topColumns = 'S -eo pid,ppid,uid,min_flt,args'

/** Maximum processes per sample: a container can have any number of them, and many samples are kept. */
const maxProcesses = 1000
const maxLineLength = 512

/** Pure: from the output of `docker top ID S -eo pid,ppid,uid,min_flt,args`. `S` includes children that have ended. */
export const readProcesses = (stdout: string): ProcessSample =>
  stdout
    .split('\n', maxProcesses + 1)
    .slice(1)
    .flatMap((line) => {
      const [, ...fields] = line.slice(0, maxLineLength).match(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s(.*)/s) ?? []
      return processLine(fields)
    })

/** Pure: the same from the engine's response to `GET /containers/ID/top`. Undefined if it has no processes. */
export function readTop(text: string): ProcessSample | undefined {
  const rows = fieldOf(parseJsonText(text), 'Processes')
  if (!Array.isArray(rows)) return undefined
  return rows.slice(0, maxProcesses).flatMap((row) => processLine(listOf(row).map(String)))
}

function processLine(fields: readonly string[]): readonly ProcessLine[] {
  const [pid = '', parent, uid = '', faults, command = ''] = fields
  if (!/^\d+$/.test(pid)) return []
  const kept = command.slice(0, maxLineLength).trim()
  return [{ pid: Number(pid), parent: Number(parent), uid, faults: Number(faults), command: kept }]
}

/** Under emulation, the name of the emulator comes first. */
const supervisors =
  /(^|\/|qemu-\w+(?:-static)? )(s6-supervise|runsv|supervise|supervisord|monit|circusd|dinit|god|pm2)(\s|$)|\bsupervisord\b/

/** Supervisors with one service each. A supervisord has many, which differ in their command. */
const singleService = /(^|\/|qemu-\w+(?:-static)? )(s6-supervise|runsv|supervise)(\s|$)/

/** The supervisor that counts the ends of its services itself, see `readTallies`. */
const s6Supervisor = /(^|\/|qemu-\w+(?:-static)? )s6-supervise(\s|$)/

/** A service that starts this often within the test is in a crash loop. */
const crashLoopStarts = 3

/** A process supervisor runs in the container, so a service can be in a crash loop. */
const isSupervised = (sample: ProcessSample): boolean => sample.some(({ command }) => supervisors.test(command))

/**
 * A crash loop under a process supervisor shows after this many samples, which take four seconds, or longer on a busy machine: s6 and runit start
 * a service at most once a second.
 */
const samplesIfSupervised = 9

/** Enough samples for `crashLoops`. */
export const showCrashLoops = (samples: readonly ProcessSample[]): boolean =>
  samples.length >= samplesIfSupervised || !samples.some(isSupervised)

/** s6 runs in the container, or did. */
export const usesS6 = ({ entrypoint }: Pick<ImageFacts, 'entrypoint'>, samples: readonly ProcessSample[]): boolean =>
  entrypoint[0] === '/init' || samples.some((sample) => sample.some(({ command }) => s6Supervisor.test(command)))

/** The same processes, without s6 and its services. */
export function withoutS6(sample: ProcessSample): ProcessSample {
  const supervisors = new Set(sample.filter(({ command }) => s6Supervisor.test(command)).map(({ pid }) => pid))
  return sample.filter(({ pid, parent }) => !supervisors.has(pid) && !supervisors.has(parent))
}

/**
 * Pure: the services that a process supervisor (s6, runit, supervisord, …) started again and again. A shell that starts one helper after the other
 * does not count. If a service ends between two samples, the page faults of its supervisor show it.
 */
export function crashLoops(samples: readonly ProcessSample[]): readonly { command: string; starts: number }[] {
  const services = new Map<string, { command: string; pids: Set<number>; ends: number; faults?: number }>()
  const entryOf = (key: string, command: string) => {
    const known = services.get(key) ?? { command, pids: new Set(), ends: 0 }
    services.set(key, known)
    return known
  }
  for (const sample of samples) {
    const parents = new Map(sample.filter(({ command }) => supervisors.test(command)).map((line) => [line.pid, line]))
    for (const { pid, command, faults } of parents.values()) {
      if (!singleService.test(command)) continue
      const entry = entryOf(`${pid}`, command)
      if (entry.faults !== undefined && faults > entry.faults) entry.ends += 1
      entry.faults = faults
    }
    for (const { pid, parent, command } of sample) {
      const supervisor = parents.get(parent)
      if (!supervisor || parents.has(pid)) continue
      const isSingle = singleService.test(supervisor.command)
      entryOf(isSingle ? `${parent}` : `${parent} ${command}`, isSingle ? supervisor.command : command).pids.add(pid)
    }
  }
  return [...services.values()]
    .map(({ command, pids, ends }) => ({ command, starts: Math.max(pids.size, ends) }))
    .filter(({ starts }) => starts >= crashLoopStarts)
}
