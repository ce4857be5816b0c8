import type { Facts, Need } from '../facts.ts'

/** A piece that may be missing on a CI machine, and the reason that the test environment then reports. */
interface Lack {
  readonly need: Need
  readonly reason: RegExp
  readonly because: string
}

/** The only accepted reasons for skipped tests in CI. Any other skipped test is a failure. */
export const mayLack: readonly Lack[] = [
  {
    need: 'emulators',
    reason: /^mount .*binfmt_misc/,
    because: 'A container without privileges cannot mount binfmt_misc, where emulators are registered with the kernel.',
  },
  {
    need: 'browser',
    reason: /^no Chromium$/,
    because: 'Ubuntu provides Chromium only as a snap, which does not run in a container.',
  },
  {
    need: 'cosign',
    reason: /^(no cosign|nothing is installed on a GitHub runner)$/,
    because: 'Ubuntu has no package of cosign, and nothing is installed on a GitHub runner.',
  },
]

/**
 * Pure: one line for each test that must not be skipped in CI, with the reason. `describeWith` writes the missing pieces into the names of skipped tests.
 * `missing`: the missing pieces of the test environment; empty for tests that do not use it.
 */
export function unexcusedSkips(skipped: readonly string[], missing: Facts['missing']): readonly string[] {
  const pieces = Object.entries(missing) as [Need, string][]
  return skipped.flatMap((test) => {
    const lacks = pieces.filter(([need, reason]) => test.includes(`${need}: ${reason}`))
    if (lacks.length === 0) return [`${test}: the name lists no missing piece of the test environment`]
    const wrong = lacks.filter(
      ([need, reason]) => !mayLack.some((lack) => lack.need === need && lack.reason.test(reason)),
    )
    return wrong.length === 0
      ? []
      : [`${test}: ${wrong.map(([need]) => need).join(' and ')} ${wrong.length === 1 ? 'is' : 'are'} available in CI`]
  })
}
