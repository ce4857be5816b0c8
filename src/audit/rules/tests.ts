import { leftoverViolations } from '../leftovers.ts'
import type { Rule } from '../rule.ts'

export const tests: Rule = {
  id: 'image/tests',
  severity: 'notice',
  reason: 'Tests of the add-on and of its libraries run before the build, not in the image.',
  source: 'Docker, building best practices: do not install unnecessary packages',
  link: 'https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages',
  check: (input) =>
    leftoverViolations(input, 'tests', 50_000, (paths) => ({
      message: `The image contains tests: ${paths}.`,
      fix: 'Exclude your own tests with .dockerignore. Delete tests of libraries in the RUN that installs them.',
    })),
}
