import type { ContextReport } from '../../src/context/context-measure.ts'
import type { Architecture } from '../../src/core/architecture.ts'
import type { FileTree, ImageMeasure, LayerMeasure, PackageEntry, Waste } from '../../src/image/measure.ts'
import { outcomeOf } from '../../src/pipeline/target-outcome.ts'
import { decideVerdict } from '../../src/pipeline/verdict.ts'
import type { AddonReport, Reason, Report, TargetReport } from '../../src/report/model/report.ts'
import { type Budgets, judgeSize } from '../../src/size/budget.ts'
import { compare } from '../../src/size/compare.ts'
import type { Baseline, SizeResult } from '../../src/size/result.ts'
import { mixed, mixedAddons } from './mixed.ts'
import { addon, built, digest, failing, report, target, unhealthy } from './reports.ts'

/*
 * Real situations. Images are made of plain facts (layers, packages, files, waste); what stands in the reports is what the tool itself
 * concludes from them: comparison, words, budgets and verdict.
 */

const MB = 1_000_000
const base = 'ghcr.io/home-assistant/{arch}-base-python:3.12-alpine3.21'

/** What may differ between two states of the add-on. */
interface State {
  /** State of the base image: other layers, this many bytes more. */
  readonly base?: number
  /** Packages of the build that stay in the image. */
  readonly compilers?: boolean
  readonly docs?: boolean
  /** Bytes of the web interface. */
  readonly web?: number
  readonly aiohttp?: string
  readonly openssl?: string
  /** `chown -R` in a step of its own. */
  readonly chown?: boolean
}

const step = (text: string): string => `RUN /bin/sh -c ${text} # buildkit`

/** The add-on of one architecture in some state: sums and lists fit each other. */
function image(architecture: Architecture, state: State = {}): ImageMeasure {
  const seed = ['amd64', 'aarch64', 'armv7', 'armhf', 'i386'].indexOf(architecture)
  const { base: moved = 0, compilers = false, docs = false, web = 2_100_000, chown = false } = state
  const { aiohttp = '3.9.5', openssl = '3.3.2-r1' } = state
  const place = 14 * MB - seed * 400_000
  const layers: LayerMeasure[] = []
  const layer = (name: string, onDisk: number, createdBy: string, line?: number): number => {
    const id = hashOf(`${architecture} ${name} ${onDisk}`)
    layers.push({
      digest: digest(id),
      diffId: digest(id + 1),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      compression: 'gzip',
      download: Math.round(onDisk * 0.38),
      onDisk: { bytes: onDisk },
      createdBy,
      ...(line !== undefined && { line }),
    })
    return layers.length - 1
  }
  const rootfs = layer('rootfs', 8_300_000 + moved, 'ADD alpine-minirootfs-3.21.tar.gz / # buildkit')
  const python = layer(`python ${moved}`, 44 * MB + place, step('apk add --no-cache python3 py3-pip openssl'))
  const apk = layer(
    compilers ? 'apk with gcc' : 'apk',
    6 * MB + (compilers ? 143 * MB - seed * 2 * MB : 0) + (docs ? 5_400_000 : 0),
    step(`apk add --no-cache${compilers ? ' gcc musl-dev' : ''} libffi ffmpeg-libs${docs ? ' docs' : ''}`),
    14,
  )
  const venv = layer(
    `venv ${aiohttp}`,
    21 * MB + (aiohttp === '3.9.5' ? 0 : 1_150_000),
    'COPY /venv /venv # buildkit',
    22,
  )
  const app = layer(`app ${web}`, 400_000 + web, 'COPY rootfs / # buildkit', 25)
  const owner = chown ? layer('chown', 21 * MB, step('chown -R 1000:1000 /venv'), 27) : -1

  const packages: PackageEntry[] = [
    { manager: 'apk', name: 'python3', version: '3.12.8-r1', bytes: 44 * MB, layer: python },
    { manager: 'apk', name: 'openssl', version: openssl, bytes: 7_800_000 + moved, layer: rootfs },
    { manager: 'apk', name: 'libffi', version: '3.4.6-r0', bytes: 60_000, layer: apk },
    ...(compilers
      ? [
          { manager: 'apk', name: 'gcc', version: '14.2.0-r4', bytes: 131 * MB - seed * 2 * MB, layer: apk } as const,
          { manager: 'apk', name: 'binutils', version: '2.43.1-r2', bytes: 9 * MB, layer: apk } as const,
          { manager: 'apk', name: 'musl-dev', version: '1.2.5-r9', bytes: 3 * MB, layer: apk } as const,
        ]
      : []),
    {
      manager: 'python',
      name: 'aiohttp',
      version: aiohttp,
      bytes: 6 * MB + (aiohttp === '3.9.5' ? 0 : 1_150_000),
      layer: chown ? owner : venv,
    },
    { manager: 'python', name: 'pydantic', version: '2.10.4', bytes: 9 * MB, layer: chown ? owner : venv },
  ]
  const tree = root([
    ['app/main.py', 400_000, app],
    ['app/static/bundle.js', web, app],
    ...(docs ? ([['usr/share/doc/ffmpeg/ffmpeg-all.html', 5_400_000, apk]] as const) : []),
  ])
  const waste: Waste[] = [
    { path: 'var/cache/apk/APKINDEX.tar.gz', bytes: 2_100_000, reason: 'deleted', writtenBy: python, hiddenBy: apk },
    ...(chown
      ? [
          {
            path: 'venv',
            bytes: 21 * MB,
            files: 2410,
            reason: 'metadata-only',
            writtenBy: venv,
            hiddenBy: owner,
          } as const,
        ]
      : []),
  ]
  const hidden = waste.reduce((sum, { bytes }) => sum + bytes, 0)
  const onDisk = layers.reduce((sum, one) => sum + ('bytes' in one.onDisk ? one.onDisk.bytes : 0), 0)
  const id = hashOf(JSON.stringify(layers))
  return {
    method: 'oci-layout',
    manifestDigest: digest(id),
    configDigest: digest(id + 1),
    download: layers.reduce((sum, { download }) => sum + download, 4_812),
    onDisk: { bytes: onDisk },
    layers,
    created: '2026-11-23T10:03:00Z',
    base: { reference: base.replace('{arch}', architecture), layers: 2 },
    contents: {
      merged: onDisk - hidden,
      hidden,
      files: 5120 + (docs ? 1 : 0),
      waste: waste.sort((a, b) => b.bytes - a.bytes),
      largestFiles: [{ path: 'usr/lib/libpython3.12.so.1.0', bytes: 12 * MB }],
      folders: [{ path: 'usr/lib', bytes: 60 * MB }],
      packages: packages.sort((a, b) => b.bytes - a.bytes),
      tree,
    },
  }
}

