import { supervisorStartupTimeoutMs } from '../../core/supervisor.ts'
import type { Healthcheck } from '../image-config.ts'
import { instructionsOf, type Rule, type RuleInput } from '../rule.ts'

const timeoutSeconds = supervisorStartupTimeoutMs / 1000

export const slowHealthcheck: Rule = {
  id: 'image/slow-healthcheck',
  severity: 'warning',
  reason: `When an add-on starts, the Supervisor waits ${timeoutSeconds} s for "healthy". After that, it reports a failed start.`,
  source: 'Dockerfile reference: HEALTHCHECK (limit: STARTUP_TIMEOUT of the Supervisor)',
  link: 'https://docs.docker.com/reference/dockerfile/#healthcheck',
  check(input) {
    const instruction = instructionsOf(input, 'HEALTHCHECK').at(-1)
    const healthcheck = input.image ? input.image.config.healthcheck : fromDockerfile(input)
    if (!healthcheck) return []
    const first = firstProbeMs(healthcheck)
    if (first < supervisorStartupTimeoutMs) return []
    return [
      {
        message: `The first health check runs after ${Math.round(first / 1000)} s, but the Supervisor waits only ${timeoutSeconds} s.`,
        fix: 'Shorten --interval, or add --start-period=60s --start-interval=2s.',
        ...(instruction && { where: instruction.where }),
      },
    ]
  },
}

/** The engine waits one interval before the first probe; in the start period, one start interval (Docker 25 and later). */
const firstProbeMs = ({ intervalMs, startPeriodMs, startIntervalMs }: Healthcheck): number =>
  startPeriodMs > 0 ? Math.min(startIntervalMs, intervalMs) : intervalMs

function fromDockerfile(input: RuleInput): Healthcheck | undefined {
  const instruction = instructionsOf(input, 'HEALTHCHECK').at(-1)
  if (!instruction || /^NONE$/i.test(instruction.text)) return undefined
  const ms = (flag: string, otherwise: number): number => {
    const value = input.dockerfile?.value(instruction.flags.get(flag)?.at(-1) ?? '') ?? ''
    return durationMs(value) || otherwise
  }
  return {
    intervalMs: ms('interval', 30_000),
    startPeriodMs: ms('start-period', 0),
    startIntervalMs: ms('start-interval', 5_000),
  }
}

const units = new Map(Object.entries({ ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }))

/** The ms of a duration as HEALTHCHECK takes it: `1m30s`, `500ms`. Undefined for any other text. */
function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/gy)]
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (units.get(unit) ?? 0), 0)
}
