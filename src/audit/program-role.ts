import type { RuleInput } from './rule.ts'

const service =
  /^etc\/(?:services\.d\/[^/]+\/(?:run|finish)|cont-init\.d\/[^/]+|cont-finish\.d\/[^/]+|s6-overlay\/s6-rc\.d\/[^/]+\/(?:run|finish))$/

const dependency =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|prebuilds)\/|^usr\/(?:share|lib\d*|libexec|include|src)\/|^etc\/(?:sv|init\.d|rc\w\.d|cron\.\w+|runit)\//

/** `started`: by the container itself; `own`: a file of the author, which may be called; `dependency`: part of a package, and rarely started. */
type ProgramRole = 'started' | 'own' | 'dependency'

/** Tells the role of a program in the image. A helper script of a package is no reason to prevent a release. */
export function programRoles(input: RuleInput): (path: string) => ProgramRole {
  const isStarted = startedPrograms(input)
  return (path) => (isStarted(path) ? 'started' : dependency.test(path) ? 'dependency' : 'own')
}

/** Tells whether the container starts a program: as ENTRYPOINT or CMD, or as a service of s6. */
export function startedPrograms({ image }: RuleInput): (path: string) => boolean {
  const words = [...(image?.config.entrypoint ?? []), ...(image?.config.command ?? [])]
  const paths = new Set(words.filter((word) => word.startsWith('/')).map((word) => word.slice(1)))
  const [first] = words
  const called = first?.includes('/') ? undefined : first
  return (path) =>
    paths.has(path) ||
    service.test(path) ||
    (/(?:^|\/)s?bin\/[^/]+$/.test(path) && path.slice(path.lastIndexOf('/') + 1) === called)
}
