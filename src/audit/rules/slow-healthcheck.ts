import { parseGoDuration } from '../go-duration.ts'
import type { Healthcheck } from '../image-config.ts'
import { at, type Rule, type Subject, stepsOf } from '../rule.ts'

/** The Supervisor's STARTUP_TIMEOUT. */
const patienceMs = 120_000

export const slowHealthcheck: Rule = {
  id: 'image/slow-healthcheck',
  severity: 'warning',
  reason: 'The Supervisor waits 120 s for "healthy" when an add-on starts, and reports it as failed after that.',
  source: 'Home Assistant Supervisor: STARTUP_TIMEOUT',
  link: 'https://docs.docker.com/reference/dockerfile/#healthcheck',
  check(subject) {
    const { dockerfile } = subject
    const step = stepsOf(subject, 'HEALTHCHECK').at(-1)
    const check = subject.image ? subject.image.config.healthcheck : fromDockerfile(subject)
    if (!check || check.intervalMs === undefined) return []
    const first = firstLookMs(check)
    if (first < patienceMs) return []
    return [
      {
        message: `HEALTHCHECK looks for the first time after ${Math.round(first / 1000)} s, and the Supervisor waits 120 s.`,
        fix: 'Shorten --interval, or add --start-period=60s --start-interval=2s.',
        ...(step && dockerfile && { where: at(dockerfile, step) }),
      },
    ]
  },
}

/** The engine waits one interval before the first probe; in the start period that is the start interval (Docker 25 and later). */
const firstLookMs = ({ intervalMs, startPeriodMs, startIntervalMs }: Healthcheck): number =>
  startPeriodMs > 0 ? Math.min(startIntervalMs, intervalMs) : intervalMs

function fromDockerfile(subject: Subject): Healthcheck | undefined {
  const step = stepsOf(subject, 'HEALTHCHECK').at(-1)
  if (!step || /^NONE$/i.test(step.text)) return undefined
  const ms = (flag: string, otherwise: number): number => {
    const value = step.flags.get(flag)?.at(-1)
    const text = value === undefined ? undefined : subject.dockerfile?.value(value)
    return (text === undefined ? undefined : parseGoDuration(text)) || otherwise
  }
  return {
    intervalMs: ms('interval', 30_000),
    timeoutMs: ms('timeout', 30_000),
    startPeriodMs: ms('start-period', 0),
    startIntervalMs: ms('start-interval', 5_000),
    retries: 3,
  }
}
