import { architectures, platformOf } from '../../core/architecture.ts'
import { modes } from '../../inputs/options.ts'
import { type Definition, listOf, object, oneOf, ref, whole } from './schema-parts.ts'

const text: Definition = { type: 'string' }
const flag: Definition = { type: 'boolean' }
const bytes = whole('Bytes.')
const signed: Definition = { type: 'integer', description: 'Bytes; negative: smaller than before.' }
const ms: Definition = { type: 'number', minimum: 0, description: 'Milliseconds.' }
const percent: Definition = { type: 'number', description: 'Hundredths: 5.2 is 5.2 %.' }
const layer = whole('Index into the layers of the image, from 0.')
const choice = (...values: readonly string[]): Definition => ({ enum: values })
const digest: Definition = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }

const reason = object(
  {
    gate: choice(
      'build',
      'smoke',
      'size',
      'audit',
      'measure',
      'publish',
      'input',
      'artifact',
      'environment',
      'cancelled',
    ),
    message: text,
  },
  { addon: text, architecture: ref('architecture'), remedy: text },
)

const definitions: Readonly<Record<string, Definition>> = {
  architecture: { enum: [...architectures] },
  digest,
  size: oneOf('Bytes, or why they are not known. Unknown is never zero.', object({ bytes }), object({ unknown: text })),
  place: object({ file: text, line: whole('From 1.'), column: whole('From 1.') }),
  diagnostic: object(
    { severity: choice('error', 'warning', 'notice'), code: text, message: text, remedy: text },
    { where: ref('place') },
  ),
  reason,
  change: object({ before: ref('size'), after: ref('size') }, { bytes: signed, percent }),
  tree: object(
    { name: text, bytes },
    { files: whole(), packaged: bytes, layer, package: whole(), children: listOf(ref('tree')) },
  ),
  entry: object({ path: text, bytes }),
  package: object({ manager: ref('manager'), name: text, version: text, bytes }, { layer }),
  manager: choice('apk', 'dpkg', 'python', 'node'),
  contents: object(
    {
      merged: bytes,
      hidden: bytes,
      files: whole(),
      waste: listOf(
        object(
          {
            path: text,
            bytes,
            reason: choice('deleted', 'overwritten', 'metadata-only'),
            writtenBy: layer,
            hiddenBy: layer,
          },
          { files: whole() },
        ),
      ),
      largestFiles: listOf(ref('entry')),
      folders: listOf(ref('entry')),
      packages: listOf(ref('package')),
    },
    {
      duplicates: listOf(object({ bytes, paths: listOf(text), copies: whole() })),
      tree: ref('tree'),
    },
  ),
  measure: object(
    {
      method: choice('oci-layout', 'registry', 'archive'),
      manifestDigest: ref('digest'),
      configDigest: ref('digest'),
      download: bytes,
      onDisk: ref('size'),
      layers: listOf(
        object(
          {
            digest: ref('digest'),
            diffId: ref('digest'),
            mediaType: text,
            compression: choice('gzip', 'zstd', 'none'),
            download: bytes,
            onDisk: ref('size'),
          },
          { createdBy: text, line: whole('Line of the Dockerfile, from 1.') },
        ),
      ),
    },
    {
      created: text,
      revision: text,
      base: object({ reference: text, layers: whole() }),
      contents: ref('contents'),
    },
  ),
  size_result: object(
    {
      measure: ref('measure'),
      budgets: listOf(
        object(
          { budget: choice('max-size', 'max-increase'), limit: text, actualBytes: signed, over: flag, message: text },
          { limitBytes: { type: 'number' }, layers: choice('own'), unjudged: text },
        ),
      ),
    },
    {
      baseline: object(
        { source: choice('registry', 'cache', 'file'), reference: text, measure: ref('measure') },
        { commit: text, chosen: text },
      ),
      noBaseline: text,
      comparison: object(
        {
          identical: flag,
          download: ref('change'),
          onDisk: ref('change'),
          update: ref('size'),
          caveats: listOf(text),
          changes: listOf(text),
        },
        {
          base: ref('change'),
          own: ref('change'),
          packages: listOf(
            object({ manager: ref('manager'), name: text, bytes: signed }, { before: text, after: text, layer }),
          ),
          folders: listOf(object({ path: text, bytes: signed, before: bytes, after: bytes }, { layer })),
        },
      ),
    },
  ),
  smoke: object(
    {
      status: choice('passed', 'failed', 'skipped'),
      readiness: text,
      reason: text,
      durationMs: ms,
      checks: listOf(
        object({ name: text, status: choice('pass', 'warn', 'fail', 'skip'), reason: text }, { durationMs: ms }),
      ),
    },
    {
      timeToHealthyMs: ms,
      peakMemoryBytes: bytes,
      diagnostics: listOf(ref('diagnostic')),
      evidence: object(
        {
          state: text,
          outOfMemory: flag,
          probes: listOf(
            object({ at: { type: 'number' }, durationMs: ms, exitCode: { type: 'integer' }, output: text }),
          ),
          stdout: listOf(text),
          stderr: listOf(text),
          diff: listOf(text),
          supervisorCalls: listOf(text),
          reproduce: text,
          image: text,
          emulated: flag,
        },
        { exitCode: { type: 'integer' } },
      ),
    },
  ),
  build: oneOf(
    'What came of building one image.',
    object(
      {
        status: { const: 'built' },
        durationMs: ms,
        emulated: flag,
        configDigest: ref('digest'),
        manifestDigest: ref('digest'),
        steps: listOf(object({ name: text, durationMs: ms, cached: flag })),
        cache: object({ hits: whole(), total: whole() }),
        warnings: listOf(ref('diagnostic')),
      },
      { disks: listOf(object({ folder: text, totalBytes: bytes, freeBefore: bytes, freeAfter: bytes })) },
    ),
    object(
      { status: choice('failed', 'cancelled'), durationMs: ms, emulated: flag, reason: text, log: listOf(text) },
      { where: ref('place'), remedy: text, environment: flag },
    ),
  ),
  finding: object(
    { rule: text, severity: choice('error', 'warning', 'notice'), message: text, fix: text },
    { link: text, where: ref('place'), bytes },
  ),
  amount: object({ files: whole(), bytes }),
  context: object(
    {
      folder: text,
      dockerfile: text,
      before: ref('amount'),
      after: ref('amount'),
      exclude: listOf(object({ pattern: text, reason: text, files: whole(), bytes })),
      largestFiles: listOf(ref('entry')),
    },
    { ignoreFile: text },
  ),
  target: object(
    {
      addon: text,
      architecture: ref('architecture'),
      platform: { enum: architectures.map(platformOf) },
      image: text,
      tags: listOf(text),
      build: ref('build'),
    },
    {
      smoke: ref('smoke'),
      size: ref('size_result'),
      sizeError: text,
      audit: listOf(ref('finding')),
      attestation: ref('digest'),
      published: ref('digest'),
    },
  ),
  addon: object(
    { slug: text, name: text, folder: text, version: text, targets: listOf(ref('target')) },
    {
      contexts: listOf(ref('context')),
      manifest: object({ image: text, tags: listOf(text) }, { digest: ref('digest') }),
    },
  ),
}

