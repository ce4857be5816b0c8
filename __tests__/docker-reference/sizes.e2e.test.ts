import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../testbed/describe-with.ts'
import {
  type BeforeAfter,
  documents,
  measureBeforeAfter,
  readTable,
  rowsOf,
  smallerBy,
  targetsOf,
} from './before-after.ts'

describeWith(
  ['engine', 'emulators', 'bases'],
  'The image of the guide, beside what many add-ons look like',
  (facts) => {
    let measured: BeforeAfter
    // Compilers are installed for three architectures, two of them emulated, unless the engine still has them in its cache.
    beforeAll(async () => {
      measured = await measureBeforeAfter(facts)
    }, 1_200_000)

    test('stands on the same base, and is smaller by 60 % at least on every architecture', () => {
      const rows = rowsOf(measured)
      expect(rows.map(({ architecture }) => architecture)).toEqual(facts.runnable)
      const small = (both: readonly [number, number]) => both[1] > 0 && smallerBy(both) >= 60
      expect(rows.filter(({ onDisk, download }) => !(small(onDisk) && small(download)))).toEqual([])
      const bases = (report: 'before' | 'after') =>
        targetsOf(measured[report]).map(({ size }) => {
          const { base, layers = [] } = size?.measure ?? {}
          return layers.slice(0, base?.layers).map(({ digest }) => digest)
        })
      expect(bases('before').map(({ length }) => length > 0)).toEqual(facts.runnable.map(() => true))
      expect(bases('after')).toEqual(bases('before'))
    })

    test('has no finding of the audit, not the least', () => {
      expect(targetsOf(measured.after).map(({ architecture, audit }) => [architecture, audit])).toEqual(
        facts.runnable.map((architecture) => [architecture, []]),
      )
    })

    test('would have had exactly these findings before', () => {
      for (const { architecture, audit = [] } of targetsOf(measured.before)) {
        expect(audit.map(({ rule, severity, where }) => `${severity} ${rule}:${where?.line}`).sort()).toEqual([
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
        ])
        const saved = (rule: string) => audit.find((finding) => finding.rule === rule)?.bytes ?? 0
        expect(saved('image/build-tools')).toBeGreaterThan(100e6)
      }
    })

    // Those of another base are other figures; the table says which one it is about.
    test.each(documents)('is measured as the table in %s says', (document) => {
      const rows = rowsOf(measured)
      const shown = readTable(readFileSync(resolve(document), 'utf8'))
      expect(shown.map(({ architecture }) => architecture)).toEqual(rows.map(({ architecture }) => architecture))
      const near = (a: number, b: number) => Math.abs(a - b) <= 0.1 * b
      const wrong = rows.filter((row, index) =>
        (['onDisk', 'download'] as const).some((what) =>
          [0, 1].some((side) => !near(shown[index]?.[what][side] ?? 0, row[what][side] ?? 0)),
        ),
      )
      expect(wrong).toEqual([])
    })
  },
)
