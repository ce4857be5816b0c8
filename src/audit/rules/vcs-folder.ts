import type { Rule } from '../rule.ts'
import { litter } from './litter.ts'

export const vcsFolder: Rule = {
  id: 'image/vcs-folder',
  severity: 'warning',
  reason: 'A repository holds all that was ever committed, deleted secrets too, and changes with every commit.',
  source: 'Docker, building best practices: exclude with .dockerignore',
  link: 'https://docs.docker.com/build/concepts/context/#dockerignore-files',
  check: (subject) =>
    litter(subject, 'vcs', 0, (roots) => ({
      message: `A version control folder is in the image: ${roots}.`,
      fix: 'Add "**/.git" to .dockerignore; after a git clone in a RUN, delete the folder in the same RUN, or use ADD with the address of the repository.',
    })),
}
