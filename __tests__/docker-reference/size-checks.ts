import type { Architecture } from '../../src/core/architecture.ts'
import type { TargetReport } from '../../src/report/model/report.ts'
import { type BeforeAfter, rowsOf, type SizeRow, smallerBy, targetsOf } from './before-after.ts'

/** What README.md claims about the image of the guide. Each function gives one sentence for each claim that does not hold. All are pure. */

/** The image is smaller by so many per cent at least. */
const leastSaving = 60

/** Smaller by 60 % at least on each of these architectures, on disk and as a download. */
export function tooLarge(measured: BeforeAfter, architectures: readonly Architecture[]): readonly string[] {
  const rows = rowsOf(measured)
  const names = rows.map(({ architecture }) => architecture)
  return [
    ...(names.join() === architectures.join() ? [] : [`measured ${names.join()} instead of ${architectures.join()}`]),
    ...rows.flatMap((row) =>
      (['onDisk', 'download'] as const).flatMap((what) =>
        row[what][1] > 0 && smallerBy(row[what]) >= leastSaving
          ? []
          : [
              `${row.architecture}: ${what} went from ${row[what][0]} to ${row[what][1]} bytes, less than ${leastSaving} %`,
            ],
      ),
    ),
  ]
}

/** Both images have the same layers of a base. */
export function otherBases({ before, after }: BeforeAfter): readonly string[] {
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
      : [`${architecture}: the base was [${first[index]?.join()}] before and is [${second[index]?.join()}]`],
  )
}

/** The audit of the image of the guide has no finding, not even a notice. */
export const findingsAfter = ({ after }: BeforeAfter): readonly string[] =>
  targetsOf(after).flatMap(({ architecture, audit }) =>
    audit === undefined
      ? [`${architecture}: no audit`]
      : audit.map(({ rule }) => `${architecture}: the audit reports ${rule}`),
  )

/** The audit of the other image has exactly these findings, and its compilers take more than 100 MB. */
export const otherFindingsBefore = ({ before }: BeforeAfter): readonly string[] =>
  targetsOf(before).flatMap(({ architecture, audit = [] }) => {
    const found = audit.map(({ rule, severity, where }) => `${severity} ${rule}:${where?.line}`).sort()
    const expected = expectedBefore(architecture)
    const compilers = audit.find(({ rule }) => rule === 'image/build-tools')?.bytes ?? 0
    return [
      ...(found.join() === expected.join()
        ? []
        : [`${architecture}: the audit reports\n${found.join('\n')}\ninstead of\n${expected.join('\n')}`]),
      ...(compilers > 100e6 ? [] : [`${architecture}: the compilers take ${compilers} bytes only`]),
    ]
  })

const expectedBefore = (architecture: string): readonly string[] => [
  'notice image/bytecode:14',
  // Half a health check: config.yaml has a watchdog.
  'notice image/no-healthcheck:3',
  'notice image/tests:14',
  // The debugger's wheel brings its helpers for Intel everywhere.
  ...(architecture === 'amd64' ? [] : ['notice image/wrong-architecture:14']),
  'warning dockerfile/cache-order:14',
  'warning image/build-tools:5',
  'warning image/dev-packages:5',
  'warning image/package-cache:5',
  'warning image/root-user:3',
]

/** The rows of a document agree with the rows that were measured, to a tenth. The document may have more architectures. */
export const outdated = (shown: readonly SizeRow[], measured: readonly SizeRow[]): readonly string[] =>
  measured.flatMap((row) => {
    const other = shown.find(({ architecture }) => architecture === row.architecture)
    if (!other) return [`${row.architecture} is not in the table`]
    return (['onDisk', 'download'] as const).flatMap((what) =>
      row[what].flatMap((bytes, side) => {
        const said = other[what][side] ?? 0
        return Math.abs(said - bytes) <= 0.1 * bytes
          ? []
          : [`${row.architecture}: ${what} is ${bytes} bytes, and the table says ${said}`]
      }),
    )
  })

/** All of it, for `npm run sizes`, which writes the tables itself. */
export const brokenClaims = (measured: BeforeAfter, architectures: readonly Architecture[]): readonly string[] => [
  ...tooLarge(measured, architectures),
  ...otherBases(measured),
  ...findingsAfter(measured),
  ...otherFindingsBefore(measured),
]
