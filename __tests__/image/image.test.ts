import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import * as zlib from 'node:zlib'
import { sha256 } from '../../src/core/sha256.ts'
import { inspectImage, measureImage } from '../../src/image/image.ts'
import { defaultLimits } from '../../src/image/limits.ts'
import type { BlobSource } from '../../src/image/sources/source.ts'
import { codeOf, type Made, makeImage, memorySource, problemOf } from './samples/image.ts'
import { header, type Member, tar } from './samples/tar.ts'

const amd64 = 'linux/amd64'
const hello: readonly Member[] = [{ path: 'etc/' }, { path: 'etc/hello', content: 'hello world' }]

describe('measureImage', () => {
  test.each(['gzip', 'zstd', 'none'] as const)('measures an image with layers in %s', async (compression) => {
    const { source, manifest, root } = makeImage({
      layers: [hello, [{ path: 'etc/.wh.hello' }, { path: 'new', content: '12345' }]],
      compression,
      history: [{ created_by: 'ADD rootfs' }, { created_by: 'ENV A=1', empty_layer: true }, { created_by: 'RUN rm' }],
    })
    expect(await measureImage(source, amd64)).toMatchObject({
      method: 'oci-layout',
      manifestDigest: root,
      configDigest: manifest.config.digest,
      download: manifest.config.size + manifest.layers.reduce((sum, { size }) => sum + size, 0),
      onDisk: { bytes: 16 },
      created: '2026-01-01T00:00:00Z',
      layers: [
        { compression, createdBy: 'ADD rootfs', onDisk: { bytes: 11 } },
        { compression, createdBy: 'RUN rm', onDisk: { bytes: 5 } },
      ],
      contents: { merged: 5, hidden: 11, files: 1 },
    })
  })

  test('reads only manifest and config if contents are not needed, and reports the rest as unknown', async () => {
    const { source, manifest } = makeImage({ layers: [hello], compression: 'zstd' })
    const asked: string[] = []
    const watched: BlobSource = {
      ...source,
      blob: (digest) => {
        asked.push(digest)
        return source.blob(digest)
      },
    }
    const measure = await measureImage(watched, amd64, { contents: false })
    expect(asked).toEqual([manifest.config.digest])
    const unknown = { unknown: 'only the manifest was read' }
    expect(measure).toMatchObject({ onDisk: unknown, layers: [{ compression: 'zstd', onDisk: unknown }] })
    expect(measure.contents).toBeUndefined()
  })

  test('counts a layer that an image has twice once for the download and twice on disk', async () => {
    const { source, manifest } = makeImage({ layers: [hello, hello] })
    const { download, onDisk, contents } = await measureImage(source, amd64)
    expect(download).toBe(manifest.config.size + (manifest.layers[0]?.size ?? 0))
    expect(onDisk).toEqual({ bytes: 22 })
    expect(contents).toMatchObject({ merged: 11, hidden: 11, waste: [{ reason: 'metadata-only' }] })
  })

  test('trusts the first bytes of a layer more than its media type', async () => {
    const made = makeImage({ layers: [hello], compression: 'zstd' })
    const text = JSON.stringify(made.manifest).replaceAll('+zstd', '+gzip')
    made.blobs.set(sha256(Buffer.from(text)), Buffer.from(text))
    const measure = await measureImage(memorySource(made.blobs, sha256(Buffer.from(text))), amd64)
    expect(measure.layers[0]).toMatchObject({ compression: 'zstd', mediaType: expect.stringContaining('gzip') })
  })

  test('reads a commit label, and ignores an invalid one', async () => {
    const commit = 'ab'.repeat(20)
    const withLabel = (revision: string): Promise<string | undefined> => {
      const { blobs, manifest } = makeImage({ layers: [hello] })
      const config = JSON.parse(String(blobs.get(manifest.config.digest)))
      config.config = { Labels: { 'org.opencontainers.image.revision': revision } }
      const bytes = Buffer.from(JSON.stringify(config))
      const changed = { ...manifest, config: { ...manifest.config, digest: sha256(bytes), size: bytes.length } }
      const root = Buffer.from(JSON.stringify(changed))
      const all = new Map([...blobs, [sha256(bytes), bytes], [sha256(root), root]])
      return measureImage(memorySource(all, sha256(root)), amd64).then((measure) => measure.revision)
    }
    expect(await withLabel(commit)).toBe(commit)
    expect(await withLabel('`rm -rf`')).toBeUndefined()
  })
})

