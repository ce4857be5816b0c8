import { isPrerelease, parseVersion, tagText } from '../addon/version.ts'
import { type Diagnostic, error, notice, warning } from '../core/diagnostics.ts'
import type { GitHubEvent } from '../core/host.ts'
import { isTag } from '../core/image-reference.ts'
import { quoted } from '../core/parsed.ts'
import { trimEndChars } from '../core/text.ts'
import type { PlanOptions } from '../inputs/options.ts'
import { fillTemplate } from '../inputs/template.ts'

interface TagContext {
  readonly version: string
  readonly slug: string
  readonly event: GitHubEvent
  /** Value of `{channel}`. Undefined: none. */
  readonly channel?: string | undefined
}

/** The default of `tags`. */
export function defaultTags(version: string, event: GitHubEvent, legacy: PlanOptions['legacy']): readonly string[] {
  // The retired builder always tagged `latest`.
  if (legacy) return ['{version}', ...(legacy.latest ? ['latest'] : []), ...legacy.additionalTags]
  const stable = event.release !== undefined && !event.release.prerelease && !event.release.draft
  return stable && numbersOf(version).length > 0 ? ['{version}', 'latest'] : ['{version}']
}

/** The numbers of a release; none of a pre-release and of other strings. */
function numbersOf(version: string): readonly string[] {
  const parts = parseVersion(version)
  return parts === undefined || isPrerelease(parts) ? [] : parts.numbers
}

/**
 * Expands tag templates. A template is left out if a placeholder has no value in this event: `pr-{pr}` on a push, `{major}` of a
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
        `${quoted(template)}${template === text ? '' : ` results in ${quoted(text)}, which`} is not a valid tag.`,
        'Use letters, digits, ".", "-" and "_", at most 128, and do not begin with "." or "-".',
      ),
    )
    return []
  })
  return { tags: [...new Set(tags)], diagnostics }
}

function valuesOf({ version, slug, event, channel }: TagContext): Readonly<Record<string, string | undefined>> {
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
    channel,
    slug: slug.toLowerCase(),
  }
}

/** A branch name can have 250 characters, a tag 128, including the rest of its template. */
const longestBranch = 100

/** `feature/new probe` → `feature-new-probe`. Undefined for a pull request: the branch of a fork may also be called `main`. */
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

/** Problems with the tags of one add-on. */
export function* checkTags(
  tags: readonly string[],
  { slug, event }: TagContext,
  options: Pick<PlanOptions, 'push' | 'tags'>,
): Generator<Diagnostic> {
  if (tags.length === 0) {
    const make = options.push ? error : notice
    yield make(
      'plan/no-tag',
      `"${slug}" has no tag: every template in "tags" has a placeholder without a value in a ${event.name} event.`,
      'Add a template that always has a value, such as "{version}" or "sha-{sha}".',
    )
  } else if (options.push && event.pullRequest && options.tags === undefined) {
    yield warning(
      'plan/pull-request-tag',
      `A pull request would publish "${tags.join(', ')}", the tags of the released version.`,
      'Set "push" to false for pull requests, or "tags" to "pr-{pr}".',
    )
  }
}
