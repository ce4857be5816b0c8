import { Readable } from 'node:stream'
import * as zlib from 'node:zlib'
import { sha256 } from '../../../src/core/sha256.ts'
import { mergedTree, summarize } from '../../../src/image/contents.ts'
import { type LayerContents, readLayer } from '../../../src/image/layer.ts'
import { defaultLimits } from '../../../src/image/limits.ts'
import type { Compression, ImageContents, ImageMeasure } from '../../../src/image/measure.ts'
import { packageReaders } from '../../../src/image/readers/readers.ts'
import type { BlobSource } from '../../../src/image/sources/source.ts'
import { type Member, tar } from './tar.ts'

export interface Made {
  readonly blobs: Map<string, Buffer>
  readonly root: string
  readonly manifest: {
    layers: { digest: string; size: number; mediaType: string }[]
    config: { digest: string; size: number }
  }
  readonly source: BlobSource
}

interface Recipe {
  /** Members, or a whole tar. */
  readonly layers: readonly (readonly Member[] | Buffer)[]
  readonly compression?: Compression
  readonly history?: readonly object[]
  readonly architecture?: string
  readonly variant?: string
  readonly method?: ImageMeasure['method']
}

export const compressed = (bytes: Buffer, compression: Compression = 'gzip'): Buffer =>
  compression === 'gzip' ? zlib.gzipSync(bytes) : compression === 'zstd' ? zlib.zstdCompressSync(bytes) : bytes

/** A complete image in memory. */
export function makeImage(recipe: Recipe): Made {
  const blobs = new Map<string, Buffer>()
  const put = (bytes: Buffer) => {
    blobs.set(sha256(bytes), bytes)
    return { digest: sha256(bytes), size: bytes.length }
  }
  const tars = recipe.layers.map((layer) => (Buffer.isBuffer(layer) ? layer : tar(layer as readonly Member[])))
  const suffix = { gzip: '+gzip', zstd: '+zstd', none: '' }[recipe.compression ?? 'gzip']
  const layers = tars.map((bytes) => ({
    mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
    ...put(compressed(bytes, recipe.compression)),
  }))
  const config = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    ...put(
      Buffer.from(
        JSON.stringify({
          os: 'linux',
          architecture: recipe.architecture ?? 'amd64',
          ...(recipe.variant && { variant: recipe.variant }),
          created: '2026-01-01T00:00:00Z',
          rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
          ...(recipe.history && { history: recipe.history }),
        }),
      ),
    ),
  }
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers }
  const root = put(Buffer.from(JSON.stringify(manifest))).digest
  return { blobs, root, manifest, source: memorySource(blobs, root, recipe.method) }
}

export const memorySource = (
  blobs: ReadonlyMap<string, Buffer>,
  root: string,
  method: ImageMeasure['method'] = 'oci-layout',
): BlobSource => ({
  method,
  manifest: async (digest = root) => {
    const bytes = blobs.get(digest)
    if (!bytes) throw new Error(`no manifest ${digest}`)
    return { digest, mediaType: '', bytes }
  },
  blob: async (digest) => {
    const bytes = blobs.get(digest)
    if (!bytes) throw new Error(`no blob ${digest}`)
    return Readable.from(pieces(bytes, 64 * 1024))
  },
})

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What one pass over a layer brings. */
export function readMembers(members: readonly Member[]): Promise<LayerContents> {
  const bytes = tar(members)
  const digest = sha256(bytes)
  return readLayer({
    source: memorySource(new Map([[digest, bytes]]), digest),
    layer: { digest, size: bytes.length, mediaType: '' },
    diffId: digest,
    readers: { packages: packageReaders, notes: [] },
    limits: defaultLimits,
  })
}

/** What a container sees of these layers, and what they hide. */
export const mergeLayers = (
  layers: readonly LayerContents[],
  options: { readonly treeFrom?: number } = {},
): ImageContents => summarize(layers, mergedTree(layers), options)

/** The diagnostic that a promise fails with; anything but a Failure is a failed test. */
async function diagnosticOf(work: Promise<unknown>): Promise<{ code: string; message: string } | undefined> {
  try {
    await work
    return undefined
  } catch (thrown) {
    const { diagnostics } = thrown as { diagnostics?: { code: string; message: string }[] }
    if (!diagnostics?.[0]) throw thrown
    return diagnostics[0]
  }
}

export const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => (await diagnosticOf(work))?.code

/** Code and message. */
export async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  const diagnostic = await diagnosticOf(work)
  return diagnostic && `${diagnostic.code}: ${diagnostic.message}`
}