/** An index of images, in memory. */
function indexOf(children: readonly { readonly made: Made; readonly descriptor?: object }[]): BlobSource {
  const blobs = new Map(children.flatMap(({ made }) => [...made.blobs]))
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      manifests: children.map(({ made, descriptor }) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: made.root,
        size: 1,
        ...descriptor,
      })),
    }),
  )
  blobs.set(sha256(index), index)
  return memorySource(blobs, sha256(index))
}

const of = (architecture: string, variant?: string) => {
  const made = makeImage({
    layers: [[{ path: `${architecture}-${variant ?? ''}`, content: 'x' }]],
    architecture,
    ...(variant && { variant }),
  })
  return { made, descriptor: { platform: { os: 'linux', architecture, ...(variant && { variant }) } } }
}

describe('the platform of an index', () => {
  const attestation = {
    made: makeImage({ layers: [[{ path: 'provenance' }]], architecture: 'unknown' }),
    descriptor: {
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    },
  }
  const arm64 = of('arm64', 'v8')
  const v6 = of('arm', 'v6')
  const v7 = of('arm', 'v7')
  const plainArm = of('arm')

  test.each([
    ['linux/arm/v7', [attestation, arm64, v6, v7], v7],
    ['linux/arm/v6', [v7, v6], v6],
    ['linux/arm64', [attestation, v7, arm64], arm64],
    ['linux/arm64/v8', [of('amd64'), of('arm64')], of('arm64')],
    ['linux/arm/v7', [v6, plainArm], plainArm],
  ])('%s is found by os, architecture and variant', async (platform, children, expected) => {
    expect((await measureImage(indexOf(children), platform)).manifestDigest).toBe(expected.made.root)
  })

  test.each([
    ['linux/arm/v7', [v6, arm64]],
    ['linux/amd64', [attestation]],
    ['linux/arm/v6', [plainArm]],
  ])('%s is reported as missing if the index has only others', async (platform, children) => {
    expect(await codeOf(measureImage(indexOf(children), platform))).toBe('image/no-platform')
  })

  test('an entry without a platform is judged by its config', async () => {
    const children = [{ made: v6.made }, { made: v7.made }]
    expect((await measureImage(indexOf(children), 'linux/arm/v7')).manifestDigest).toBe(v7.made.root)
    expect(await codeOf(measureImage(indexOf([{ made: v6.made }]), 'linux/arm/v7'))).toBe('image/no-platform')
  })

  test('a single image for another platform is refused', async () => {
    expect(await problemOf(measureImage(v6.made.source, 'linux/amd64'))).toBe(
      'image/no-platform: The config of the image is for a platform other than linux/amd64.',
    )
  })

  test('an index that refers to itself through other indexes does not cause an endless loop', async () => {
    const blobs = new Map<string, Buffer>()
    let digest = v7.made.root
    for (let depth = 0; depth < 10; depth++) {
      const bytes = Buffer.from(JSON.stringify({ depth, manifests: [{ digest, size: 1 }] }))
      digest = sha256(bytes)
      blobs.set(digest, bytes)
    }
    expect(await codeOf(measureImage(memorySource(blobs, digest), 'linux/arm/v7'))).toBe('image/limit')
  })
})

