import type { Addon } from '../addon/addon.ts'
import { tagText, withoutV } from '../addon/version.ts'
import { type Diagnostic, error, isError, notice, type SourceLocation, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { quoted } from '../core/parsed.ts'
import type { Options } from '../inputs/options.ts'

export interface Version {
  readonly text: string
  readonly from: 'input' | 'release' | 'config' | 'nothing'
}

/** `my-addon-v1.2.3`, `my-addon/1.2.3`: tags of repositories with several add-ons name the one they are for. */
function withoutName(tag: string, addon: Addon): string {
  const names = [addon.slug, addon.folder, addon.folder.split('/').at(-1) ?? ''].map((name) => name.toLowerCase())
  const name = names.find((one) => tag.toLowerCase().startsWith(one) && /^[-_/@]v?\d/i.test(tag.slice(one.length)))
  return name === undefined ? tag : tag.slice(name.length + 1)
}

/** The tag that the event is about: a release, or a push of a tag. */
export function releaseTag(event: GitHubEvent): string | undefined {
  if (event.release) return event.release.tag
  return event.name === 'push' && event.ref.startsWith('refs/tags/') ? event.ref.slice('refs/tags/'.length) : undefined
}

/** An add-on whose config.yaml says another version than the release. */
export interface UnlikeRelease {
  readonly slug: string
  readonly version: string
  readonly released: string
  readonly where?: SourceLocation
}

interface Decided {
  readonly version: Version
  readonly diagnostics: readonly Diagnostic[]
  readonly unlikeRelease?: UnlikeRelease
}

/**
 * Input, else release tag without its `v`, else config.yaml, else `dev`. The tag of a repository with several add-ons is not the version of each, and the
 * retired builder knew no release: there config.yaml comes first.
 * @param alone the repository has no other add-on.
 */
export function versionOf(
  addon: Addon,
  options: Pick<Options, 'version' | 'legacy'>,
  event: GitHubEvent,
  alone: boolean,
): Decided {
  const config = addon.version?.value
  if (options.version !== undefined) return checked({ text: options.version, from: 'input' }, addon)
  const tag = releaseTag(event)
  if (tag === undefined) {
    return checked(config === undefined ? { text: 'dev', from: 'nothing' } : { text: config, from: 'config' }, addon)
  }
  const released = withoutV(withoutName(tag, addon))
  // With its `v`, where config.yaml has one: the Supervisor asks for the tag that stands there.
  if (config !== undefined && withoutV(config) === released) return checked({ text: config, from: 'config' }, addon)
  if (config !== undefined && (options.legacy || !alone)) {
    const result = checked({ text: config, from: 'config' }, addon)
    // `other-addon-1.2` and `nightly` are no version of this one; `--release` says that another one is meant.
    if (!/^\d/.test(released) || options.legacy?.release !== undefined) return result
    const where = addon.version?.where
    return { ...result, unlikeRelease: { slug: addon.slug, version: config, released, ...(where && { where }) } }
  }
  const result = checked({ text: released, from: 'release' }, addon)
  if (config === undefined || result.diagnostics.some(isError)) return result
  return {
    ...result,
    diagnostics: [
      ...result.diagnostics,
      warning(
        'plan/version-differs',
        `The release is ${released}, but config.yaml says ${config}, and that is the tag the Supervisor will look for.`,
        `Set "version: ${released}" in config.yaml before the release.`,
        addon.version?.where,
      ),
    ],
  }
}

/** One warning for all add-ons of the run whose config.yaml says another version than the release. */
export function releaseDiffers(found: readonly UnlikeRelease[]): readonly Diagnostic[] {
  const [first] = found
  if (first === undefined) return []
  const list = found.map(({ slug, version }) => `${version}${found.length > 1 ? ` of ${slug}` : ''}`).join(', ')
  return [
    warning(
      'plan/version-differs',
      `The release is ${first.released}, but config.yaml says ${list}, and that is published: the Supervisor asks for the version of config.yaml.`,
      found.length > 1
        ? 'Nothing has to be done where the release is that of the repository; else set "version" in each config.yaml before the release.'
        : `Set "version: ${first.released}" in config.yaml before the release, or set the input "version".`,
      first.where,
    ),
  ]
}

function checked(version: Version, addon: Addon): Decided {
  const where = version.from === 'config' ? addon.version?.where : undefined
  if (!/^\w[\w.+-]{0,127}$/.test(version.text)) {
    return {
      version,
      diagnostics: [
        error(
          'plan/bad-version',
          `${quoted(version.text)} cannot be a version, because it has to be a tag as well.`,
          'Use letters, digits, ".", "-" and "_", at most 128.',
          where,
        ),
      ],
    }
  }
  if (!version.text.includes('+')) return { version, diagnostics: [] }
  const message = `A tag cannot have a "+": ${version.text} becomes ${tagText(version.text)}.`
  return {
    version,
    diagnostics: [
      version.from === 'config'
        ? warning(
            'plan/tag-changed',
            `${message} The Supervisor looks for the version as it stands here, and finds no image.`,
            'Write it without "+".',
            where,
          )
        : notice('plan/tag-changed', message, 'Nothing has to be done, unless config.yaml writes it with "+".'),
    ],
  }
}
