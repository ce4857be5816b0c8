import type { Addon } from '../addon/addon.ts'
import type { Architecture } from '../core/architecture.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { Options } from '../inputs/options.ts'

/** RFC 3339, in seconds. */
export const timestampOf = (event: GitHubEvent): string =>
  new Date(Math.floor(event.timestamp / 1000) * 1000).toISOString().replace('.000Z', 'Z')

/** `{arch}` and `{version}` are filled in everywhere: as they stand they would reach the users' images. */
export const filled = (text: string, architecture: Architecture, version: string): string =>
  text.replaceAll('{arch}', architecture).replaceAll('{version}', version)

/** Everything that has a text. */
const withText = (pairs: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] =>
  Object.entries(pairs).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')

/** What anybody may know about the image, by the names of the OCI image specification. */
export function ociAnnotations(addon: Addon, version: string, event: GitHubEvent): ReadonlyMap<string, string> {
  return new Map(
    withText({
      'org.opencontainers.image.title': addon.name,
      'org.opencontainers.image.description': addon.description,
      'org.opencontainers.image.source': event.repositoryUrl,
      'org.opencontainers.image.url': addon.url ?? event.repositoryUrl,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': event.sha,
      'org.opencontainers.image.created': timestampOf(event),
      'org.opencontainers.image.licenses': addon.labels.get('org.opencontainers.image.licenses'),
    }),
  )
}

/**
 * Automatic labels, then those of build.yaml, then the input's; `io.hass.version` and `io.hass.arch` are always ours,
 * because the Supervisor acts on them. What the Dockerfile says itself is not overruled by an automatic label.
 */
export function labelsOf(
  addon: Addon,
  architecture: Architecture,
  version: string,
  options: Pick<Options, 'labels' | 'legacy'>,
  event: GitHubEvent,
  inDockerfile: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const { legacy } = options
  const unlessSaid = (pairs: Iterable<readonly [string, string]>) =>
    [...pairs].filter(([name]) => !inDockerfile.has(name))
  // `--release` of the retired builder: labels say another version than the tag.
  const said = legacy?.release ?? version
  const own = withText({
    'io.hass.name': addon.name,
    'io.hass.description': addon.description,
    'io.hass.type': legacy ? 'addon' : 'app',
    'io.hass.url': addon.url,
  })
  const fromFile = [...addon.labels].map(([name, text]) => [name, filled(text, architecture, version)] as const)
  const fromInput = [...options.labels].map(([name, text]) => [name, filled(text, architecture, version)] as const)
  return new Map<string, string>([
    ...unlessSaid(own),
    ...unlessSaid(ociAnnotations(addon, said, event)),
    ...fromFile,
    // There its own came last.
    ...(legacy ? [...own, ['org.opencontainers.image.version', said] as const] : []),
    ...fromInput,
    ['io.hass.version', said],
    ['io.hass.arch', architecture],
  ])
}
