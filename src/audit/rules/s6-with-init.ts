import { instructionsOf, type Rule } from '../rule.ts'
import { isBaseImage, startsS6 } from '../s6.ts'
import { s6VersionOf } from '../s6-version.ts'

export const s6WithInit: Rule = {
  id: 'addon/s6-with-init',
  severity: 'error',
  reason:
    'Version 3 of s6-overlay exits at once if it is not process 1. With "init: true" (the default), the init of Docker is process 1. Versions 1 and 2 run either way.',
  source: 'Home Assistant developer documentation, app configuration: init',
  link: 'https://developers.home-assistant.io/docs/apps/configuration/',
  check(input) {
    const { target } = input
    if (!target.run.init || isBaseImage(target) || !startsS6(input)) return []
    const version = s6VersionOf(input)
    if (version === 'v2') return []
    const entrypoint = instructionsOf(input, 'ENTRYPOINT').at(-1)
    return [
      {
        ...(version === 'v3'
          ? { message: 'The entrypoint is s6-overlay (/init), but "init" is true in config.yaml.' }
          : {
              severity: 'notice' as const,
              message:
                'The entrypoint is /init, and "init" is true in config.yaml. If it is s6-overlay 3, the container exits at once.',
            }),
        fix: 'Write "init: false" into config.yaml.',
        ...(entrypoint && { where: entrypoint.where }),
      },
    ]
  },
}
