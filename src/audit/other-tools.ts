import type { Diagnostic } from '../core/diagnostics.ts'
import type { Finding } from './finding.ts'

/** Rules of hadolint that our own rules replace. Ours know the values of variables, or the image itself. */
const covered = /^hadolint\/DL(?:3002|3006|3007|3009|3019|3042|3057)$/

/** Rules of several tools for the same problem: reported once for a line, by the first tool. */
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

/** Checks of style: notices, so that they do not prevent a release. */
const style =
  /^(?:.*Casing|LegacyKeyValueFormat|MaintainerDeprecated|InvalidDefaultArgInFrom|RedundantTargetPlatform|NoEmptyContinuation)$/

/** The results of BuildKit's checks, as the build reported them, as findings. */
export const buildKitFindings = (warnings: readonly Diagnostic[]): readonly Finding[] =>
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

/** Our findings, then those of other tools that report something else. */
export function mergeFindings(own: readonly Finding[], foreign: readonly Finding[]): readonly Finding[] {
  const kept = [...own]
  for (const finding of foreign) {
    if (covered.test(finding.rule)) continue
    const group = same.find((rules) => rules.includes(finding.rule))
    const isReported = kept.some(
      ({ rule, where, message }) =>
        where?.line === finding.where?.line &&
        (rule === finding.rule ? message === finding.message : group?.includes(rule)),
    )
    if (!isReported) kept.push(finding)
  }
  return kept
}
