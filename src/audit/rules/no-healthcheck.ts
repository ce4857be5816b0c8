import { at, type Rule, stepsOf } from '../rule.ts'

export const noHealthcheck: Rule = {
  id: 'image/no-healthcheck',
  severity: 'warning',
  reason:
    'Without it a process that hangs counts as running: nobody restarts it, and an update that does not work looks fine.',
  source: 'Docker, Dockerfile reference: HEALTHCHECK',
  link: 'https://docs.docker.com/reference/dockerfile/#healthcheck',
  check(subject) {
    const { image, dockerfile, target } = subject
    const last = stepsOf(subject, 'HEALTHCHECK').at(-1)
    const off = last !== undefined && /^NONE$/i.test(last.text)
    if (image ? image.config.healthcheck : last && !off) return []
    // What does its work and ends is not to be healthy for long.
    if (target.run.startup === 'once') return []
    const message = off ? 'HEALTHCHECK is switched off.' : 'There is no HEALTHCHECK.'
    return [
      {
        message,
        fix: 'Add a HEALTHCHECK that asks the service itself, with --start-interval so that it is found ready soon.',
        // The Supervisor's watchdog looks as well, but tells nobody whether an update came up.
        ...(target.run.watchdog !== undefined && { severity: 'notice' }),
        ...(last && dockerfile && { where: at(dockerfile, last) }),
      },
    ]
  },
}
