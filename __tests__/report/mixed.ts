import type { Finding } from '../../src/audit/finding.ts'
import type { ContextReport } from '../../src/context/context-measure.ts'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { outcomeOf } from '../../src/pipeline/target-outcome.ts'
import { decideVerdict } from '../../src/pipeline/verdict.ts'
import type { AddonReport, Report, TargetReport } from '../../src/report/model/report.ts'
import type { SizeResult } from '../../src/size/result.ts'
import { addon, built, compared, contents, first, healthy, report, target, unhealthy } from './reports.ts'

/*
 * One report in which each part of a report occurs, with and without what is optional in it: every table and every list has something to
 * show. What `situations` has is what real runs look like; this is what a run can look like.
 */

const MB = 1_000_000
const pip = 'RUN pip install aiohttp'

const contexts: readonly ContextReport[] = [
  {
    folder: 'docker',
    dockerfile: 'docker/Dockerfile',
    before: { files: 1240, bytes: 85_200_000 },
    after: { files: 61, bytes: 2_640_000 },
    ignoreFile: '.dockerignore',
    exclude: [
      { pattern: '**/__pycache__', reason: 'made anew by Python', files: 18, bytes: 212_000 },
      { pattern: '**/*.log', reason: 'a log <of a run>', files: 1, bytes: 8_000 },
    ],
    largestFiles: [
      { path: 'rootfs/app/static/bundle.js', bytes: 2_100_000 },
      { path: 'rootfs/app/a & b.js', bytes: 90_000 },
    ],
  },
  {
    folder: 'docker/armv7',
    dockerfile: 'docker/armv7/Dockerfile',
    before: { files: 1, bytes: 900 },
    after: { files: 1, bytes: 900 },
    exclude: [],
    largestFiles: [],
  },
]

const audit: readonly Finding[] = [
  { rule: 'image/old-label', severity: 'notice', message: 'A label is old.', fix: 'Remove it.' },
  {
    rule: 'image/cache',
    severity: 'warning',
    message: 'The cache of pip stays.',
    fix: 'Add `--no-cache-dir`.',
    where: { file: 'docker/Dockerfile', line: 14, column: 1 },
    bytes: 4_000_000,
  },
  {
    rule: 'image/root-user',
    severity: 'error',
    message: 'The image runs as root.',
    fix: 'Add USER.',
    link: 'https://docs.example/root-user?a=1&b=2',
  },
  { rule: 'image/docs', severity: 'warning', message: 'Manual pages.', fix: 'Delete them.', bytes: 9_000_000 },
]

const withDetails = (measure: ImageMeasure): ImageMeasure => ({
  ...measure,
  base: { reference: 'ghcr.io/home-assistant/amd64-base:3.21', layers: 1 },
  layers: measure.layers.map((layer, index) => {
    const { createdBy: _, ...rest } = layer
    if (index === 1) return { ...layer, line: 14 }
    return index === 2 ? { ...rest, onDisk: { unknown: 'only the manifest was read' } } : layer
  }),
  contents: {
    ...contents,
    waste: contents.waste.map((waste, index) => (index === 1 ? { ...waste, files: 12 } : { ...waste, files: 1 })),
    duplicates: [{ bytes: 300_000, paths: ['usr/lib/a.so', 'venv/lib/a.so'], copies: 2 }],
  },
})

/** Everything that is known of an image which is compared with another one. */
function fullSize(): SizeResult {
  const size = compared(40 * MB, 60 * MB, {
    changes: ['+20.0 MB: package gcc 14.2 was added by `RUN apk add gcc`', '−1.0 MB: folder usr/share/doc'],
    budgets: [
      {
        budget: 'max-size',
        limit: '50.0 MB',
        limitBytes: 50 * MB,
        actualBytes: 60 * MB,
        over: true,
        message: '10.0 MB over max-size: 60.0 MB to download, 50.0 MB allowed.',
      },
      {
        budget: 'max-increase',
        limit: '80 %',
        limitBytes: 32 * MB,
        actualBytes: 20 * MB,
        over: false,
        message: 'Within max-increase: +20.0 MB to download, 80 % (32.0 MB) allowed.',
      },
    ],
  })
  const { comparison, baseline } = size
  if (!comparison || !baseline) throw new Error('compared() compares')
  return {
    measure: withDetails(size.measure),
    budgets: size.budgets,
    baseline: { ...baseline, chosen: 'the highest of 14 published versions below 1.2.3' },
    comparison: {
      ...comparison,
      caveats: ['The layers of both are compressed in different ways.'],
      base: { before: { bytes: 25 * MB }, after: { bytes: 25 * MB }, bytes: 0 },
      own: { before: { unknown: 'x' }, after: { bytes: 35 * MB } },
      packages: [
        { manager: 'apk', name: 'gcc', after: '14.2.0-r4', bytes: 21 * MB, layer: 1 },
        { manager: 'python', name: 'aiohttp', before: '3.9.5', after: '3.11.11', bytes: 150_000 },
        { manager: 'apk', name: 'docs', before: '1.0', bytes: -1_200_000 },
      ],
      folders: [{ path: 'usr/share/doc', bytes: -MB, before: 3 * MB, after: 2 * MB }],
    },
  }
}

