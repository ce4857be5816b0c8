import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { readResolvedDockerfile } from '../../src/dockerfile/resolve.ts'
import { measureImage } from '../../src/image/image.ts'
import type { ImageMeasure, Waste } from '../../src/image/measure.ts'
import { archiveSource } from '../../src/image/sources/archive.ts'
import { layoutSource } from '../../src/image/sources/layout.ts'
import { registrySource } from '../../src/image/sources/source.ts'
import { withBase } from '../../src/size/base.ts'
import { withDockerfileLines } from '../../src/size/dockerfile-lines.ts'
import { describeWith } from '../environment/describe-with.ts'

jest.setTimeout(300_000)

/** The database of dpkg, and what reads it there, for a base that has none. */
const dpkgOf = (debian: string): string => `COPY --from=${debian} /var/lib/dpkg /var/lib/dpkg
COPY --from=${debian} /usr/bin/dpkg-query /usr/bin/
RUN --mount=from=${debian},target=/debian mkdir -p /lib && cd /debian/usr/lib && cp -L ld-linux*.so.* */libc.so.6 */libmd.so.0 /lib/
`

const dockerfile = (base: string, more = '') => `ARG BASE=${base}
FROM \${BASE}
COPY fat /opt/fat
COPY many /opt/many
RUN rm -rf /opt/many
COPY big.bin /opt/chowned
RUN chown 1000:1000 /opt/chowned
COPY big.bin /opt/replaced
RUN echo other > /opt/replaced
RUN rm -rf /opt/fat && mkdir /opt/fat && echo new > /opt/fat/new
RUN cd /opt && echo linked > one && ln one two && ln -s one soft
RUN rm /opt/one
COPY copy /opt/copy
RUN cd /opt && head -c 70000 /dev/zero > three && ln three four
RUN rm /opt/three /opt/four
COPY mark /opt/copy/.wh.dangling
${more}`
const line = { fat: 3, many: 4, rm: 5, chowned: 6, chown: 7, replaced: 8, echo: 9, opaque: 10, links: 14, unlinked: 15 }

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const sh = (script: string, ...args: readonly string[]): string => run('sh', '-c', script, 'sh', ...args)

/** Bytes of regular files in a listing of \`tar -tv\`, whiteouts left out. */
const listed = (listing: string): number =>
  listing
    .split('\n')
    .filter((row) => row.startsWith('-') && !/(^|\/)\.wh\.[^/]*$/.test(row))
    .reduce((sum, row) => sum + Number(row.split(/\s+/)[2]), 0)

// The engine puts empty files there when it makes a container.
const ofTheEngine = ['etc/hosts', 'etc/hostname', 'etc/resolv.conf', '.dockerenv', 'dev/console']

