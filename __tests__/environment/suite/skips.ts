import type { Facts, Need } from '../facts.ts'

/** A piece that a machine may truly lack, and what the test environment says then. */
interface Lack {
  readonly need: Need
  readonly reason: RegExp
  readonly because: string
}

/** All that may be skipped in CI. Anything else that is skipped there is a failure. */
export const mayLack: readonly Lack[] = [
  {
    need: 'emulators',
    reason: /^mount .*binfmt_misc/,
    because: 'A container without privileges cannot mount binfmt_misc, where the kernel is told of emulators.',
  },
  {
    need: 'browser',
    reason: /^no Chromium$/,
    because: 'Ubuntu has Chromium as a snap only, which does not run in a container.',
  },
  {
    need: 'cosign',
    reason: /^(no cosign|nothing is installed on a GitHub runner)$/,
    because: 'Ubuntu has no package of cosign, and nothing is installed on a GitHub runner.',
  },
]

/**
 * Pure: why these tests may not be skipped in CI, one line each. Their names hold what is missing, as `describeWith` writes it.
 * `missing`: of the test environment; empty for tests that need none.
 */
export function unexcusedSkips(skipped: readonly string[], missing: Facts['missing']): readonly string[] {
  const pieces = Object.entries(missing) as [Need, string][]
  return skipped.flatMap((test) => {
    const lacks = pieces.filter(([need, reason]) => test.includes(`${need}: ${reason}`))
    if (lacks.length === 0) return [`${test}: no missing piece of the test environment explains it`]
    const wrong = lacks.filter(
      ([need, reason]) => !mayLack.some((lack) => lack.need === need && lack.reason.test(reason)),
    )
    return wrong.length === 0 ? [] : [`${test}: ${wrong.map(([need]) => need).join(' and ')} can be had in CI`]
  })
}
