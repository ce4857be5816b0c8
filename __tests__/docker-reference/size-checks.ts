import type { Architecture } from '../../src/core/architecture.ts'
import type { TargetReport } from '../../src/report/model/report.ts'
import { type BeforeAfter, reductionOf, rowsOf, type SizeRow, targetsOf } from './before-after.ts'

/** Checks of the claims in README.md about the sizes. Pure functions; each returns one sentence for every claim that does not hold. */

/** Percent. */
const minimumReduction = 60

/** The image is at least 60 % smaller on each of these architectures, on disk and as a download. */
export function insufficientReductions(
  measured: BeforeAfter,
  architectures: readonly Architecture[],
): readonly string[] {
  const rows = rowsOf(measured)
  const names = rows.map(({ architecture }) => architecture)
  return [
    ...(names.join() === architectures.join() ? [] : [`measured ${names.join()} instead of ${architectures.join()}`]),
    ...rows.flatMap((row) =>
      (['onDisk', 'download'] as const).flatMap((metric) =>
        row[metric][1] > 0 && reductionOf(row[metric]) >= minimumReduction
          ? []
          : [
              `${row.architecture}: ${metric} went from ${row[metric][0]} to ${row[metric][1]} bytes, a reduction of less than ${minimumReduction} %`,
            ],
      ),
    ),
  ]
}

/** Both images contain the same base layers. */
export function differentBases({ before, after }: BeforeAfter): readonly string[] {
  const bases = (targets: readonly TargetReport[]) =>
    targets.map(({ size }) => {
      const { base, layers = [] } = size?.measure ?? {}
      return layers.slice(0, base?.layers).map(({ digest }) => digest)
    })
  const first = bases(targetsOf(before))
  const second = bases(targetsOf(after))
  return targetsOf(after).flatMap(({ architecture }, index) =>
    first[index]?.length && first[index]?.join() === second[index]?.join()
      ? []
      : [`${architecture}: the base layers are [${first[index]?.join()}] before and [${second[index]?.join()}] after`],
  )
}

/** The audit of the image after has no findings, not even notices. */
export const findingsAfter = ({ after }: BeforeAfter): readonly string[] =>
  targetsOf(after).flatMap(({ architecture, audit }) =>
    audit === undefined
      ? [`${architecture}: no audit`]
      : audit.map(({ rule }) => `${architecture}: the audit reports ${rule}`),
  )

/** The audit of the image before has exactly the expected findings, and its compilers take more than 100 MB. */
export const unexpectedFindingsBefore = ({ before }: BeforeAfter): readonly string[] =>
  targetsOf(before).flatMap(({ architecture, audit = [] }) => {
    const actual = audit.map(({ rule, severity, where }) => `${severity} ${rule}:${where?.line}`).sort()
    const expected = expectedBefore(architecture)
    const compilers = audit.find(({ rule }) => rule === 'image/build-tools')?.bytes ?? 0
    return [
      ...(actual.join() === expected.join()
        ? []
        : [`${architecture}: the audit reports\n${actual.join('\n')}\ninstead of\n${expected.join('\n')}`]),
      ...(compilers > 100e6 ? [] : [`${architecture}: the compilers take only ${compilers} bytes`]),
    ]
  })

const expectedBefore = (architecture: string): readonly string[] => [
  'notice image/bytecode:14',
  'notice image/tests:14',
  // The wheel of debugpy contains x86 binaries on every architecture.
  ...(architecture === 'amd64' ? [] : ['notice image/wrong-architecture:14']),
  'warning dockerfile/cache-order:14',
  'warning image/build-tools:5',
  'warning image/dev-packages:5',
  'warning image/no-healthcheck:3',
  'warning image/package-cache:5',
  'warning image/root-user:3',
]

/** The rows of a document are within 10 % of the measured ones. The document may contain more architectures. */
export const outdatedRows = (documented: readonly SizeRow[], measured: readonly SizeRow[]): readonly string[] =>
  measured.flatMap((row) => {
    const match = documented.find(({ architecture }) => architecture === row.architecture)
    if (!match) return [`${row.architecture} is not in the table`]
    return (['onDisk', 'download'] as const).flatMap((metric) =>
      row[metric].flatMap((bytes, side) => {
        const inTable = match[metric][side] ?? 0
        return Math.abs(inTable - bytes) <= 0.1 * bytes
          ? []
          : [`${row.architecture}: ${metric} is ${bytes} bytes, but ${inTable} in the table`]
      }),
    )
  })

/** All checks except `outdatedRows`, for `npm run sizes`, which writes the tables. */
export const brokenClaims = (measured: BeforeAfter, architectures: readonly Architecture[]): readonly string[] => [
  ...insufficientReductions(measured, architectures),
  ...differentBases(measured),
  ...findingsAfter(measured),
  ...unexpectedFindingsBefore(measured),
]
