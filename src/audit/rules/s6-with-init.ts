import { at, type Rule, stepsOf } from '../rule.ts'
import { isBaseImage, startsS6 } from '../s6.ts'
import { s6VersionOf } from '../s6-version.ts'

export const s6WithInit: Rule = {
  id: 'addon/s6-with-init',
  severity: 'error',
  reason:
    'Version 3 of s6-overlay has to be process 1, or it ends at once; "init: true" (the default) puts the init of Docker there. Versions 1 and 2 run either way.',
  source: 'Home Assistant developer documentation, app configuration: init',
  link: 'https://developers.home-assistant.io/docs/apps/configuration/',
  check(subject) {
    const { target, dockerfile } = subject
    if (!target.run.init || isBaseImage(target) || !startsS6(subject)) return []
    const version = s6VersionOf(subject)
    if (version === 'v2') return []
    const entrypoint = stepsOf(subject, 'ENTRYPOINT').at(-1)
    return [
      {
        ...(version === 'v3'
          ? { message: 'The entrypoint is s6-overlay (/init), and config.yaml leaves "init" at true.' }
          : {
              severity: 'notice' as const,
              message:
                'The entrypoint is /init, and config.yaml leaves "init" at true: with s6-overlay 3 the container would end at once.',
            }),
        fix: 'Write "init: false" into config.yaml.',
        ...(entrypoint && dockerfile && { where: at(dockerfile, entrypoint) }),
      },
    ]
  },
}
