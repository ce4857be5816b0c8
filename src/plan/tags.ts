import { isPrerelease, parseVersion, tagText } from '../addon/version.ts'
import { type Diagnostic, error, notice, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { isTag } from '../core/image-reference.ts'
import { quoted } from '../core/parsed.ts'
import { trimEndChars } from '../core/text.ts'
import type { Options } from '../inputs/options.ts'
import { fillTemplate } from '../inputs/template.ts'

export interface TagContext {
  readonly version: string
  readonly slug: string
  readonly event: GitHubEvent
}

/** The templates that hold where the user names none. */
export function defaultTags(version: string, event: GitHubEvent, legacy: Options['legacy']): readonly string[] {
  // The retired builder tagged `latest` whatever it built.
  if (legacy) return ['{version}', ...(legacy.latest ? ['latest'] : []), ...legacy.additionalTags]
  const stable = event.release !== undefined && !event.release.prerelease && !event.release.draft
  return stable && numbersOf(version).length > 0 ? ['{version}', 'latest'] : ['{version}']
}

/** The numbers of a release; none of a pre-release and of what is no version. */
function numbersOf(version: string): readonly string[] {
  const parts = parseVersion(version)
  return parts === undefined || isPrerelease(parts) ? [] : parts.numbers
}

/**
 * Fills tag templates in. One whose placeholder has no value in this event is left out: `pr-{pr}` on a push, `{major}` of a
 * pre-release, which must not move the tag of the stable one.
 * @returns templates with `{arch}` still in them: they differ by architecture.
 */
export function tagsFor(
  templates: readonly string[],
  context: TagContext,
): { readonly tags: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const values = { ...valuesOf(context), arch: '{arch}' }
  const diagnostics: Diagnostic[] = []
  const tags = templates.flatMap((template) => {
    const text = fillTemplate(template, values)
    if (text === undefined) return []
    if (isTag(text.replaceAll('{arch}', 'aarch64'))) return [text]
    diagnostics.push(
      error(
        'plan/bad-tag',
        `${quoted(template)}${template === text ? '' : ` gives ${quoted(text)}, which`} cannot be a tag.`,
        'A tag has letters, digits, ".", "-" and "_", at most 128, and does not begin with "." or "-".',
      ),
    )
    return []
  })
  return { tags: [...new Set(tags)], diagnostics }
}

function valuesOf({ version, slug, event }: TagContext): Readonly<Record<string, string | undefined>> {
  const [major, minor, patch] = event.release?.prerelease || event.release?.draft ? [] : numbersOf(version)
  return {
    version: tagText(version),
    major,
    minor,
    patch,
    sha: event.sha === '' ? undefined : event.sha.slice(0, 7),
    branch: branchOf(event),
    pr: event.pullRequest === undefined ? undefined : String(event.pullRequest.number),
    date: new Date(event.timestamp).toISOString().slice(0, 10).replaceAll('-', ''),
    slug: slug.toLowerCase(),
  }
}

/** A branch may have 250 characters, a tag 128, with what a template adds. */
const longestBranch = 100

/** `feature/new probe` → `feature-new-probe`. A pull request has none: its branch may be anybody's `main`. */
export function branchOf(event: GitHubEvent): string | undefined {
  if (event.pullRequest || !event.ref.startsWith('refs/heads/')) return undefined
  const name = trimEndChars(
    event.ref
      .slice('refs/heads/'.length)
      .replaceAll(/[^\w.-]+/g, '-')
      .slice(0, longestBranch)
      .replace(/^[.-]+/, ''),
    '-',
  )
  return name === '' ? undefined : name
}

/** What a reader should know about the tags of one add-on. */
export function checkTags(
  tags: readonly string[],
  context: TagContext,
  options: Pick<Options, 'push' | 'tags' | 'mode'>,
): readonly Diagnostic[] {
  if (tags.length === 0) {
    const make = options.push ? error : notice
    return [
      make(
        'plan/no-tag',
        `No tag is left for "${context.slug}": no template in "tags" has all its values in a ${context.event.name} event.`,
        'Add one that always has, such as "{version}" or "sha-{sha}".',
      ),
    ]
  }
  if (options.push && context.event.pullRequest && options.tags === undefined) {
    return [
      warning(
        'plan/pull-request-tag',
        `A pull request would publish "${tags.join(', ')}", the tags of the released version.`,
        'Set "push" to false for pull requests, or "tags" to "pr-{pr}".',
      ),
    ]
  }
  return []
}
