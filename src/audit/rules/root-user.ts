import { instructionsOf, type Rule } from '../rule.ts'
import { startsS6 } from '../s6.ts'

const fix = 'Add USER with a non-root user after the last RUN.'

export const rootUser: Rule = {
  id: 'image/root-user',
  severity: 'warning',
  reason: 'A process that breaks out of a root container is root on the device.',
  source: 'Docker, building best practices: USER (CIS Docker Benchmark 4.1)',
  link: 'https://docs.docker.com/build/building/best-practices/#user',
  check(input) {
    const { image, dockerfile } = input
    const last = instructionsOf(input, 'USER').at(-1)
    // Before a build, a USER that only BuildKit can fill in is not judged.
    const user = image ? image.config.user : last ? dockerfile?.value(last.text) : ''
    if (user === undefined || !isRoot(user)) return []
    const location = last ? { where: last.where } : {}
    if (startsS6(input)) {
      return [
        {
          severity: 'notice',
          message: 'The image starts as root, which s6-overlay needs.',
          fix: 'Drop root in each service: write "s6-setuidgid NAME" before the command in its run script.',
          ...location,
        },
      ]
    }
    if (!image && !last && dockerfile?.chain[0]?.image === '') {
      return [
        {
          severity: 'notice',
          message:
            'The Dockerfile has no USER. The image runs as root unless its base image, which is not known, sets one.',
          fix,
        },
      ]
    }
    return [{ message: 'The image runs as root.', fix, ...location }]
  },
}

/** `USER` takes a name or a number, with a group or without. */
const isRoot = (user: string): boolean => /^(?:root|0+)?(?::.*)?$/.test(user.trim())
