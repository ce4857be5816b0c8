import { docker } from '../docker/containers.ts'
import type { Host } from '../host.ts'
import { type ProcessLine, readProcesses, topColumns } from './processes.ts'

/** Looks into a running container from outside while it is tested. */
export interface Monitor {
  readonly looks: readonly (readonly ProcessLine[])[]
  /** The most that was seen, sampled about once a second; undefined: never seen. */
  readonly peakMemoryBytes: number | undefined
  stop(): Promise<void>
}

const betweenLooksMs = 700
const keptLooks = 200

export function startMonitor(id: string, host: Host): Monitor {
  const { processes, clock } = host
  const over = new AbortController()
  const looks: (readonly ProcessLine[])[] = []
  let peak: number | undefined

  async function lookOften(): Promise<void> {
    while (!over.signal.aborted) {
      const { exitCode, stdout } = await docker(processes, ['top', id, topColumns])
      if (exitCode === 0) looks.push(readProcesses(stdout))
      if (looks.length > keptLooks) looks.splice(1, 1)
      await clock.sleep(betweenLooksMs, over.signal)
    }
  }
  async function weighOften(): Promise<void> {
    while (!over.signal.aborted) {
      const { stdout } = await docker(processes, ['stats', '--no-stream', '--format', '{{.MemUsage}}', id])
      const bytes = memoryOf(stdout)
      if (bytes !== undefined) peak = Math.max(peak ?? 0, bytes)
      await clock.sleep(betweenLooksMs, over.signal)
    }
  }
  // A daemon that does not answer is seen by the waiting; here it only means that nothing is known.
  const loops = [lookOften(), weighOften()].map((loop) => loop.catch(() => {}))
  return {
    looks,
    get peakMemoryBytes() {
      return peak
    },
    stop: async () => {
      over.abort()
      await Promise.all(loops)
    },
  }
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
}

/** Pure: bytes of `12.3MiB / 23GiB`. Undefined where docker has no number, and for the zero of a container that has just ended. */
export function memoryOf(text: string): number | undefined {
  const [, number, unit = ''] = text.trim().match(/^([\d.]+)\s*([A-Za-z]+)\s*\//) ?? []
  const bytes = Math.round(Number(number) * (units[unit] ?? Number.NaN))
  return Number.isFinite(bytes) && bytes > 0 ? bytes : undefined
}
