import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import { mergedTree, summarize } from '../../src/image/contents.ts'
import { readLayer } from '../../src/image/layer.ts'
import { defaultLimits } from '../../src/image/limits.ts'
import { packageReaders } from '../../src/image/readers/readers.ts'
import { material } from '../image/samples/material.ts'
import { header, padded } from '../image/samples/tar.ts'

const files = 20_000
const megabytes = 400

/**
 * Reads a layer of 400 MB and 20,000 files as a measurement does (digests of blob, tar and files, names, waste), and compares that with `gzip -dc | tar t`, which does
 * none of this. Prints both times and their ratios: wall-clock time, which is only meaningful on an idle machine, and CPU time.
 */
export async function benchImage(print: (line: string) => void = console.log): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-image-'))
  try {
    for (const kind of ['gzip', 'zstd'] as const) {
      const layer = await writeLayer(folder, kind)
      const ours: Spent[] = []
      const theirs: Spent[] = []
      for (let round = 0; round < 3; round++) {
        ours.push(await spentBy(() => measure(layer)))
        theirs.push(listWithTar(layer.path, kind))
      }
      const [mine, other] = [least(ours), least(theirs)]
      print(
        `${kind} layer of ${megabytes} MB, ${files} files: ${seconds(mine)}; ${kind} -dc | tar t: ${seconds(other)}; ` +
          `ratio ${(mine.clock / other.clock).toFixed(2)} wall-clock, ${(mine.processor / other.processor).toFixed(2)} CPU (goal for gzip: at most 1.5)`,
      )
    }
    print(`peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Written {
  readonly path: string
  readonly digest: string
  readonly diffId: string
  readonly size: number
}

/** Writes a layer whose content compresses about as well as programs do. */
async function writeLayer(folder: string, kind: 'gzip' | 'zstd'): Promise<Written> {
  const temporary = join(folder, 'layer')
  const codec = kind === 'gzip' ? createGzip() : createZstdCompress()
  const out = codec.pipe(createWriteStream(temporary))
  const diffId = createHash('sha256')
  const write = async (bytes: Buffer) => {
    diffId.update(bytes)
    if (!codec.write(bytes)) await once(codec, 'drain')
  }
  const content = material()
  const each = Math.floor((megabytes * 1e6) / files)
  for (let index = 0; index < files; index++) {
    const from = (index * 1_000_003) % (content.length - each)
    const path = `usr/lib/package${index % 200}/part${index % 13}/file-${index}.so`
    await write(header({ path, size: each }))
    await write(padded(content.subarray(from, from + each)))
  }
  await write(Buffer.alloc(1024))
  codec.end()
  await finished(out)
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(temporary)) digest.update(chunk as Buffer)
  const path = join(folder, `layer.${kind}`)
  await rename(temporary, path)
  return {
    path,
    digest: `sha256:${digest.digest('hex')}`,
    diffId: `sha256:${diffId.digest('hex')}`,
    size: statSync(path).size,
  }
}

async function measure({ path, digest, diffId, size }: Written): Promise<void> {
  const layer = await readLayer({
    source: {
      method: 'oci-layout',
      manifest: () => Promise.reject(new Error('not asked for')),
      blob: async () => createReadStream(path, { highWaterMark: 1024 * 1024 }),
    },
    layer: { digest, size, mediaType: '' },
    diffId,
    readers: { packages: packageReaders, notes: [] },
    limits: defaultLimits,
  })
  const contents = summarize([layer], mergedTree([layer]), { treeFrom: 4096 })
  if (contents.files !== files) throw new Error(`${contents.files} files were read, not ${files}.`)
}

/** Milliseconds. */
interface Spent {
  readonly clock: number
  readonly processor: number
}

/** The second line of the shell's `times` is the CPU time of its children: `0m3.231s 0m0.773s`. */
function listWithTar(path: string, kind: 'gzip' | 'zstd'): Spent {
  const start = performance.now()
  const script = `${kind} -dc "$1" | tar t | wc -l; times`
  const [listed, , children = ''] = execFileSync('sh', ['-c', script, 'sh', path], { encoding: 'utf8' }).split('\n')
  const clock = performance.now() - start
  if (Number(listed) !== files) throw new Error(`tar lists ${listed} files, not ${files}.`)
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  )
  return { clock, processor: parts.reduce((sum, part) => sum + part * 1000, 0) }
}

async function spentBy(work: () => Promise<void>): Promise<Spent> {
  const start = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { clock: performance.now() - start, processor: (user + system) / 1000 }
}

const least = (all: readonly Spent[]): Spent => ({
  clock: Math.min(...all.map(({ clock }) => clock)),
  processor: Math.min(...all.map(({ processor }) => processor)),
})

const seconds = ({ clock, processor }: Spent): string =>
  `${(clock / 1000).toFixed(2)} s (CPU ${(processor / 1000).toFixed(2)} s)`

if (import.meta.main) await benchImage()