describe('an untrusted image', () => {
  const tampered = (change: (made: Made) => void): BlobSource => {
    const made = makeImage({ layers: [hello] })
    change(made)
    return made.source
  }
  const layerOf = ({ manifest }: Made): string => manifest.layers[0]?.digest ?? ''
  const rooted = (json: object): BlobSource => {
    const bytes = Buffer.from(JSON.stringify(json))
    return memorySource(new Map([[sha256(bytes), bytes]]), sha256(bytes))
  }

  test.each<[string, BlobSource, string]>([
    [
      'a manifest with another digest',
      tampered(({ blobs, root }) => blobs.set(root, Buffer.from('{}'))),
      'image/digest-mismatch',
    ],
    [
      'a config with another digest',
      tampered(({ blobs, manifest }) => blobs.set(manifest.config.digest, Buffer.from('{}'))),
      'image/digest-mismatch',
    ],
    [
      'a layer of the same length with another digest',
      tampered((made) =>
        blobs(made, (bytes) => Buffer.from(bytes.map((byte, index) => (index === 4 ? byte ^ 1 : byte)))),
      ),
      'image/digest-mismatch',
    ],
    [
      'a layer that is longer than stated',
      tampered((made) => blobs(made, (bytes) => Buffer.concat([bytes, Buffer.alloc(10)]))),
      'image/digest-mismatch',
    ],
    ['a layer that ends early', tampered((made) => blobs(made, (bytes) => bytes.subarray(0, -10))), 'image/truncated'],
    ['a layer that is not there', tampered((made) => made.blobs.delete(layerOf(made))), 'image/unreadable'],
    ['another diff ID', makeImage({ layers: [hello] }).source, 'image/digest-mismatch'],
    [
      'an artifact',
      rooted({
        config: { digest: sha256(Buffer.alloc(0)), size: 2, mediaType: 'application/vnd.cncf.helm.config.v1+json' },
        layers: [],
      }),
      'image/not-an-image',
    ],
    ['a manifest of schema 1', rooted({ schemaVersion: 1, fsLayers: [] }), 'image/not-an-image'],
    [
      'a manifest with a wrong digest',
      rooted({ config: { digest: 'sha256:../../etc/passwd', size: 2 }, layers: [] }),
      'image/unreadable',
    ],
    [
      'a negative size',
      rooted({ config: { digest: sha256(Buffer.alloc(0)), size: -2 }, layers: [] }),
      'image/unreadable',
    ],
    [
      'text',
      memorySource(new Map([[sha256(Buffer.from('<html>')), Buffer.from('<html>')]]), sha256(Buffer.from('<html>'))),
      'image/unreadable',
    ],
  ])('is refused: %s', async (name, source, code) => {
    if (name !== 'another diff ID') {
      expect(await codeOf(measureImage(source, amd64))).toBe(code)
      return
    }
    const made = makeImage({ layers: [hello] })
    const other = zlib.gzipSync(tar([{ path: 'other' }]))
    const manifest = {
      ...made.manifest,
      layers: [{ ...made.manifest.layers[0], digest: sha256(other), size: other.length }],
    }
    const root = Buffer.from(JSON.stringify(manifest))
    const all = new Map([...made.blobs, [sha256(other), other], [sha256(root), root]])
    expect(await codeOf(measureImage(memorySource(all, sha256(root)), amd64))).toBe(code)
  })

  function blobs(made: Made, change: (bytes: Buffer) => Buffer): void {
    made.blobs.set(layerOf(made), change(made.blobs.get(layerOf(made)) as Buffer))
  }

  test('is refused: a layer that unpacks to thousands of times its size', async () => {
    const bomb = Buffer.concat([header({ path: 'zeros', size: 60e6 }), Buffer.alloc(60e6), Buffer.alloc(1024)])
    for (const compression of ['gzip', 'zstd'] as const) {
      const { source } = makeImage({ layers: [bomb], compression })
      const limits = { ...defaultLimits, ratioFrom: 10e6 }
      expect(await codeOf(measureImage(source, amd64, { limits }))).toBe('image/limit')
    }
  })

  test('is refused: more bytes than a layer may have, before all of them were unpacked', async () => {
    const { source } = makeImage({ layers: [[{ path: 'a', content: Buffer.alloc(3e6) }]] })
    const limits = { ...defaultLimits, layerBytes: 1e6 }
    expect(await codeOf(measureImage(source, amd64, { limits }))).toBe('image/limit')
  })

  test('is refused: a million entries that no layer has alone', async () => {
    const layer = Array.from({ length: 60 }, (_, index) => ({ path: `f${index}` }))
    const { source } = makeImage({ layers: [layer, layer] })
    expect(await codeOf(measureImage(source, amd64, { limits: { ...defaultLimits, entries: 100 } }))).toBe(
      'image/limit',
    )
  })

  test('is refused: a source that never ends', async () => {
    const made = makeImage({ layers: [hello] })
    let sent = 0
    const endless: BlobSource = {
      ...made.source,
      blob: async (digest) =>
        digest === made.manifest.config.digest
          ? made.source.blob(digest)
          : Readable.from(
              (function* () {
                for (;;) {
                  sent++
                  yield randomBytes(65_536)
                }
              })(),
            ),
    }
    expect(await codeOf(measureImage(endless, amd64))).toMatch(/^image\//)
    expect(sent).toBeLessThan(100)
  })

  test('is refused: a layer that goes on for ever behind its compressed data', async () => {
    const made = makeImage({ layers: [hello] })
    let sent = 0
    const endless: BlobSource = {
      ...made.source,
      blob: async (digest) => {
        if (digest !== made.manifest.layers[0]?.digest) return made.source.blob(digest)
        const forEver = function* () {
          yield made.blobs.get(digest) as Buffer
          for (; sent < 1000; sent++) yield Buffer.alloc(65_536)
        }
        return Readable.from(forEver())
      },
    }
    expect(await codeOf(measureImage(endless, amd64))).toBe('image/digest-mismatch')
    expect(sent).toBeLessThan(50)
  })

  test.each([
    ['as they were', 0, undefined],
    ['changed', 1, 'image/digest-mismatch'],
  ])('is judged by all bytes of a layer: zeros behind the compressed data, %s', async (_, last, code) => {
    const made = makeImage({ layers: [hello] })
    const layer = (end: number) =>
      Buffer.concat([made.blobs.get(layerOf(made)) as Buffer, Buffer.alloc(200_000), Buffer.from([end])])
    const stated = { ...made.manifest.layers[0], digest: sha256(layer(0)), size: layer(0).length }
    const root = Buffer.from(JSON.stringify({ ...made.manifest, layers: [stated] }))
    const all = new Map([...made.blobs, [stated.digest, layer(last)], [sha256(root), root]])
    expect(await codeOf(measureImage(memorySource(all, sha256(root)), amd64))).toBe(code)
  })

  /** An image of two layers; the second one comes as a stream of the test. */
  function halfOf(stream: Readable, first?: Readable): BlobSource {
    const made = makeImage({ layers: [hello, [{ path: 'b', content: 'x' }]] })
    const [one, two] = made.manifest.layers.map(({ digest }) => digest)
    const blob = async (digest: string): Promise<Readable> =>
      digest === two ? stream : digest === one && first ? first : made.source.blob(digest)
    return { ...made.source, blob }
  }

  test('is refused with the error of the source', async () => {
    const stream = new Readable({ read: () => stream.destroy(new Error('connection reset')) })
    expect(await problemOf(measureImage(halfOf(stream), amd64))).toBe(
      'image/unreadable: A layer cannot be read: connection reset.',
    )
  })

  test('is not read further when one of its layers is refused', async () => {
    const waiting = new Readable({ read: () => {} })
    const broken = new Readable({ read: () => broken.destroy(new Error('connection reset')) })
    expect(await codeOf(measureImage(halfOf(waiting, broken), amd64))).toBe('image/unreadable')
    expect(waiting.destroyed).toBe(true)
  })

  test('does not prevent the next large one from being read', async () => {
    const limits = { ...defaultLimits, small: 1 }
    const good = makeImage({ layers: [hello] }).source
    const bad = makeImage({ layers: [Buffer.concat([tar(hello).subarray(0, -1024), header({ path: '../x' })])] }).source
    for (const [source, code] of [
      [good, undefined],
      [bad, 'image/unsafe-path'],
      [good, undefined],
    ] as const)
      expect(await codeOf(measureImage(source, amd64, { limits }))).toBe(code)
  })

  test('measures the same with and without notes', async () => {
    const { source } = makeImage({ layers: [[{ path: 'a', content: 'x', mode: 0o666 }]] })
    expect(await inspectImage(source, amd64)).toEqual({
      measure: await measureImage(source, amd64),
      notes: { files: [{ kind: 'world-writable', path: 'a', bytes: 1, layer: 0 }], leftovers: [] },
    })
  })

  test('ends when it is cancelled in the middle of a layer', async () => {
    const made = makeImage({ layers: [[{ path: 'a', content: randomBytes(2e6) }]] })
    const controller = new AbortController()
    const stalled: BlobSource = {
      ...made.source,
      blob: async (digest) => {
        if (digest === made.manifest.config.digest) return made.source.blob(digest)
        setTimeout(() => controller.abort(new Error('cancelled')), 20)
        return new Readable({ read() {} })
      },
    }
    await expect(measureImage(stalled, amd64, { signal: controller.signal })).rejects.toThrow('cancelled')
  })
})
