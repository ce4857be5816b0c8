import { instructionsOf, type Rule } from '../rule.ts'

export const noHealthcheck: Rule = {
  id: 'image/no-healthcheck',
  severity: 'warning',
  reason:
    'Without a health check, a process that hangs counts as running: it is not restarted, and a failed update looks successful.',
  source: 'Docker, Dockerfile reference: HEALTHCHECK',
  link: 'https://docs.docker.com/reference/dockerfile/#healthcheck',
  check(input) {
    const { image, target } = input
    const last = instructionsOf(input, 'HEALTHCHECK').at(-1)
    const isOff = last !== undefined && /^NONE$/i.test(last.text)
    if (image ? image.config.healthcheck : last && !isOff) return []
    // An add-on that does its work and exits is not healthy for long.
    if (target.run.startup === 'once') return []
    return [
      {
        message: isOff ? 'HEALTHCHECK is switched off.' : 'There is no HEALTHCHECK.',
        fix: 'Add a HEALTHCHECK that queries the service. With --start-interval, it reports a started service sooner.',
        // The Supervisor's watchdog restarts the add-on, but does not report whether an update works.
        ...(target.run.watchdog !== undefined && { severity: 'notice' }),
        ...(last && { where: last.where }),
      },
    ]
  },
}
