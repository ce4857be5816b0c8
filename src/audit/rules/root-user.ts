import { at, type Rule, stepsOf } from '../rule.ts'
import { startsS6 } from '../s6.ts'

export const rootUser: Rule = {
  id: 'image/root-user',
  severity: 'warning',
  reason: 'A process that breaks out of a root container is root on the device.',
  source: 'CIS Docker Benchmark 4.1',
  link: 'https://docs.docker.com/build/building/best-practices/#user',
  check(subject) {
    const { image, dockerfile } = subject
    const last = stepsOf(subject, 'USER').at(-1)
    const written = last && dockerfile?.value(last.text)
    // A USER that only BuildKit can fill in is not judged without the image.
    const user = image ? image.config.user : last ? written : ''
    if (user === undefined || !isRoot(user)) return []
    const where = last && dockerfile ? { where: at(dockerfile, last) } : {}
    if (startsS6(subject)) {
      return [
        {
          severity: 'notice',
          message: 'The image starts as root, as s6-overlay has to.',
          fix: 'Let each service give root up: "s6-setuidgid NAME" before its command in its run script.',
          ...where,
        },
      ]
    }
    if (!image && !last && dockerfile?.chain[0]?.image === '') {
      return [
        {
          severity: 'notice',
          message:
            'The Dockerfile has no USER, so the image runs as root unless its base, which is not known, sets one.',
          fix: 'Add USER with a non-root name after the last RUN.',
        },
      ]
    }
    return [{ message: 'The image runs as root.', fix: 'Add USER with a non-root name after the last RUN.', ...where }]
  },
}

/** `USER` takes a name or a number, with a group or without. */
const isRoot = (user: string): boolean => /^(?:root|0+)?(?::.*)?$/.test(user.trim())