describeWith(['engine', 'registry', 'bases', 'emulators'], 'sizes that others find too', ({ registry, bases }) => {
  const folder = mkdtempSync(join(tmpdir(), 'img-agreement-'))
  const name = `img-${randomBytes(4).toString('hex')}`
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] as const
  const tagOf = (platform: string) => `${registry}/${name}:${platform.replaceAll('/', '-')}`

  beforeAll(() => {
    for (const part of ['fat', 'many', 'copy']) mkdirSync(join(folder, 'context', part), { recursive: true })
    const noise = randomBytes(3_000_000)
    writeFileSync(join(folder, 'context', 'big.bin'), noise)
    writeFileSync(join(folder, 'context', 'fat', 'model.bin'), randomBytes(2_000_000))
    writeFileSync(join(folder, 'context', 'copy', 'same.bin'), noise.subarray(0, 50_000))
    writeFileSync(join(folder, 'context', 'copy', 'same again.bin'), noise.subarray(0, 50_000))
    // A layer may hide what no layer below has.
    writeFileSync(join(folder, 'context', 'mark'), '')
    for (let index = 0; index < 300; index++)
      writeFileSync(join(folder, 'context', 'many', `file ${index}`), 'x'.repeat(1000 + index))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe.each(platforms)('%s', (platform) => {
    const layout = join(folder, platform.replaceAll('/', '-'))
    // The whole of a Debian is read once; the others have what differs between platforms, and a fiftieth of the bytes.
    const whole = platform === 'linux/amd64'
    const base = whole ? bases?.python : bases?.tiny
    const text = dockerfile(`${base}:latest`, whole ? '' : dpkgOf(`${bases?.python}:latest`))
    const file = join(folder, `Dockerfile.${platform.replaceAll('/', '-')}`)
    const tag = tagOf(platform)
    const blobOf = (digest: string) => join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length))
    let measure: ImageMeasure

    beforeAll(async () => {
      // Without the same media types buildx writes the digest of one output into the index of the other.
      const outputs = [`type=oci,tar=false,dest=${layout}`, `type=docker,oci-mediatypes=true,name=${tag}`]
      writeFileSync(file, text)
      const build = ['buildx', 'build', '--platform', platform, '--provenance=false', '-f', file]
      run('docker', ...build, ...outputs.flatMap((output) => ['--output', output]), join(folder, 'context'))
      run('docker', 'push', tag)
      measure = await measureImage(layoutSource(layout), platform, { treeFrom: 0 })
    })
    afterAll(() => void run('docker', 'image', 'rm', tag))

    test('download: the sum that the manifest in the registry states', async () => {
      const address = `http://${registry?.replace('localhost', '127.0.0.1')}/v2/${name}`
      const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'
      const get = (path: string) => fetch(`${address}/${path}`, { headers: { accept } })
      const bytes = async (path: string) => Buffer.from(await (await get(path)).arrayBuffer())
      const json = JSON.parse(String(await bytes(`manifests/${measure.manifestDigest}`)))
      const sizes = new Map([json.config, ...json.layers].map((one) => [one.digest, one.size]))
      expect(measure.download).toBe([...sizes.values()].reduce((a, b) => a + b, 0))

      const source = registrySource(
        {
          manifest: async (reference) => {
            const found = await bytes(`manifests/${reference}`)
            return { digest: sha256(found), mediaType: '', bytes: found }
          },
          blob: async (digest) => Readable.fromWeb((await get(`blobs/${digest}`)).body as ReadableStream),
        },
        platform.replaceAll('/', '-'),
      )
      const fromRegistry = await measureImage(source, platform, { treeFrom: 0 })
      expect(fromRegistry).toEqual({ ...measure, method: 'registry' })
    })

    test('on disk: what tar lists of each layer', () => {
      for (const { digest, onDisk } of measure.layers) {
        expect(onDisk).toEqual({ bytes: listed(sh('gzip -dc "$1" | tar -tv', blobOf(digest))) })
      }
    })

    test('merged: what du finds in the exported file system', () => {
      const container = run('docker', 'create', '--platform', platform, tag, 'x')
      const root = join(folder, `export-${platform.replaceAll('/', '-')}`)
      mkdirSync(root)
      try {
        sh('docker export "$1" | tar -x --numeric-owner -C "$2"', container, root)
        for (const path of ofTheEngine) rmSync(join(root, path), { force: true })
        // du counts a file with several names once.
        const found = sh('find "$1" -type f -print0 | du -cb --files0-from=- | tail -n 1', root).split(/\s+/)[0]
        const besides = bytesOfTheEngineIn(measure)
        expect(Number(found)).toBe((measure.contents?.merged ?? 0) - besides)
        expect(Number(sh('find "$1" -type f -printf "%i\\n" | sort -u | wc -l', root))).toBe(
          (measure.contents?.files ?? 0) - filesOfTheEngineIn(measure),
        )
      } finally {
        run('docker', 'rm', container)
        rmSync(root, { recursive: true, force: true })
      }
    })

    test('payload of the layers = merged + hidden', () => {
      const { merged = 0, hidden = 0 } = measure.contents ?? {}
      expect(measure.onDisk).toEqual({ bytes: merged + hidden })
    })

    test('the same from an archive of docker save', async () => {
      const file = join(folder, 'saved.tar')
      run('docker', 'save', '--platform', platform, '-o', file, tag)
      const saved = await measureImage(await archiveSource(file), platform, { treeFrom: 0 })
      expect(saved).toEqual({ ...measure, method: 'archive' })
    })

    test('waste: who wrote it and who hid it, by line of the Dockerfile', () => {
      const below = baseOf(base ?? '', platform)
      const dockerfile = readResolvedDockerfile(text, 'Dockerfile', {
        architecture: 'amd64',
        buildArguments: new Map(),
      })
      const explained = withDockerfileLines(withBase(measure, 'base', below), dockerfile)
      expect(explained.base?.layers).toBe(below.length)
      const found = (path: string) => {
        const waste = measure.contents?.waste.find((one) => one.path === path) as Waste
        const at = (index: number) => explained.layers[index]?.line
        return { bytes: waste.bytes, reason: waste.reason, lines: [at(waste.writtenBy), at(waste.hiddenBy)] }
      }
      expect(found('opt/many')).toEqual({
        bytes: 300 * 1000 + (299 * 300) / 2,
        reason: 'deleted',
        lines: [line.many, line.rm],
      })
      expect(found('opt/chowned')).toEqual({
        bytes: 3_000_000,
        reason: 'metadata-only',
        lines: [line.chowned, line.chown],
      })
      expect(found('opt/replaced')).toEqual({
        bytes: 3_000_000,
        reason: 'overwritten',
        lines: [line.replaced, line.echo],
      })
      expect(found('opt/fat/model.bin')).toEqual({
        bytes: 2_000_000,
        reason: 'deleted',
        lines: [line.fat, line.opaque],
      })
      // Content under two names is wasted once, and only when both are gone.
      const links = measure.contents?.waste.filter(({ path }) => /^opt\/(three|four)$/.test(path)) ?? []
      expect(links).toHaveLength(1)
      expect(found(links[0]?.path ?? '')).toEqual({
        bytes: 70_000,
        reason: 'deleted',
        lines: [line.links, line.unlinked],
      })
      // A mark that hides nothing neither wastes nor shows.
      expect(measure.contents?.waste.some(({ path }) => path.includes('dangling'))).toBe(false)
      expect(treeFile(measure, 'opt/copy/.wh.dangling')).toBeUndefined()
      const marks = measure.layers.map(({ digest }) => sh('gzip -dc "$1" | tar -t', blobOf(digest))).join('\n')
      expect(marks).toContain('opt/copy/.wh.dangling')
      // One of two names went; the content is still there.
      expect(measure.contents?.waste.some(({ path }) => path === 'opt/one' || path === 'opt/two')).toBe(false)
    })

    test('packages: those that dpkg lists in the container', () => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is dpkg's own template.
      const query = ['dpkg-query', '-W', '-f', '${Package} ${Version} ${Installed-Size}\\n']
      const rows = run('docker', 'run', '--rm', '--platform', platform, '--entrypoint', '', tag, ...query).split('\n')
      const found = (measure.contents?.packages ?? []).filter(({ manager }) => manager === 'dpkg')
      expect(found.map((one) => `${one.name} ${one.version} ${one.bytes / 1024}`).sort()).toEqual(rows.sort())
    })

    test('duplicates: content that lies there twice', () => {
      expect(measure.contents?.duplicates).toContainEqual({
        bytes: 50_000,
        paths: ['opt/copy/same again.bin', 'opt/copy/same.bin'],
        copies: 2,
      })
    })
  })
})

const treeFile = (measure: ImageMeasure, path: string) =>
  path.split('/').reduce((at, part) => at?.children?.find((child) => child.name === part), measure.contents?.tree)
const bytesOfTheEngineIn = (measure: ImageMeasure): number =>
  ofTheEngine.reduce((sum, path) => sum + (treeFile(measure, path)?.bytes ?? 0), 0)
const filesOfTheEngineIn = (measure: ImageMeasure): number =>
  ofTheEngine.filter((path) => treeFile(measure, path)).length

/** The base's own diff IDs, as docker knows them. */
function baseOf(base: string, platform: string): string[] {
  const raw = run('docker', 'buildx', 'imagetools', 'inspect', `${base}:latest`, '--format', '{{json .Image}}')
  const images = JSON.parse(raw) as Record<string, { rootfs: { diff_ids: string[] } }>
  const key = Object.keys(images).find((one) => one === platform || one.startsWith(`${platform}/`)) ?? ''
  return images[key]?.rootfs.diff_ids ?? []
}
