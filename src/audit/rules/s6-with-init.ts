import { at, type Rule, stepsOf } from '../rule.ts'
import { startsS6 } from '../s6.ts'

export const s6WithInit: Rule = {
  id: 'addon/s6-with-init',
  severity: 'error',
  reason:
    'Process 1 has to be s6-overlay itself, or it ends at once; "init: true" (the default) puts the init of Docker there.',
  source: 'Home Assistant developer documentation, app configuration: init',
  link: 'https://developers.home-assistant.io/docs/apps/configuration/',
  check(subject) {
    const { target, dockerfile } = subject
    if (!target.run.init || !startsS6(subject)) return []
    const entrypoint = stepsOf(subject, 'ENTRYPOINT').at(-1)
    return [
      {
        message: 'The entrypoint is s6-overlay (/init), and config.yaml leaves "init" at true.',
        fix: 'Write "init: false" into config.yaml.',
        ...(entrypoint && dockerfile && { where: at(dockerfile, entrypoint) }),
      },
    ]
  },
}