const targets: readonly TargetReport[] = [
  target('amd64', {
    size: fullSize(),
    audit,
    build: {
      ...built(),
      cache: { hits: 1, total: 3 },
      steps: [
        { name: `[builder 2/4] ${pip}`, durationMs: 12_000, cached: false },
        { name: '[stage-1 1/3] FROM base', durationMs: 900, cached: false },
        { name: '[stage-1 2/3] COPY . .', durationMs: 0, cached: true },
      ],
    } as TargetReport['build'],
    smoke: {
      ...healthy(),
      checks: [
        ...healthy().checks,
        { name: 'memory', status: 'warn', reason: 'It takes 310 MiB.' },
        { name: 'stops', status: 'skip', reason: 'It was not asked for.' },
      ],
    },
  }),
  target('aarch64', {
    size: first(58 * MB, 3),
    build: {
      ...built(),
      emulated: true,
      durationMs: 185_000,
      cache: { hits: 2, total: 3 },
      steps: [{ name: `[builder 3/5] ${pip}`, durationMs: 65_000, cached: false }],
    } as TargetReport['build'],
    smoke: {
      ...unhealthy(),
      checks: [
        ...unhealthy().checks,
        { name: 'options', status: 'fail', reason: 'Two options are wrong.' },
        { name: 'stops', status: 'skip', reason: 'It does not run.' },
      ],
      evidence: {
        ...unhealthy().evidence,
        outOfMemory: true,
        probes: [
          { at: 1, durationMs: 40, exitCode: 7, output: 'the first' },
          { at: 2, durationMs: 40, exitCode: 0, output: 'well' },
          { at: 3, durationMs: 40, exitCode: 1, output: ' refused \n' },
          { at: 4, durationMs: 40, exitCode: 137, output: '  ' },
        ],
      } as never,
      diagnostics: [
        { severity: 'error', code: 'smoke/bad-option', message: 'Option "a" is wrong.', remedy: 'Mend it.' },
        { severity: 'warning', code: 'smoke/unused-option', message: 'Option "c" is not used.', remedy: '' },
        {
          severity: 'error',
          code: 'smoke/bad-option',
          message: 'Option "b" is wrong.',
          remedy: 'Mend it.',
          where: { file: 'docker/config.yaml', line: 5, column: 3 },
        },
      ],
    },
  }),
  target('armv7', {
    sizeError: 'The image could not be exported: no space left on device.',
    smoke: { status: 'skipped', readiness: '', reason: 'It was not asked for.', durationMs: 0, checks: [] },
    build: { ...built(), emulated: true, steps: [] } as TargetReport['build'],
  }),
  target('armhf', {
    build: {
      status: 'failed',
      durationMs: 9000,
      emulated: true,
      reason: 'process "/bin/sh -c make" did not complete successfully: exit code 2',
      where: { file: 'docker/Dockerfile', line: 9, column: 1 },
      log: [],
    },
  }),
  target('i386', {
    build: { status: 'cancelled', durationMs: 10, emulated: false, reason: 'The run was cancelled.', log: [] },
  }),
].map((one) => {
  if (one.build.status === 'built') return one
  const { smoke: _, ...rest } = one
  return rest
})

// It was ready without a HEALTHCHECK.
const { timeToHealthyMs: _, ...withoutHealth } = healthy()

const other: AddonReport = addon(
  [
    target('amd64', {
      addon: 'other',
      size: compared(30 * MB, 29 * MB, {
        changes: ['−1.0 MB: folder usr/share/doc'],
        budgets: [
          {
            budget: 'max-increase',
            layers: 'own',
            limit: '5 %',
            actualBytes: 0,
            over: false,
            unjudged: 'The base image is not known.',
            message: 'max-increase of own layers was not judged: the base image is not known.',
          },
        ],
      }),
      audit: [{ rule: 'image/cache', severity: 'notice', message: 'A cache stays.', fix: 'Remove it.' }],
      smoke: withoutHealth,
    }),
    target('aarch64', { addon: 'other', size: compared(30 * MB, 30 * MB, { seed: 5 }), audit: [] }),
  ],
  { slug: 'other', name: '', folder: 'other', version: '2.0.0' },
)

const full = addon(targets, { contexts })
const notPublished = {
  status: 'not-published',
  reason: 'Not every architecture passed every gate, so no tag was moved.',
} as const

const judged = (addons: readonly AddonReport[]): Report =>
  report(addons, {
    verdict: decideVerdict(
      addons.flatMap((one) => one.targets.map((report) => outcomeOf({ report }))),
      { sizeGate: 'fail', audit: 'warn' },
    ),
    publication: notPublished,
  })

/** All of it, of one add-on. */
export const mixed = (): Report => judged([full])

/** And of two. */
export const mixedAddons = (): Report => judged([full, other])
