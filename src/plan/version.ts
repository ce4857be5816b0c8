import type { Addon } from '../addon/addon.ts'
import { tagText, withoutV } from '../addon/version.ts'
import { type Diagnostic, error, isError, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { quoted } from '../core/parsed.ts'
import type { PlanOptions } from '../inputs/options.ts'

/** `my-addon-v1.2.3`, `my-addon/1.2.3`: tags in repositories with several add-ons begin with the name of one. */
function withoutName(tag: string, addon: Addon): string {
  const names = [addon.slug, addon.folder, addon.folder.split('/').at(-1) ?? ''].map((name) => name.toLowerCase())
  const name = names.find((one) => tag.toLowerCase().startsWith(one) && /^[-_/@]v?\d/i.test(tag.slice(one.length)))
  return name === undefined ? tag : tag.slice(name.length + 1)
}

/** The tag of the event: that of a release, or a pushed one. */
export function releaseTag(event: GitHubEvent): string | undefined {
  if (event.release) return event.release.tag
  return event.name === 'push' && event.ref.startsWith('refs/tags/') ? event.ref.slice('refs/tags/'.length) : undefined
}

/** An add-on whose config.yaml has another version than the release. */
export interface UnlikeRelease {
  readonly slug: string
  readonly version: string
  readonly released: string
  readonly where?: SourceLocation
}

interface Decided {
  readonly version: string
  /** Location in config.yaml, if the version is that of config.yaml. */
  readonly where?: SourceLocation
  readonly diagnostics: readonly Diagnostic[]
  readonly unlikeRelease?: UnlikeRelease
}

/**
 * Input, else release tag without its `v`, else config.yaml, else `dev`. The tag of a repository with several add-ons is not the version of each, and the
 * retired builder ignored releases: in these cases config.yaml comes first.
 * @param alone the repository has no other add-on.
 */
export function versionOf(
  addon: Addon,
  options: Pick<PlanOptions, 'version' | 'legacy'>,
  event: GitHubEvent,
  alone: boolean,
): Decided {
  const config = addon.version
  if (options.version !== undefined) return checked(options.version)
  const tag = releaseTag(event)
  if (tag === undefined) return config === undefined ? checked('dev') : checked(config.value, config)
  const released = withoutV(withoutName(tag, addon))
  // With its `v`, if config.yaml has one: the Supervisor requests that tag.
  if (config !== undefined && withoutV(config.value) === released) return checked(config.value, config)
  if (config !== undefined && (options.legacy || !alone)) {
    const result = checked(config.value, config)
    // `other-addon-1.2` and `nightly` are no versions of this add-on; `--release` means that another version is intended.
    if (!/^\d/.test(released) || options.legacy?.release !== undefined) return result
    const { value: version, where } = config
    return { ...result, unlikeRelease: { slug: addon.slug, version, released, ...(where && { where }) } }
  }
  const result = checked(released)
  if (config === undefined || result.diagnostics.some(isError)) return result
  return {
    ...result,
    diagnostics: [
      ...result.diagnostics,
      warning(
        'plan/version-differs',
        `The release is ${released}, but the version in config.yaml is ${config.value}, which is the tag that the Supervisor requests.`,
        `Set "version: ${released}" in config.yaml before the release.`,
        config.where,
      ),
    ],
  }
}

/** One warning for all add-ons of the run whose config.yaml has another version than the release. */
export function* releaseDiffers(found: readonly UnlikeRelease[]): Generator<Diagnostic> {
  const [first] = found
  if (first === undefined) return
  const list = found.map(({ slug, version }) => `${version}${found.length > 1 ? ` of ${slug}` : ''}`).join(', ')
  yield warning(
    'plan/version-differs',
    `The release is ${first.released}, but the version in config.yaml is ${list}, which is published: the Supervisor requests the version in config.yaml.`,
    found.length > 1
      ? 'No action is needed if the release is for the whole repository. Otherwise, set "version" in each config.yaml before the release.'
      : `Set "version: ${first.released}" in config.yaml before the release, or set the input "version".`,
    first.where,
  )
}

/** @param config the version of config.yaml, if it is this one. */
const checked = (version: string, config?: Addon['version']): Decided => ({
  version,
  ...(config?.where && { where: config.where }),
  diagnostics: [...problemsOf(version, config)],
})

function* problemsOf(version: string, config: Addon['version']): Generator<Diagnostic> {
  const message = `A tag cannot contain a "+": ${version} becomes ${tagText(version)}.`
  if (!/^\w[\w.+-]{0,127}$/.test(version)) {
    yield error(
      'plan/bad-version',
      `${quoted(version)} is not a valid version, because it is not valid as a tag.`,
      'Use letters, digits, ".", "-" and "_", at most 128.',
      config?.where,
    )
  } else if (version.includes('+')) {
    yield config
      ? warning(
          'plan/tag-changed',
          `${message} The Supervisor requests the version with "+", and finds no image.`,
          'Write it without "+".',
          config.where,
        )
      : notice('plan/tag-changed', message, 'No action is needed, unless the version in config.yaml has a "+".')
  }
}
