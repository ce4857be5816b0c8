import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from '@jest/globals'
import { digestFor } from '../images/bases.ts'
import { versionOf } from '../images/buildkit.ts'
import { compressLayer, makeImage, makeIndex } from '../images/oci.ts'
import { debootstrapArguments, python, recipeKey, targets, tiny } from '../images/recipes.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-oci-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sha256 = (data: string | Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`

test('the digest of a layer is that of its compressed bytes, and its diff ID that of the tar', async () => {
  const tar = Buffer.alloc(3_000_000, 'test environment')
  writeFileSync(join(folder, 'tree.tar'), tar)
  const layer = await compressLayer(join(folder, 'tree.tar'), join(folder, 'layer.tar.gz'))
  const written = readFileSync(layer.file)
  expect(layer).toMatchObject({ size: written.length, digest: sha256(written), diffId: sha256(tar) })
  expect(gunzipSync(written).equals(tar)).toBe(true)
})

describe('an image', () => {
  const layer = { file: '/x', digest: `sha256:${'a'.repeat(64)}`, size: 7, diffId: `sha256:${'b'.repeat(64)}` }
  const image = makeImage({ os: 'linux', architecture: 'arm', variant: 'v7' }, [layer], { Cmd: ['sh'] })

  test('has its platform, including the variant, in the configuration', () => {
    expect(JSON.parse(image.configuration.text)).toMatchObject({
      os: 'linux',
      architecture: 'arm',
      variant: 'v7',
      config: { Cmd: ['sh'] },
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    })
  })
  test('refers to its configuration and layers by digest and size', () => {
    expect(JSON.parse(image.manifest.text)).toMatchObject({
      config: { digest: sha256(image.configuration.text), size: image.configuration.text.length },
      layers: [{ digest: layer.digest, size: 7 }],
    })
    expect(image.manifest.digest).toBe(sha256(image.manifest.text))
  })
  test('is reproducible', () => {
    expect(makeImage(image.platform, [layer], { Cmd: ['sh'] }).manifest.digest).toBe(image.manifest.digest)
  })
  test('is found in an index by its platform', () => {
    const other = makeImage({ os: 'linux', architecture: 'amd64' }, [layer], {})
    const index = makeIndex([other, image])
    expect(digestFor(index.text, 'arm', 'v7')).toBe(image.manifest.digest)
    expect(digestFor(index.text, 'amd64')).toBe(other.manifest.digest)
    expect(digestFor(index.text, 'arm', 'v6')).toBeUndefined()
    expect(digestFor(index.text, 'arm64', 'v8')).toBeUndefined()
  })
})

describe('a recipe', () => {
  test('has another key if any of its inputs changes', () => {
    const keys = [
      recipeKey(tiny, 'amd64', ['script']),
      recipeKey(tiny, 'arm64', ['script']),
      recipeKey(python, 'amd64', ['script']),
      recipeKey(tiny, 'amd64', ['other']),
      recipeKey(tiny, 'amd64', ['scr', 'ipt']),
      recipeKey({ ...tiny, suite: 'trixie' }, 'amd64', ['script']),
      recipeKey({ ...tiny, packages: ['busybox'] }, 'amd64', ['script']),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(recipeKey(tiny, 'amd64', ['script'])).toBe(keys[0])
  })
  test('passes patterns and names in separate options', () => {
    const args = debootstrapArguments(python, 'armhf', '/recipes', '-', 'http://mirror.example')
    expect(args).toContain('--include=?essential')
    expect(args.filter((arg) => arg.startsWith('--include=')).join()).not.toMatch(/\?essential,\w/)
    expect(args.slice(-3)).toEqual(['bookworm', '-', 'http://mirror.example'])
  })
  test('uses the default mirror of mmdebstrap if the machine has none', () => {
    expect(debootstrapArguments(tiny, 'amd64', '/recipes', '-').slice(-2)).toEqual(['bookworm', '-'])
  })
  test('covers three platforms', () => {
    expect(targets.map(({ platform }) => Object.values(platform).join('/'))).toEqual([
      'linux/amd64',
      'linux/arm64/v8',
      'linux/arm/v7',
    ])
  })
})

test('the version of BuildKit comes from the pinned reference', () => {
  expect(versionOf('moby/buildkit:v0.32.0')).toBe('v0.32.0')
  expect(() => versionOf('moby/buildkit:latest')).toThrow(/no released version/)
})
