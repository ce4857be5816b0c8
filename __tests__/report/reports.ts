import type { BuildResult } from '../../src/build/result.ts'
import type { Architecture } from '../../src/core/architecture.ts'
import { platformOf } from '../../src/core/architecture.ts'
import type { ImageContents, ImageMeasure, LayerMeasure } from '../../src/image/measure.ts'
import type { AddonReport, Reason, Report, TargetReport } from '../../src/report/model/report.ts'
import type { BudgetVerdict, Change, Comparison, SizeResult } from '../../src/size/result.ts'
import type { SmokeResult } from '../../src/smoke/result.ts'

/** Digests that look real and are told apart. */
export const digest = (seed: number): string => `sha256:${seed.toString(16).padStart(4, '0').repeat(16)}`

const MB = 1_000_000

export const run: Report['run'] = {
  mode: 'run',
  event: 'pull_request',
  repository: 'org/addons',
  ref: 'refs/pull/7/merge',
  sha: '9'.repeat(40),
  headSha: 'abcdef0123456789abcdef0123456789abcdef01',
  pullRequest: 7,
  baseRef: 'main',
  baseSha: 'b'.repeat(40),
  workflow: 'Build',
  runId: '1001',
  runAttempt: 1,
  url: 'https://github.com/org/addons/actions/runs/1001',
  startedAt: '2026-11-23T10:00:00.000Z',
  finishedAt: '2026-11-23T10:04:12.000Z',
}

export const built = (seed = 1): BuildResult => ({
  status: 'built',
  durationMs: 42_000,
  emulated: false,
  configDigest: digest(seed),
  manifestDigest: digest(seed + 1),
  steps: [{ name: '[production 4/6] COPY --from=builder /venv /venv', durationMs: 1200, cached: false }],
  cache: { hits: 5, total: 9 },
  warnings: [],
})

export const healthy = (ms = 2_140): SmokeResult => ({
  status: 'passed',
  readiness: 'HEALTHCHECK',
  reason: 'Healthy after 3 probes.',
  durationMs: ms + 900,
  timeToHealthyMs: ms,
  peakMemoryBytes: 31 * MB,
  checks: [{ name: 'healthy', status: 'pass', reason: 'Healthy after 3 probes.', durationMs: ms }],
})

export const unhealthy = (): SmokeResult => ({
  status: 'failed',
  readiness: 'HEALTHCHECK',
  reason: 'not healthy within 60 s: the probe exits with 1',
  durationMs: 60_300,
  checks: [{ name: 'healthy', status: 'fail', reason: 'not healthy within 60 s', durationMs: 60_000 }],
  evidence: {
    state: 'running, unhealthy',
    outOfMemory: false,
    probes: [{ at: 1, durationMs: 40, exitCode: 1, output: 'curl: (7) Failed to connect to 127.0.0.1 port 8000' }],
    stdout: ['INFO starting'],
    stderr: ['Traceback (most recent call last):', '  File "/app/main.py", line 3, in <module>', "KeyError: 'api_key'"],
    diff: ['A /data/options.json'],
    supervisorCalls: ['GET /addons/self/info 200'],
    reproduce: 'docker run --rm --init ghcr.io/org/aarch64-aicleaner:1.2.3',
    image: digest(77),
    emulated: true,
  },
})

const layer = (seed: number, download: number, onDisk: number, createdBy: string): LayerMeasure => ({
  digest: digest(seed),
  diffId: digest(seed + 5000),
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  compression: 'gzip',
  download: Math.round(download),
  onDisk: { bytes: Math.round(onDisk) },
  createdBy,
})

