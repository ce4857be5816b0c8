import type { Subject } from './rule.ts'

const service =
  /^etc\/(?:services\.d\/[^/]+\/(?:run|finish)|cont-init\.d\/[^/]+|cont-finish\.d\/[^/]+|s6-overlay\/s6-rc\.d\/[^/]+\/(?:run|finish))$/

/** `started` with the container; `own`: the author's, who may call it; or `carried` along by a package, as most are never started. */
type Standing = 'started' | 'own' | 'carried'

const carried =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|prebuilds)\/|^usr\/(?:share|lib\d*|libexec|include|src)\/|^etc\/(?:sv|init\.d|rc\w\.d|cron\.\w+|runit)\//

/** What a program is to the container. Helper scripts of a package that nobody starts are no reason to hold a release up. */
export function standings(subject: Subject): (path: string) => Standing {
  const started = startedPrograms(subject)
  return (path) => (started(path) ? 'started' : carried.test(path) ? 'carried' : 'own')
}

/** Tells whether a file of the image is what the container starts: ENTRYPOINT, CMD, or a service of s6. */
export function startedPrograms({ image }: Subject): (path: string) => boolean {
  const words = [...(image?.config.entrypoint ?? []), ...(image?.config.command ?? [])]
  const paths = new Set(words.filter((word) => word.startsWith('/')).map((word) => word.slice(1)))
  const [first] = words
  const names = new Set(first !== undefined && !first.includes('/') ? [first] : [])
  return (path) =>
    paths.has(path) ||
    service.test(path) ||
    (/(?:^|\/)s?bin\/[^/]+$/.test(path) && names.has(path.slice(path.lastIndexOf('/') + 1)))
}
