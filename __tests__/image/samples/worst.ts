import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { sha256 } from '../../../src/core/sha256.ts'
import { inspectImage } from '../../../src/image/image.ts'
import type { BlobSource } from '../../../src/image/sources/source.ts'
import { header, padded, pax } from './tar.ts'

/*
 * A program of its own, so that a test can give it little memory: reads so many images at once that are made to fill it, all of a kind, and prints as JSON what came of each
 * and the most memory that it took.
 *   node --max-old-space-size=MB worst.ts KIND IMAGES
 */

const end = Buffer.alloc(1024)
const member = (path: string, content: Buffer = Buffer.alloc(0), more: object = {}): Buffer[] => {
  const long = Buffer.byteLength(path) > 100
  const extended = long ? pax({ path }) : undefined
  return [
    ...(extended ? [header(extended), padded(Buffer.from(extended.content ?? ''))] : []),
    header({ path: long ? 'long' : path, size: content.length, ...more }),
    padded(content),
  ]
}

/** One tar of many members; each piece is compressed by itself, because a tar of half a gigabyte is not to be held. */
function* members(count: number, make: (index: number) => Buffer[]): Generator<Buffer> {
  for (let index = 0; index < count; index += 500) {
    const piece: Buffer[] = []
    for (let at = index; at < Math.min(count, index + 500); at++) piece.push(...make(at))
    yield Buffer.concat(piece)
  }
  yield end
}

const deep = (index: number, parts: number): string =>
  `${[...String(index).padStart(6, '0')].join('/') + '/d'.repeat(parts - 7)}/f`

const text = (line: string, bytes: number): Buffer => Buffer.from(line.repeat(Math.ceil(bytes / line.length)))

/** Layers of one image: a little more than the limits allow, or than the heap of its test holds. */
const kinds: Readonly<Record<string, () => readonly Iterable<Buffer>[]>> = {
  'deep paths': () => [members(3000, (index) => member(deep(index, 200)))],
  'as many nodes as are allowed': () => [members(1900, (index) => member(deep(index, 250), Buffer.from('x')))],
  'links to long targets': () => [
    members(20, (index) => {
      const record = pax({ linkpath: 'x'.repeat(900_000) })
      return [header(record), padded(Buffer.from(record.content ?? '')), header({ path: `l${index}`, type: '2' })]
    }),
  ],
  'a tree that each layer replaces': () =>
    Array.from({ length: 3 }, (_, layer) =>
      members(1900, (index) => member(deep(index, 250), Buffer.from(`${layer}`))),
    ),
  'a package database of short lines, again and again': () => [
    members(2, () => member('lib/apk/db/installed', text('P:a\nF:b\nR:c\n\n', 7e6))),
  ],
  'lists of files': () => [members(2, (index) => member(`var/lib/dpkg/info/p${index}.list`, text('/a\n', 7e6)))],
  'accounts without a password': () => [
    members(1000, () => member('etc/shadow', Buffer.from(`${'n'.repeat(60_000)}::1:2:3\n`))),
  ],
  'scripts with long interpreters': () => [
    members(33_000, (index) => member(`s${index}`, Buffer.from(`#!/${'a/'.repeat(1000)}b\n`), { mode: 0o755 })),
  ],
}

interface Stored {
  readonly digest: string
  readonly size: number
  readonly diffId: string
  readonly pieces: readonly Buffer[]
}

/** Compressed piece by piece, each to a gzip member of its own: the tar itself is never held as a whole. */
function stored(pieces: Iterable<Buffer>): Stored {
  const [plain, packed] = [createHash('sha256'), createHash('sha256')]
  const kept: Buffer[] = []
  let size = 0
  for (const piece of pieces) {
    plain.update(piece)
    const member = gzipSync(piece, { level: 1 })
    packed.update(member)
    size += member.length
    kept.push(member)
  }
  return { digest: `sha256:${packed.digest('hex')}`, size, diffId: `sha256:${plain.digest('hex')}`, pieces: kept }
}

function imageOf(layers: readonly Stored[]): BlobSource {
  const config = Buffer.from(
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: layers.map(({ diffId }) => diffId) } }),
  )
  const manifest = Buffer.from(
    JSON.stringify({
      config: { digest: sha256(config), size: config.length },
      layers: layers.map(({ digest, size }) => ({ digest, size, mediaType: '' })),
    }),
  )
  return {
    method: 'registry',
    manifest: async () => ({ digest: sha256(manifest), mediaType: '', bytes: manifest }),
    blob: async (digest) => Readable.from(layers.find((layer) => layer.digest === digest)?.pieces ?? [config]),
  }
}

const [kind = '', images = '1'] = process.argv.slice(2)
const layers = kinds[kind]
if (!layers) throw new Error(`There is no kind "${kind}"; there are: ${Object.keys(kinds).join(', ')}`)
const image = imageOf(layers().map(stored))
const outcomes = await Promise.all(
  Array.from({ length: Number(images) }, async () => {
    try {
      const { measure } = await inspectImage(image, 'linux/amd64', { treeFrom: 0 })
      return `${measure.contents?.files} files`
    } catch (thrown) {
      const { diagnostics } = thrown as { diagnostics?: { code: string; message: string }[] }
      if (!diagnostics?.[0]) throw thrown
      return `${diagnostics[0].code}: ${diagnostics[0].message}`
    }
  }),
)
const [, highest = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
console.log(JSON.stringify({ outcomes, megabytes: Math.round(Number(highest) / 1e3) }))