const hashOf = (text: string): number =>
  [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 60_000, 7)

/** Files by path, as a tree. */
function root(files: readonly (readonly [path: string, bytes: number, layer: number])[]): FileTree {
  const build = (name: string, inside: typeof files): FileTree => {
    const names = [...new Set(inside.map(([path]) => path.split('/')[0] ?? ''))]
    const children = names.map((child): FileTree => {
      const below = inside.filter(([path]) => path.split('/')[0] === child)
      const [only] = below
      if (only && only[0] === child) return { name: child, bytes: only[1], layer: only[2] }
      return build(
        child,
        below.map(([path, bytes, layer]) => [path.slice(child.length + 1), bytes, layer] as const),
      )
    })
    return { name, bytes: inside.reduce((sum, [, bytes]) => sum + bytes, 0), files: inside.length, children }
  }
  return build('', files)
}

/** Only what a registry tells of an image. */
const manifestOnly = ({ contents: _, base: __, ...image }: ImageMeasure): ImageMeasure => ({
  ...image,
  method: 'registry',
  onDisk: { unknown: 'only the manifest was read' },
  layers: image.layers.map(({ line: _line, ...layer }) => ({
    ...layer,
    onDisk: { unknown: 'only the manifest was read' },
  })),
})

const fromCache = (architecture: Architecture, measure: ImageMeasure): Baseline => ({
  source: 'cache',
  reference: `aicleaner-build-size-1-aicleaner_v3-${architecture}-main@${'c'.repeat(40)}`,
  chosen: 'the last build of branch main',
  commit: 'c'.repeat(40),
  measure,
})

const published = (architecture: Architecture, measure: ImageMeasure): Baseline => ({
  source: 'registry',
  reference: `ghcr.io/org/${architecture}-aicleaner:1.2.2`,
  commit: 'c'.repeat(40),
  chosen: 'the highest of 14 published versions below 1.2.3',
  measure,
})

