import type { Report } from '../../src/report/model/report.ts'
import { addon, built, compared, contents, report, target, unhealthy } from './reports.ts'
import { file, folder } from './trees.ts'

/** Every field that a report can have, at least once. */
export function everything(): Report {
  const size = compared(1e7, 2e7, {
    changes: ['+10.0 MB: package x was added'],
    budgets: [
      {
        budget: 'max-increase',
        limit: '5 %',
        limitBytes: 5,
        actualBytes: 1e7,
        over: true,
        message: 'm',
        layers: 'own',
      },
    ],
  })
  const [layer] = size.measure.layers
  const where = { file: 'docker/Dockerfile', line: 3, column: 1 }
  const evidence = { ...(unhealthy().evidence as never as object), exitCode: 1 }
  const reason = {
    ...({ gate: 'smoke', addon: 'aicleaner_v3', architecture: 'amd64', message: 'm', remedy: 'r' } as const),
    where: { file: 'docker/config.yaml', line: 3, column: 1 },
  } as const
  return report(
    [
      addon(
        [
          target('amd64', {
            build: {
              ...built(),
              warnings: [{ severity: 'warning', code: 'c', message: 'm', remedy: 'r', where }],
              disks: [{ folder: '/', totalBytes: 9, freeBefore: 5, freeAfter: 4 }],
            } as never,
            smoke: {
              ...unhealthy(),
              timeToHealthyMs: 1.5,
              peakMemoryBytes: 1,
              diagnostics: [{ severity: 'warning', code: 'c', message: 'm', remedy: 'r', where }],
              evidence,
              failedTries: [{ reason: 'r', evidence }],
            } as never,
            audit: [
              { rule: 'r', severity: 'error', message: 'm', fix: 'f', link: 'https://x.example', where, bytes: 5 },
            ],
            published: `sha256:${'a'.repeat(64)}`,
            attestation: `sha256:${'c'.repeat(64)}`,
            size: {
              ...size,
              noBaseline: 'none',
              baseline: { ...(size.baseline as NonNullable<typeof size.baseline>), chosen: 'the highest version' },
              budgets: [
                ...size.budgets,
                { budget: 'max-size', limit: '1 MB', actualBytes: 1, over: false, message: 'm', unjudged: 'no' },
              ],
              measure: {
                ...size.measure,
                created: '2026-01-01T00:00:00Z',
                revision: 'abc',
                base: { reference: 'python:3.12', layers: 1 },
                layers: [
                  { ...(layer as object), line: 3 } as never,
                  { ...(layer as object), onDisk: { unknown: 'only the manifest was read' } } as never,
                ],
                contents: {
                  ...contents,
                  waste: [{ path: 'x', bytes: 1, files: 2, reason: 'deleted', writtenBy: 0, hiddenBy: 1 }],
                  packages: [{ manager: 'apk', name: 'x', version: '1', bytes: 1, layer: 0 }],
                  duplicates: [{ bytes: 1, paths: ['a', 'b'], copies: 2 }],
                  tree: folder('', [{ ...file('x', 1), package: 0 }]),
                },
              },
              comparison: {
                ...(size.comparison as NonNullable<typeof size.comparison>),
                update: { unknown: 'x' },
                base: { before: { bytes: 1 }, after: { unknown: 'x' } },
                own: { before: { bytes: 1 }, after: { bytes: 2 }, bytes: 1, percent: 100 },
                packages: [{ manager: 'apk', name: 'x', before: '1', after: '2', bytes: -1, layer: 0 }],
                folders: [{ path: 'x', bytes: -1, before: 2, after: 1, layer: 0 }],
              },
            },
          }),
          target('armv7', {
            sizeError: 'no',
            build: {
              ...{ status: 'failed', durationMs: 1, emulated: true, reason: 'r', where, log: ['x'] },
              ...{ remedy: 'r', environment: true },
            } as never,
          }),
        ],
        {
          manifest: { image: 'x', tags: ['1'], digest: `sha256:${'b'.repeat(64)}` },
          tags: [{ image: 'x', tag: '1', digest: `sha256:${'b'.repeat(64)}`, multiArch: true, kept: true }],
          contexts: [
            {
              ...{ folder: 'docker', dockerfile: 'docker/Dockerfile', ignoreFile: 'docker/.dockerignore' },
              ...{ before: { files: 9, bytes: 9e6 }, after: { files: 8, bytes: 8e6 } },
              exclude: [{ pattern: '**/.git', reason: 'because', files: 1, bytes: 1e6 }],
              largestFiles: [{ path: 'x', bytes: 1 }],
            },
          ],
        },
      ),
    ],
    {
      diagnostics: [{ severity: 'notice', code: 'c', message: 'm', remedy: 'r', where }],
      publication: { status: 'not-published', reason: 'r' },
      verdict: { passed: false, reasons: [reason], warnings: [reason] },
    },
  )
}
