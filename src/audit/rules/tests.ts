import type { Rule } from '../rule.ts'
import { litter } from './litter.ts'

export const tests: Rule = {
  id: 'image/tests',
  severity: 'notice',
  reason: 'Tests of the add-on or of its libraries run before an image is built, never in it.',
  source: 'Docker, building best practices: do not install unnecessary packages',
  link: 'https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages',
  check: (subject) =>
    litter(subject, 'tests', 50_000, (roots) => ({
      message: `Tests are in the image: ${roots}.`,
      fix: 'Exclude your own with .dockerignore; delete those of libraries in the RUN that installs them.',
    })),
}
