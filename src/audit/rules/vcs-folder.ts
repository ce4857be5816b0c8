import { leftoverViolations } from '../leftovers.ts'
import type { Rule } from '../rule.ts'

export const vcsFolder: Rule = {
  id: 'image/vcs-folder',
  severity: 'warning',
  reason:
    'A repository contains everything that was ever committed, including deleted secrets, and changes with every commit.',
  source: 'Docker, building best practices: exclude with .dockerignore',
  link: 'https://docs.docker.com/build/concepts/context/#dockerignore-files',
  check: (input) =>
    leftoverViolations(input, 'vcs', 0, (paths) => ({
      message: `The image contains a version control folder: ${paths}.`,
      fix: 'Add "**/.git" to .dockerignore. If a RUN clones a repository, delete the folder in the same RUN, or use ADD with the URL of the repository.',
    })),
}
