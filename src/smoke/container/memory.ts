import { fieldOf, numberOf, parseJsonText } from '../../core/json-fields.ts'

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

/** Pure: bytes of `12.3MiB / 23GiB`. Undefined if docker has no number, or zero, as for a container that has just ended. */
export function readMemUsage(text: string): number | undefined {
  const [, number, unit = ''] = text.trim().match(/^([\d.]+)\s*([A-Za-z]+)\s*\//) ?? []
  return positive(Math.round(Number(number) * (units[unit] ?? Number.NaN)))
}

/**
 * Pure: the same bytes, from the engine's response to `GET /containers/ID/stats`.
 * Source: docker/cli `cli/command/container/stats_helpers.go` (calculateMemUsageUnixNoCache).
 */
export function readMemoryStats(text: string): number | undefined {
  const memory = fieldOf(parseJsonText(text), 'memory_stats')
  const usage = numberOf(memory, 'usage') ?? 0
  // cgroup v1 and v2.
  const cache = numberOf(memory, 'stats', 'total_inactive_file') ?? numberOf(memory, 'stats', 'inactive_file') ?? 0
  return positive(cache < usage ? usage - cache : usage)
}

const positive = (bytes: number): number | undefined => (Number.isFinite(bytes) && bytes > 0 ? bytes : undefined)
