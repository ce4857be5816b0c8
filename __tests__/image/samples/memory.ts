import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { constants, createZstdCompress, gzipSync } from 'node:zlib'
import { sha256 } from '../../../src/core/sha256.ts'
import { measureImage } from '../../../src/image/image.ts'
import type { Compression } from '../../../src/image/measure.ts'
import { material } from './material.ts'
import { header, padded } from './tar.ts'

/*
 * A program of its own: measures an image of so many MB that no one ever holds, and prints by how many MB this process has grown at its largest.
 *   node memory.ts MEGABYTES gzip|zstd|none FILES
 */
const [megabytes = 100, kind = 'gzip', files = 1000] = process.argv.slice(2) as unknown as [number, Compression, number]
const atStart = process.memoryUsage().rss

const each = Math.floor((megabytes * 1e6) / files)
const content = material()

function* archive(): Generator<Buffer> {
  for (let index = 0; index < files; index++) {
    yield header({ path: `usr/share/folder${index % 97}/some-file-${index}.dat`, size: each })
    const from = kind === 'gzip' ? 0 : (index * 1_000_003) % (content.length >> 1)
    for (let left = each; left > 0; left -= content.length >> 1)
      yield content.subarray(from, from + Math.min(left, content.length >> 1))
    yield padded(Buffer.alloc(each % 512)).subarray(each % 512)
  }
  yield Buffer.alloc(1024)
}

/** Compressing hundreds of MB takes far longer than reading them: each piece is compressed once, to a gzip member of its own. */
function* members(): Generator<Buffer> {
  const known = new Map<number, Buffer>()
  for (const piece of archive()) {
    if (piece.length <= 1024) yield gzipSync(piece)
    else {
      const member = known.get(piece.length) ?? gzipSync(piece)
      known.set(piece.length, member)
      yield member
    }
  }
}

function blob(): Readable {
  if (kind === 'gzip') return Readable.from(members(), { objectMode: false })
  const plain = Readable.from(archive(), { objectMode: false })
  return kind === 'none'
    ? plain
    : plain.pipe(createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: -20 } }))
}

async function weigh(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    size += chunk.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

const layer = { mediaType: '', ...(await weigh(blob())) }
const diffId = (await weigh(archive())).digest
const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [diffId] } }))
const manifest = Buffer.from(
  JSON.stringify({ config: { digest: sha256(config), size: config.length }, layers: [layer] }),
)
const measure = await measureImage(
  {
    method: 'registry',
    manifest: async () => ({ digest: sha256(manifest), mediaType: '', bytes: manifest }),
    blob: async (digest) => (digest === layer.digest ? blob() : Readable.from([config])),
  },
  'linux/amd64',
  { treeFrom: 4096 },
)
if (measure.contents?.merged !== each * files)
  throw new Error(`${measure.contents?.merged} bytes were counted, not ${each * files}.`)
// Of this program's own memory: what getrusage calls the largest is inherited from the parent, which is Jest.
const [, highest = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
console.log(Math.round((Number(highest) * 1024 - atStart) / 1e6))