export const contents: ImageContents = {
  merged: 160 * MB,
  hidden: 3_200_000,
  files: 5120,
  waste: [
    { path: 'var/cache/apk/APKINDEX.tar.gz', bytes: 2_100_000, reason: 'deleted', writtenBy: 1, hiddenBy: 2 },
    { path: 'app/main.py', bytes: 1_100_000, reason: 'metadata-only', writtenBy: 1, hiddenBy: 2 },
  ],
  largestFiles: [{ path: 'usr/lib/libpython3.12.so', bytes: 12 * MB }],
  folders: [{ path: 'usr/lib', bytes: 80 * MB }],
  packages: [
    { manager: 'apk', name: 'python3', version: '3.12.3-r1', bytes: 44 * MB },
    { manager: 'python', name: 'aiohttp', version: '3.9.5', bytes: 6 * MB },
  ],
}

export function measure(download: number, seed = 1): ImageMeasure {
  return {
    method: 'oci-layout',
    manifestDigest: digest(seed + 1),
    configDigest: digest(seed),
    download,
    onDisk: { bytes: Math.round(download * 2.6) },
    layers: [
      layer(1, download * 0.6, download * 1.6, '/bin/sh -c #(nop) ADD file:12ab in / '),
      layer(seed + 10, download * 0.3, download * 0.7, 'RUN /bin/sh -c apk add --no-cache python3 # buildkit'),
      layer(seed + 20, download * 0.1, download * 0.3, 'COPY --chown=aicleaner /venv /venv # buildkit'),
    ],
    contents,
  }
}

export const change = (before: number, after: number): Change => ({
  before: { bytes: before },
  after: { bytes: after },
  bytes: after - before,
  percent: ((after - before) / before) * 100,
})

export function compared(
  before: number,
  after: number,
  {
    architecture = 'amd64',
    seed = 1,
    changes = [],
    budgets = [],
    update,
  }: {
    architecture?: string
    seed?: number
    changes?: readonly string[]
    budgets?: readonly BudgetVerdict[]
    update?: number
  } = {},
): SizeResult {
  const identical = before === after && changes.length === 0
  const comparison: Comparison = {
    identical,
    download: change(before, after),
    onDisk: change(Math.round(before * 2.6), Math.round(after * 2.6)),
    update: { bytes: Math.round(update ?? (identical ? 0 : after * 0.4)) },
    caveats: [],
    changes,
  }
  return {
    measure: measure(after, seed),
    baseline: {
      source: 'registry',
      reference: `ghcr.io/org/${architecture}-aicleaner:1.2.2`,
      commit: 'c'.repeat(40),
      measure: measure(before, identical ? seed : seed + 300),
    },
    comparison,
    budgets,
  }
}

export const first = (download: number, seed = 1): SizeResult => ({
  measure: measure(download, seed),
  noBaseline: 'First measurement: ghcr.io/org/amd64-aicleaner:latest is not there (404).',
  budgets: [],
})

export const target = (architecture: Architecture, parts: Partial<TargetReport> = {}): TargetReport => ({
  addon: 'aicleaner_v3',
  architecture,
  platform: platformOf(architecture),
  image: `ghcr.io/org/${architecture}-aicleaner`,
  tags: ['1.2.3'],
  build: built(),
  smoke: healthy(),
  ...parts,
})

export const addon = (targets: readonly TargetReport[], parts: Partial<AddonReport> = {}): AddonReport => ({
  slug: 'aicleaner_v3',
  name: 'AICleaner v3',
  folder: 'docker',
  version: '1.2.3',
  targets,
  manifest: { image: 'ghcr.io/org/aicleaner', tags: ['1.2.3'] },
  ...parts,
})

export const report = (addons: readonly AddonReport[], parts: Partial<Report> = {}): Report => ({
  schemaVersion: 1,
  tool: { name: 'aicleaner-build', version: '1.0.0' },
  run,
  addons,
  verdict: { passed: true, reasons: [], warnings: [] },
  publication: { status: 'not-published', reason: 'The input "push" is false.' },
  diagnostics: [],
  ...parts,
})

export const failing = (...reasons: readonly Reason[]): Report['verdict'] => ({ passed: false, reasons, warnings: [] })
