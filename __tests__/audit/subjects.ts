import { type AuditInput, auditTarget } from '../../src/audit/audit.ts'
import type { Finding } from '../../src/audit/finding.ts'
import { readImageConfig } from '../../src/audit/image-config.ts'
import { firstOwnLayer } from '../../src/audit/open.ts'
import type { AuditedContext, AuditedImage } from '../../src/audit/rule.ts'
import { sha256 } from '../../src/core/sha256.ts'
import { readResolvedDockerfile } from '../../src/dockerfile/resolve.ts'
import { inspectImage } from '../../src/image/image.ts'
import type { Target } from '../../src/plan/plan.ts'
import { linesOfLayers } from '../../src/size/dockerfile-lines.ts'
import { runConfig, target } from '../fixtures/target.ts'
import { compressed, memorySource } from '../image/samples/image.ts'
import { type Member, tar } from '../image/samples/tar.ts'

export const labels = new Map(
  Object.entries({ 'io.hass.name': 'A', 'io.hass.type': 'app', 'io.hass.arch': 'amd64', 'io.hass.version': '1' }),
)

/** A native target whose files are those of an add-on in `addon`. */
export const addon = (changes: Partial<Target> = {}): Target =>
  target({ architecture: 'amd64', platform: 'linux/amd64', labels, run: runConfig({ init: false }), ...changes })

/** A Dockerfile without findings. */
export const clean = [
  'FROM base:1.0',
  'COPY --chmod=0755 run.sh /run.sh',
  'USER nobody',
  'HEALTHCHECK CMD ["/run.sh", "check"]',
  'ENTRYPOINT ["/run.sh"]',
].join('\n')

/** Lines put into an otherwise clean Dockerfile, after FROM. */
export const withLines = (...lines: readonly string[]): string => clean.replace('\n', `\n${lines.join('\n')}\n`)

/** A clean Dockerfile on another base image. */
export const based = (from: string): string => clean.replace('FROM base:1.0', from)

/** The first line of a stage that is not built. */
export const builder = 'FROM base:1.0 AS builder\n'

export function inputOf(dockerfile: string, more: Partial<AuditInput> = {}): AuditInput {
  const { target = addon() } = more
  const resolved = readResolvedDockerfile(dockerfile, 'addon/Dockerfile', target)
  return { target, ...(resolved && { dockerfile: resolved }), ...more }
}

/** The findings for a Dockerfile. */
export const audit = (dockerfile: string, more: Partial<AuditInput> = {}): readonly Finding[] =>
  auditTarget(inputOf(dockerfile, more))

export const rulesOf = (findings: readonly Finding[]): readonly string[] => findings.map(({ rule }) => rule)

export interface ImageRecipe {
  /** The first one is the base's. */
  readonly layers: readonly (readonly Member[])[]
  readonly config?: object
  readonly history?: readonly object[]
  readonly dockerfile?: string
  readonly architecture?: string
}

/** An image in memory, read as a real one is. */
export async function imageOf(recipe: ImageRecipe): Promise<AuditedImage> {
  const { layers, config = {}, architecture = 'amd64', dockerfile = '' } = recipe
  const blobs = new Map<string, Buffer>()
  const put = (bytes: Buffer) => {
    blobs.set(sha256(bytes), bytes)
    return { digest: sha256(bytes), size: bytes.length }
  }
  const tars = layers.map((members) => tar(members))
  const document = {
    os: 'linux',
    architecture,
    config,
    rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    history: recipe.history ?? layers.map((_, index) => ({ created_by: index === 0 ? 'ADD base' : `STEP ${index}` })),
  }
  const manifest = {
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...put(Buffer.from(JSON.stringify(document))) },
    layers: tars.map((bytes) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      ...put(compressed(bytes)),
    })),
  }
  const { digest } = put(Buffer.from(JSON.stringify(manifest)))
  const source = memorySource(blobs, digest)
  const platform = `linux/${architecture}`
  const { measure: plain, notes } = await inspectImage(source, platform)
  const measure = { ...plain, base: { reference: 'base:1.0', layers: 1 } }
  const lines = linesOfLayers(measure, readResolvedDockerfile(dockerfile, 'addon/Dockerfile', addon()))
  return {
    config: await readImageConfig(source, platform),
    measure,
    notes,
    firstOwn: firstOwnLayer(measure, lines),
    lines,
  }
}

export const contextOf = (
  changes: Partial<AuditedContext['measure']> = {},
  scripts: AuditedContext['scripts'] = [],
) => ({
  measure: {
    before: { files: 10, bytes: 1000 },
    after: { files: 10, bytes: 1000 },
    ignoreFile: '.dockerignore',
    exclude: [],
    largestFiles: [],
    ...changes,
  },
  scripts,
})
