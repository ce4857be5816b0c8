import type { Addon } from '../addon/addon.ts'
import type { Architecture } from '../core/architecture.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { AddonContext } from './context.ts'

/** The time of the event as RFC 3339, without fractions of a second. */
export const timestampOf = (event: GitHubEvent): string =>
  new Date(Math.floor(event.timestamp / 1000) * 1000).toISOString().replace('.000Z', 'Z')

/** Replaces `{arch}` and `{version}`, which would otherwise be published in images. */
export const filled = (text: string, architecture: Architecture, version: string): string =>
  text.replaceAll('{arch}', architecture).replaceAll('{version}', version)

/** The pairs that have a value. */
export const withText = (pairs: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] =>
  Object.entries(pairs).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')

/** Public facts about the image, by the names of the OCI image specification. */
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
 * Automatic labels, then those of build.yaml, then the input's; `io.hass.version` and `io.hass.arch` are always set by this action,
 * because the Supervisor uses them. Labels in the Dockerfile come before automatic ones.
 */
export function labelsOf(
  { addon, version, options, event }: AddonContext,
  architecture: Architecture,
  inDockerfile: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const { legacy } = options
  const unlessInDockerfile = (pairs: Iterable<readonly [string, string]>) =>
    [...pairs].filter(([name]) => !inDockerfile.has(name))
  // With `--release` of the retired builder, labels have another version than the tag.
  const released = legacy?.release ?? version
  const own = withText({
    'io.hass.name': addon.name,
    'io.hass.description': addon.description,
    'io.hass.type': legacy ? 'addon' : 'app',
    'io.hass.url': addon.url,
  })
  const fill = ([name, text]: readonly [string, string]) => [name, filled(text, architecture, version)] as const
  return new Map<string, string>([
    ...unlessInDockerfile(own),
    ...unlessInDockerfile(ociAnnotations(addon, released, event)),
    ...[...addon.labels].map(fill),
    // With `args`, automatic labels override those of build.yaml, as in the retired builder.
    ...(legacy ? [...own, ['org.opencontainers.image.version', released] as const] : []),
    ...[...options.labels].map(fill),
    ['io.hass.version', released],
    ['io.hass.arch', architecture],
  ])
}
