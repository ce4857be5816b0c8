import type { GitHubEvent } from '../core/host.ts'
import { addressOf } from './http.ts'
import { parseRepository } from './name.ts'

interface PullContext {
  readonly event: Pick<GitHubEvent, 'owner' | 'repositoryUrl'>
  /** `repository.owner.type` of the event: `Organization`, `User`; empty if it is not known. */
  readonly ownerType: string
}

/** Pages listed in one message. */
const mostPages = 4

/** What to do about images that cannot be pulled without a login, with the pages of the registry's settings. Pure. @param images of one registry, without tags. */
export function pullRemedy(images: readonly string[], context: PullContext): string {
  const { registry } = parseRepository(images[0] ?? '')
  const pages = [...new Set(images.flatMap((image) => pageOf(image, context) ?? []))]
  const listed = pages.slice(0, mostPages).map((page) => ` ${page}`)
  const rest = pages.length > mostPages ? ` and ${pages.length - mostPages} more` : ''
  return `${howTo(registry)}${listed.length === 0 ? '' : `:${listed.join('')}${rest}`}. ${onPurpose}`
}

const onPurpose = 'If it is private on purpose, set "pull-check: off".'

function howTo(registry: string): string {
  switch (registry.toLowerCase()) {
    case 'ghcr.io':
      return 'Make each package public: in its settings, "Change visibility", "Public"'
    case 'docker.io':
      return 'Make each repository public: in its settings, "Visibility settings", "Make public"'
    case 'quay.io':
      return 'Make each repository public: in its settings, "Repository Visibility", "Make Public"'
    case 'registry.gitlab.com':
      return 'Make the project and its container registry public: Settings, General, "Visibility, project features, permissions"'
    default:
      return 'Allow pulls without a login in the settings of the registry'
  }
}

/** The page on which the visibility of an image is set; undefined if it is not known. */
function pageOf(image: string, context: PullContext): string | undefined {
  const { registry, path } = parseRepository(image)
  const [owner = '', ...rest] = path.split('/')
  const name = rest.join('/')
  if (name === '') return undefined
  switch (registry.toLowerCase()) {
    case 'ghcr.io':
      return pageOfPackage(owner, name, context)
    case 'docker.io':
      return `https://hub.docker.com/repository/docker/${path}/settings`
    case 'quay.io':
      return `https://quay.io/repository/${path}?tab=settings`
    case 'registry.gitlab.com':
      // Below a project, an image may have further parts.
      return `https://gitlab.com/${owner}/${rest[0]}/edit`
    default:
      return undefined
  }
}

/** Packages of organizations and of users have different pages. Source: GitHub Docs, "Configuring a package's access control and visibility". */
function pageOfPackage(owner: string, name: string, { event, ownerType }: PullContext): string | undefined {
  const server = originOf(event.repositoryUrl)
  if (server === undefined) return undefined
  const isOwn = owner.toLowerCase() === event.owner.toLowerCase()
  const kind = isOwn && ownerType === 'Organization' ? 'orgs' : isOwn && ownerType === 'User' ? 'users' : undefined
  if (kind === undefined) return `${server}/${owner}?tab=packages`
  return `${server}/${kind}/${owner}/packages/container/${encodeURIComponent(name)}/settings`
}

function originOf(url: string): string | undefined {
  try {
    return addressOf(url).origin
  } catch {
    return undefined
  }
}
