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
  return inUse(Math.round(Number(number) * (units[unit] ?? Number.NaN)))
}

interface Stats {
  readonly memory_stats?: {
    readonly usage?: number
    /** `total_inactive_file` with cgroup v1, `inactive_file` with v2. */
    readonly stats?: { readonly total_inactive_file?: number; readonly inactive_file?: number } | null
  } | null
}

/**
 * Pure: the same bytes, from the engine's own answer to `GET /containers/ID/stats`.
 * Source: docker/cli `cli/command/container/stats_helpers.go` (calculateMemUsageUnixNoCache).
 */
export function memoryIn(text: string): number | undefined {
  const { usage = 0, stats } = parse(text)?.memory_stats ?? {}
  const cache = stats?.total_inactive_file ?? stats?.inactive_file ?? 0
  return inUse(cache < usage ? usage - cache : usage)
}

const inUse = (bytes: number): number | undefined => (Number.isFinite(bytes) && bytes > 0 ? bytes : undefined)

function parse(text: string): Stats | null | undefined {
  try {
    return JSON.parse(text) as Stats | null
  } catch {
    return undefined
  }
}
