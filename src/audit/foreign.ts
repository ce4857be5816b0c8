import type { Diagnostic } from '../core/diagnostics.ts'
import type { Finding } from './finding.ts'

/** Rules of other tools that ours know more about: they see variables filled in, or the image itself. */
const covered = new Set([
  'hadolint/DL3002',
  'hadolint/DL3006',
  'hadolint/DL3007',
  'hadolint/DL3009',
  'hadolint/DL3019',
  'hadolint/DL3042',
  'hadolint/DL3057',
])

/** The same matter under another name: said once where it is found at the same line. The first of each list is kept. */
const same: readonly (readonly string[])[] = [
  [
    'secret/environment',
    'secret/build-argument',
    'secret/history',
    'buildkit/SecretsUsedInArgOrEnv',
    'hadolint/DL3064',
  ],
  ['dockerfile/base-not-pinned', 'hadolint/DL3022'],
  ['dockerfile/add-url', 'hadolint/DL3020'],
  ['buildkit/JSONArgsRecommended', 'hadolint/DL3025'],
  ['buildkit/MaintainerDeprecated', 'hadolint/DL4000'],
  ['buildkit/MultipleInstructionsDisallowed', 'hadolint/DL4003', 'hadolint/DL4004', 'hadolint/DL3012'],
  ['buildkit/DuplicateStageName', 'hadolint/DL3024'],
  ['buildkit/WorkdirRelativePath', 'hadolint/DL3000'],
  ['buildkit/FromPlatformFlagConstDisallowed', 'hadolint/DL3029'],
]

/** Matters of taste do not hold a release up. */
const style =
  /^(?:.*Casing|LegacyKeyValueFormat|MaintainerDeprecated|InvalidDefaultArgInFrom|RedundantTargetPlatform|NoEmptyContinuation)$/

/** BuildKit's own checks, as the build reported them, in the form of our findings. */
export const fromBuildKit = (warnings: readonly Diagnostic[]): readonly Finding[] =>
  warnings.map(({ code, message, remedy, where }) => {
    const name = code.replace(/^dockerfile\//, '')
    const link = /https:\/\/\S+/.exec(remedy)?.[0].replace(/[.,]$/, '')
    return {
      rule: `buildkit/${name}`,
      severity: style.test(name) ? 'notice' : 'warning',
      message,
      fix: remedy,
      ...(link !== undefined && { link }),
      ...(where && { where }),
    }
  })

/** Ours first, then those of others that say something new. */
export function withoutDoubles(own: readonly Finding[], foreign: readonly Finding[]): readonly Finding[] {
  const kept = [...own]
  for (const finding of foreign) {
    if (covered.has(finding.rule)) continue
    const group = same.find((rules) => rules.includes(finding.rule))
    const told = kept.some(
      ({ rule, where, message }) =>
        (rule === finding.rule && message === finding.message && where?.line === finding.where?.line) ||
        (rule !== finding.rule && group?.includes(rule) && where?.line === finding.where?.line),
    )
    if (!told) kept.push(finding)
  }
  return kept
}