function sized(measure: ImageMeasure, baseline: Baseline | string, budgets: Budgets = {}): SizeResult {
  if (typeof baseline === 'string')
    return { measure, noBaseline: baseline, budgets: judgeSize(measure, undefined, budgets) }
  const comparison = compare(measure, baseline)
  return { measure, baseline, comparison, budgets: judgeSize(measure, comparison, budgets) }
}

const three = ['amd64', 'aarch64', 'armv7'] as const
const context: ContextReport = {
  folder: 'docker',
  dockerfile: 'docker/Dockerfile',
  before: { files: 1240, bytes: 85_200_000 },
  after: { files: 61, bytes: 2_640_000 },
  ignoreFile: '.dockerignore',
  exclude: [
    { pattern: '**/__pycache__', reason: 'made anew by Python', files: 18, bytes: 212_000 },
    { pattern: '**/*.log', reason: 'a log', files: 1, bytes: 8_000 },
  ],
  largestFiles: [{ path: 'rootfs/app/static/bundle.js', bytes: 2_100_000 }],
}
const withContext = { contexts: [context] }

/** Targets judged as a run judges them. */
function judged(
  targets: readonly TargetReport[],
  more: Partial<AddonReport> = withContext,
  parts: Partial<Report> = {},
  labels: readonly string[] = [],
): Report {
  const verdict = decideVerdict(
    targets.map((one) => outcomeOf({ report: one })),
    { sizeGate: 'fail', audit: 'warn' },
    { labels },
  )
  return report([addon(targets, more)], {
    verdict,
    ...(!verdict.passed && {
      publication: {
        status: 'not-published',
        reason: 'Not every architecture passed every gate, so no tag was moved.',
      },
    }),
    ...parts,
  })
}

/** All three architectures, from one state to another. */
const all = (from: State, to: State, budgets: Budgets = {}): readonly TargetReport[] =>
  three.map((name) => target(name, { size: sized(image(name, to), fromCache(name, image(name, from)), budgets) }))

