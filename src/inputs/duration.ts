import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds: `90s`, `1m30s`, `500ms`, `1.5m`, `1h`. More than zero, at most six hours (a GitHub job). */
export function parseDuration(text: string): Parsed<number> {
  const trimmed = text.trim()
  const whole = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(trimmed)
  const parts = whole ? [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)] : []
  if (parts.length === 0) {
    return wrong(`${quoted(text)} is not a duration.`, 'Write a number and a unit: "90s", "1m30s" or "500ms".')
  }
  const ms = Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0))
  if (ms <= 0) return wrong(`${quoted(text)} is not longer than zero.`, 'Write more than "0s".')
  return ms <= 6 * 3_600_000
    ? parsed(ms)
    : wrong(`${quoted(text)} is longer than a job can run.`, 'Write at most "6h".')
}