/**
 * JSON Schema (draft 2020-12) of `report.json`, version 1. Fields may be added within a version; none goes away or changes its meaning.
 * docs/report.schema.json is this, written out.
 */
export const reportSchema: Definition & { readonly $defs: typeof definitions } = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'report.json of aicleaner-build, version 1',
  ...object({
    schemaVersion: { const: 1 },
    tool: object({ name: { const: 'aicleaner-build' }, version: text }),
    run: object(
      {
        mode: { enum: [...modes] },
        event: text,
        repository: text,
        ref: text,
        sha: text,
        workflow: text,
        runId: text,
        runAttempt: whole(),
        url: text,
        startedAt: { type: 'string', format: 'date-time' },
        finishedAt: { type: 'string', format: 'date-time' },
      },
      { headSha: text, pullRequest: whole(), baseRef: text, baseSha: text },
    ),
    addons: listOf(ref('addon')),
    verdict: object({ passed: flag, reasons: listOf(ref('reason')), warnings: listOf(ref('reason')) }),
    publication: oneOf(
      'Whether anything was pushed.',
      object({ status: { const: 'published' } }),
      object({ status: { const: 'not-published' }, reason: text }),
    ),
    diagnostics: listOf(ref('diagnostic')),
  }),
  $defs: definitions,
}