/** By the name of their golden file. */
export const situations: Readonly<Record<string, () => Report>> = {
  'first-run': () =>
    judged(
      three.map((name) =>
        target(name, {
          size: sized(
            image(name),
            `first measurement: the cache has no sizes of branch main, and ghcr.io/org/${name}-aicleaner:latest is not published`,
          ),
        }),
      ),
    ),

  shrink: () =>
    judged(
      all({ compilers: true, docs: true }, {}, { maxSize: 60 * MB }).map((one, index) => ({
        ...one,
        published: digest(index + 900),
      })),
      {
        manifest: { image: 'ghcr.io/org/aicleaner', tags: ['1.2.3', 'latest'], digest: digest(999) },
        tags: [
          ...three.map((name, index) => ({
            ...{ image: `ghcr.io/org/${name}-aicleaner`, tag: '1.2.3', digest: digest(index + 900) },
          })),
          ...['1.2.3', 'latest'].map((tag) => ({
            ...{ image: 'ghcr.io/org/aicleaner', tag, digest: digest(999), multiArch: true as const },
          })),
        ],
      },
      {
        publication: {
          status: 'published',
          verify: [
            [
              'cosign verify',
              '--certificate-identity https://github.com/org/addons/.github/workflows/build.yml@refs/tags/v1.2.3',
              '--certificate-oidc-issuer https://token.actions.githubusercontent.com',
              `ghcr.io/org/aicleaner@${digest(999)}`,
            ].join(' \\\n  '),
          ],
        },
      },
    ),

  growth: () =>
    judged(
      three.map((name) => {
        const to = name === 'armv7' ? { compilers: true } : name === 'aarch64' ? { web: 2_103_000 } : {}
        return target(name, { size: sized(image(name, to), fromCache(name, image(name))) })
      }),
    ),

  'over-budget': () =>
    judged(
      (['amd64', 'aarch64'] as const).map((name) =>
        target(name, {
          size: sized(
            image(name, name === 'amd64' ? { compilers: true, aiohttp: '3.11.11' } : { aiohttp: '3.11.11' }),
            fromCache(name, image(name)),
            { maxSize: 80 * MB, maxIncrease: { percent: 5 }, own: { maxSize: 20 * MB } },
          ),
        }),
      ),
    ),

  'own-layers-only': () =>
    judged(
      all(
        {},
        { base: 11 * MB, openssl: '3.3.3-r0', chown: true },
        { maxSize: 60 * MB, own: { maxIncrease: { bytes: 5 * MB } } },
      ),
    ),

  'base-refresh': () => judged(all({}, { base: 1_800_000, openssl: '3.3.3-r0' })),

  'previous-version': () =>
    judged(
      three.map((name) =>
        target(name, {
          size: sized(image(name, { aiohttp: '3.11.11', web: 9 * MB }), published(name, manifestOnly(image(name)))),
        }),
      ),
    ),

  'not-comparable': () =>
    judged([
      target('amd64', {
        size: sized(
          image('amd64', { web: 9 * MB }),
          published('amd64', {
            ...image('amd64'),
            layers: image('amd64').layers.map((layer) => ({ ...layer, compression: 'zstd' })),
          }),
          { maxIncrease: { percent: 5 } },
        ),
      }),
    ]),

  'one-architecture-failed': () =>
    judged([
      target('amd64', { size: sized(image('amd64'), fromCache('amd64', image('amd64', { docs: true }))) }),
      target('aarch64', {
        smoke: unhealthy(),
        size: sized(image('aarch64'), fromCache('aarch64', image('aarch64', { docs: true }))),
      }),
      {
        addon: 'aicleaner_v3',
        architecture: 'armv7',
        platform: 'linux/arm/v7',
        image: 'ghcr.io/org/armv7-aicleaner',
        tags: ['1.2.3'],
        build: {
          status: 'failed',
          durationMs: 9000,
          emulated: true,
          reason: 'process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code 1',
          where: { file: 'docker/Dockerfile', line: 14, column: 1 },
          log: [
            '#12 3.1 ERROR: Could not find a version that satisfies the requirement aiohttp==9',
            '#12 ERROR: exit code: 1',
          ],
        },
      },
    ]),

  identical: () => judged(all({}, {})),

  'sixty-add-ons': () => {
    const addons = Array.from({ length: 60 }, (_, index) => {
      const slug = `addon_${String(index + 1).padStart(2, '0')}`
      const targets = three.map((name, place) => {
        const grows = index % 20 === 3 && place !== 1
        const before = image(name, { web: index * 200_000 })
        const after = grows ? image(name, { web: index * 200_000 + 11 * MB }) : before
        return target(name, {
          addon: slug,
          image: `ghcr.io/org/${name}-${slug}`,
          size: sized(after, { ...published(name, before), reference: `ghcr.io/org/${name}-${slug}:latest` }),
          build: built(index * 3 + place),
        })
      })
      return addon(targets, { slug, name: `Add-on ${index + 1}`, folder: slug })
    })
    return report(addons, {
      verdict: decideVerdict(
        addons.flatMap(({ targets }) => targets.map((one) => outcomeOf({ report: one }))),
        { sizeGate: 'fail', audit: 'warn' },
      ),
    })
  },

  'warned-by-label': () =>
    judged(
      [
        target('amd64', {
          size: sized(image('amd64', { compilers: true }), fromCache('amd64', image('amd64')), { maxSize: 80 * MB }),
        }),
      ],
      withContext,
      {},
      ['size-ok'],
    ),

  'version-not-raised': () => {
    const passed = judged([target('amd64', { size: sized(image('amd64'), fromCache('amd64', image('amd64'))) })])
    const warnings: readonly Reason[] = [
      {
        gate: 'version',
        addon: 'aicleaner',
        message: '1.2.3 is already published, so devices are not offered this change. Set "version" to 1.2.4.',
        remedy: 'The Supervisor offers an update only if the version changes.',
        where: { file: 'docker/config.yaml', line: 2, column: 10 },
      },
    ]
    return { ...passed, verdict: { ...passed.verdict, warnings } }
  },

  'artifact-lost': () =>
    report([addon([target('amd64')])], {
      verdict: failing({
        gate: 'artifact',
        message:
          'There is no result file for aicleaner/armv7 in results. Run "mode: build" for every entry of the matrix.',
      }),
      publication: { status: 'not-published', reason: 'The images did not pass.' },
    }),

  'input-refused': () =>
    report([], {
      verdict: failing({
        gate: 'input',
        message: 'build.yaml:3:5: Architecture "arm64v8" is not known. Use "aarch64".',
      }),
      publication: { status: 'not-published', reason: 'Nothing was built.' },
    }),

  mixed,
  'mixed-add-ons': mixedAddons,
}
