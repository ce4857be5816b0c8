import type { Addon } from '../addon/addon.ts'
import { before } from '../cut.ts'
import { type Diagnostic, error, isError, notice, warning } from '../diagnostics.ts'
import type { GitHubEvent } from '../host.ts'
import { quoted } from '../inputs/parsed.ts'
import type { Options } from '../options.ts'

export interface Version {
  readonly text: string
  readonly from: 'input' | 'release' | 'config' | 'nothing'
}

/** `v1.2.3` → `1.2.3`; a `v` that begins a word stays. */
export const withoutV = (tag: string): string => tag.replace(/^v(?=\d)/i, '')

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

/**
 * Input, else release tag without its `v`, else config.yaml, else `dev`. The tag of a repository with several add-ons is not the version of each:
 * there config.yaml comes first.
 */
export function versionOf(
  addon: Addon,
  options: Pick<Options, 'version'>,
  event: GitHubEvent,
  single: boolean,
): { readonly version: Version; readonly diagnostics: readonly Diagnostic[] } {
  const config = addon.version?.value
  if (options.version !== undefined) return checked({ text: options.version, from: 'input' }, addon)
  const tag = releaseTag(event)
  if (tag === undefined || (!single && config !== undefined)) {
    return checked(config === undefined ? { text: 'dev', from: 'nothing' } : { text: config, from: 'config' }, addon)
  }
  const released = withoutV(withoutName(tag, addon))
  // With its `v`, where config.yaml has one: the Supervisor asks for the tag that stands there.
  if (config !== undefined && withoutV(config) === released) return checked({ text: config, from: 'config' }, addon)
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

function checked(
  version: Version,
  addon: Addon,
): { readonly version: Version; readonly diagnostics: readonly Diagnostic[] } {
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

/** A version as a tag. */
export const tagText = (version: string): string => version.replaceAll('+', '-')

export interface VersionParts {
  readonly major?: string
  readonly minor?: string
  readonly patch?: string
  readonly prerelease: boolean
}

/**
 * Semantic versions and Home Assistant's calendar versions: `1.2.3`, `1.2`, `2025.12.0`, `2025.12.0b3`, `2025.12.0.dev20251101`,
 * `1.2.3-rc.1`. What comes after the numbers makes a pre-release, but for build metadata (`+…`), a fourth number, and what add-ons
 * count their own changes to somebody else's release with: `1.2.3-2`, `1.2.3-v1`, `1.2.3-r3`, `1.2.3-ls416`.
 * Sources: semver.org; Home Assistant's version scheme (AwesomeVersion, CalVer).
 */
export function partsOf(version: string): VersionParts {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)/i.exec(before(version, '+'))
  if (!match) return { prerelease: true }
  const [, major, minor, patch, rest = ''] = match
  return {
    ...(major !== undefined && { major }),
    ...(minor !== undefined && { minor }),
    ...(patch !== undefined && { patch }),
    prerelease: !/^(\.\d+)*([-_](v|r|rev|p|ls|post)?\d+)?$/i.test(rest),
  }
}
