import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BaselineChoice } from '../../src/inputs/options.ts'
import type { Registry } from '../../src/registry/client.ts'
import { codeOf, RegistryError } from '../../src/registry/error.ts'
import {
  baseBranch,
  baseLayers,
  keyPrefix,
  loadBaseline,
  loadBaselines,
  type SizeCache,
  saveBaseline,
} from '../../src/size/baseline.ts'
import { makeImage } from '../image/samples/image.ts'
import { contents, installed, layer, measure, tree, waste } from './measures.ts'

const folder = mkdtempSync(join(tmpdir(), 'size-baseline-'))
afterAll(() => rmSync(folder, { recursive: true }))

const target = {
  addon: 'aicleaner',
  architecture: 'aarch64',
  platform: 'linux/arm64',
  image: 'ghcr.io/org/aarch64-aicleaner',
  tags: ['1.2.3'],
} as const
const main = { ref: 'refs/heads/main', sha: 'c'.repeat(40), defaultBranch: 'main' }
const pullRequest = {
  ...main,
  ref: 'refs/pull/7/merge',
  pullRequest: { number: 7, headSha: '', baseSha: '', baseRef: 'main', headRef: 'x', fork: false, labels: [] },
}
const host = { workspace: folder, signal: new AbortController().signal, event: pullRequest }

const made = makeImage({ layers: [[{ path: 'a', content: 'x' }]], architecture: 'arm64', method: 'registry' })
const answer = (status: number) => new RegistryError(codeOf(status), `answers ${status}`)

/** A registry with this one image under some names; everything else is answered with a status. Of `tags` it has no list, or fails to give one. */
function registry(names: readonly string[], status = 404, tags: readonly string[] | number = 404) {
  const asked: string[] = []
  const client = {
    manifest: async ({ registry: at, path }: { registry: string; path: string }, reference: string) => {
      const name = `${at}/${path}:${reference}`
      asked.push(name)
      if (!names.includes(name)) throw answer(status)
      return made.source.manifest()
    },
    listTags: async () => {
      if (typeof tags === 'number') throw answer(tags)
      asked.push('tags')
      return tags
    },
    blob: async (_: unknown, digest: string) => {
      asked.push(digest)
      return made.source.blob(digest)
    },
  }
  return { asked, client: client as unknown as Registry }
}

function memoryCache(): SizeCache & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    find: async (prefix) => {
      const found = [...entries].findLast(([key]) => key.startsWith(prefix))
      return found && { key: found[0], text: found[1] }
    },
    save: async (key, text) => {
      entries.set(key, text)
    },
  }
}

const full = measure([layer('a', 10), layer('b', 5, { line: 3 })], {
  contents: contents({
    waste: [waste('x', 5, { files: 2 })],
    packages: [installed('gcc', '1', 3, { layer: 1 })],
    tree: tree({ usr: { a: 3 } }),
  }),
  base: { reference: 'base:1', layers: 1 },
})
const load = (choice: BaselineChoice, client = registry([]).client, cache?: SizeCache) =>
  loadBaseline(target, choice, { registry: client, host, ...(cache && { cache }) })
const latest = `${target.image}:latest`

describe('the published image', () => {
  test('is measured by manifest and config, without reading layers', async () => {
    const { asked, client } = registry([latest])
    const found = await load({ kind: 'registry' }, client)
    expect(found).toMatchObject({
      baseline: { source: 'registry', reference: latest, measure: { manifestDigest: made.root } },
    })
    expect(asked).toEqual([latest, made.manifest.config.digest])
  })

  test('is read completely if details are needed', async () => {
    const { asked, client } = registry([latest])
    expect(await load({ kind: 'registry', detail: true }, client)).toMatchObject({
      baseline: { source: 'registry', measure: { method: 'registry', contents: { merged: 1, tree: { bytes: 1 } } } },
    })
    expect(asked).toContain(made.manifest.layers[0]?.digest)
  })

  test('is searched under latest, then under the tags of this version', async () => {
    const { asked, client } = registry([`${target.image}:1.2.3`])
    expect(await load({ kind: 'registry' }, client)).toMatchObject({ baseline: { reference: `${target.image}:1.2.3` } })
    expect(asked[0]).toBe(latest)
  })

  test('is the previous version if neither exists, with how it was chosen', async () => {
    const { asked, client } = registry([`${target.image}:1.2.2`], 404, ['1.2.2', '1.2.1', '1.3.0', 'aarch64'])
    const places = { registry: client, host }
    expect(await loadBaseline({ ...target, version: '1.2.3' }, { kind: 'auto' }, places)).toMatchObject({
      baseline: {
        source: 'registry',
        reference: `${target.image}:1.2.2`,
        chosen: 'the highest of 2 published versions below 1.2.3',
        measure: { manifestDigest: made.root },
      },
    })
    expect(asked).toEqual([
      latest,
      `${target.image}:1.2.3`,
      'tags',
      `${target.image}:1.2.2`,
      made.manifest.config.digest,
    ])
  })

  test('makes this the first measurement when nothing below is published, or tags cannot be listed', async () => {
    const none = `first measurement: ${latest} is not published`
    expect(await load({ kind: 'registry' }, registry([], 404, ['latest', 'x9.9.9']).client)).toEqual({ none })
    expect(await load({ kind: 'registry' }, registry([], 404, 403).client)).toEqual({ none })
    expect(await load({ kind: 'registry' }, registry([], 404, 500).client)).toEqual({
      none: `first measurement: the tags of ${target.image} cannot be listed: answers 500`,
    })
  })

  test('that is configured and does not exist has no fallback', async () => {
    const { asked, client } = registry([], 404, ['1.2.2'])
    expect(await load({ kind: 'registry', reference: 'ghcr.io/org/x:9' }, client)).toHaveProperty('none')
    expect(asked).toEqual(['ghcr.io/org/x:9'])
  })

  test('may be named, with the architecture filled in', async () => {
    const name = 'ghcr.io/org/aarch64-other:2'
    const { client } = registry([name])
    expect(await load({ kind: 'registry', reference: 'ghcr.io/org/{arch}-other:2' }, client)).toHaveProperty('baseline')
  })

  test.each([
    [404, `first measurement: ${latest} is not published`],
    [401, `first measurement: ${latest} is not published, or this run may not read it`],
    [403, `first measurement: ${latest} is not published, or this run may not read it`],
    [500, `first measurement: ${latest} cannot be read: answers 500`],
  ])('makes this the first measurement when the registry answers %d', async (status, none) => {
    expect(await load({ kind: 'registry' }, registry([], status).client)).toEqual({ none })
  })

  test('makes this the first measurement when it is for another platform', async () => {
    const found = await loadBaseline(
      { ...target, platform: 'linux/386' },
      { kind: 'registry' },
      { registry: registry([latest]).client, host },
    )
    expect(found).toEqual({ none: expect.stringMatching(/^first measurement: .*a platform other than/) })
  })
})

describe('the cache', () => {
  test('returns the entry of the base branch, with its commit and all details', async () => {
    const cache = memoryCache()
    await saveBaseline(target, full, main, cache)
    const key = `aicleaner-build-size-1-aicleaner-aarch64-main@${main.sha}`
    expect(await load({ kind: 'cache' }, undefined, cache)).toEqual({
      baseline: {
        source: 'cache',
        reference: key,
        chosen: 'the last build of branch main',
        commit: main.sha,
        measure: full,
      },
    })
  })

  test('is not written by a pull request or a tag', async () => {
    const cache = memoryCache()
    await saveBaseline(target, full, pullRequest, cache)
    await saveBaseline(target, full, { ...main, ref: 'refs/tags/v1' }, cache)
    expect(cache.entries.size).toBe(0)
  })

  test('does not take the entry of another branch, add-on or architecture', async () => {
    const cache = memoryCache()
    await saveBaseline(target, full, { ...main, ref: 'refs/heads/main-2' }, cache)
    await saveBaseline({ ...target, architecture: 'armv7' }, full, main, cache)
    await saveBaseline({ ...target, addon: 'aicleaner2' }, full, main, cache)
    expect(await load({ kind: 'cache' }, undefined, cache)).toEqual({
      none: 'first measurement: the cache has no sizes of branch main',
    })
  })

  test.each([
    ['no JSON', 'garbage'],
    ['another version', '{"schemaVersion":2}'],
    ['no measure', '{"schemaVersion":1,"addon":"aicleaner","architecture":"aarch64"}'],
    [
      'a size that is text',
      JSON.stringify({
        schemaVersion: 1,
        addon: 'aicleaner',
        architecture: 'aarch64',
        measure: { ...full, download: '5' },
      }),
    ],
    [
      'a negative size',
      JSON.stringify({
        schemaVersion: 1,
        addon: 'aicleaner',
        architecture: 'aarch64',
        measure: { ...full, download: -1 },
      }),
    ],
    [
      'a layer that is not there',
      JSON.stringify({
        schemaVersion: 1,
        addon: 'aicleaner',
        architecture: 'aarch64',
        measure: { ...full, layers: [] },
      }),
    ],
  ])('with an entry of %s makes this the first measurement', async (_, text) => {
    const cache = memoryCache()
    cache.entries.set(`${keyPrefix(target, 'main')}x`, text)
    expect(await load({ kind: 'cache' }, undefined, cache)).toEqual({ none: expect.stringContaining('cannot be read') })
  })

  test('with an entry of another image makes this the first measurement', async () => {
    const cache = memoryCache()
    await saveBaseline({ ...target, addon: 'other' }, full, main, cache)
    const [[, text = ''] = []] = [...cache.entries]
    cache.entries.set(`${keyPrefix(target, 'main')}x`, text)
    expect(await load({ kind: 'cache' }, undefined, cache)).toEqual({
      none: 'first measurement: the cache entry is of another image',
    })
  })

  test('that has no entry makes this the first measurement', async () => {
    expect(await load({ kind: 'cache' })).toEqual({ none: 'first measurement: this run has no cache' })
  })

  test('that fails makes this the first measurement', async () => {
    const broken: SizeCache = { find: () => Promise.reject(new Error('429')), save: async () => {} }
    expect(await load({ kind: 'cache' }, undefined, broken)).toEqual({ none: 'first measurement: 429' })
  })
})

describe('auto', () => {
  test('takes the cache before the published image', async () => {
    const cache = memoryCache()
    await saveBaseline(target, full, main, cache)
    expect(await load({ kind: 'auto' }, registry([latest]).client, cache)).toMatchObject({
      baseline: { source: 'cache' },
    })
  })

  test('uses the published image if the cache has no entry or fails', async () => {
    const broken: SizeCache = { find: () => Promise.reject(new Error('429')), save: async () => {} }
    for (const cache of [undefined, memoryCache(), broken])
      expect(await load({ kind: 'auto' }, registry([latest]).client, cache)).toMatchObject({
        baseline: { source: 'registry' },
      })
  })

  test('has both reasons if neither is available', async () => {
    expect(await load({ kind: 'auto' }, undefined, memoryCache())).toEqual({
      none: `first measurement: the cache has no sizes of branch main, and ${latest} is not published`,
    })
  })
})

describe('a file', () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return { kind: 'file', path: name } as const
  }

  test('may be a report.json', async () => {
    const report = {
      schemaVersion: 1,
      run: { sha: 'd'.repeat(40) },
      addons: [
        { targets: [{ addon: 'aicleaner', architecture: 'amd64' }] },
        { targets: [{ addon: 'aicleaner', architecture: 'aarch64', size: { measure: full } }] },
      ],
    }
    expect(await load(write('report.json', JSON.stringify(report)))).toEqual({
      baseline: { source: 'file', reference: 'report.json', commit: 'd'.repeat(40), measure: full },
    })
    const local = { ...report, run: { sha: '' } }
    const found = await load(write('local.json', JSON.stringify(local)))
    expect(found).toMatchObject({ baseline: { measure: full } })
    expect('baseline' in found && found.baseline).not.toHaveProperty('commit')
    const other = await loadBaseline(
      { ...target, architecture: 'amd64' },
      { kind: 'file', path: 'report.json' },
      { registry: registry([]).client, host },
    )
    expect(other).toEqual({ none: 'first measurement: report.json has no aicleaner for amd64' })
  })

  test('may be an OCI layout, which is read in full', async () => {
    const path = join(folder, 'layout')
    mkdirSync(join(path, 'blobs', 'sha256'), { recursive: true })
    for (const [digest, bytes] of made.blobs) writeFileSync(join(path, 'blobs', 'sha256', digest.slice(7)), bytes)
    writeFileSync(join(path, 'index.json'), JSON.stringify({ manifests: [{ digest: made.root, size: 1 }] }))
    expect(await load({ kind: 'file', path: 'layout' })).toMatchObject({
      baseline: { source: 'file', measure: { contents: { merged: 1, tree: { bytes: 1 } } } },
    })
  })

  test('that is a link out of the workspace makes this the first measurement', async () => {
    symlinkSync('/etc/hostname', join(folder, 'out.json'))
    expect(await load({ kind: 'file', path: 'out.json' })).toEqual({
      none: 'first measurement: out.json is a link that leads out of the workspace',
    })
  })

  test.each<[string, BaselineChoice, string]>([
    ['is not there', { kind: 'file', path: 'none.json' }, 'none.json does not exist'],
    ['is damaged', write('bad.json', '{'), 'bad.json cannot be read'],
    ['is no archive', write('bad.tar', 'text'), 'ends in the middle'],
  ])('that %s makes this the first measurement', async (_, choice, why) => {
    expect(await load(choice)).toEqual({ none: expect.stringContaining(why) })
  })
})

test('none makes this the first measurement', async () => {
  expect(await load({ kind: 'none' })).toEqual({ none: 'first measurement: baseline is set to none' })
})

test('loadBaselines starts all requests immediately, and each only once', async () => {
  const { asked, client } = registry([latest])
  const baselineOf = loadBaselines([target], { kind: 'registry' }, { registry: client, host })
  expect(asked).toEqual([latest])
  expect(await baselineOf(target)).toBe(await baselineOf(target))
})

test('loadBaselines uses the cache if there is one', async () => {
  const cache = memoryCache()
  await saveBaseline(target, full, main, cache)
  const baselineOf = loadBaselines([target], { kind: 'cache' }, { registry: registry([]).client, host, cache })
  expect(await baselineOf(target)).toMatchObject({ baseline: { source: 'cache', measure: full } })
})

test.each([
  [main, 'main'],
  [{ ...main, ref: 'refs/heads/feature/x' }, 'feature/x'],
  [{ ...main, ref: 'refs/tags/v1.0' }, 'main'],
  [pullRequest, 'main'],
])('baseBranch of %j is %s', (event, branch) => {
  expect(baseBranch(event)).toBe(branch)
})

test('keys contain no characters that a cache refuses', () => {
  expect(keyPrefix(target, 'a,b/c@d')).toMatch(/^[^,]+$/)
  expect(keyPrefix(target, 'main@x').startsWith(keyPrefix(target, 'main'))).toBe(false)
})

test('baseLayers returns diff IDs if the base can be read, otherwise nothing', async () => {
  const { client } = registry([latest])
  expect(await baseLayers({ ...target, baseImage: latest }, client)).toEqual({
    reference: latest,
    diffIds: [expect.stringMatching(/^sha256:/)],
  })
  expect(await baseLayers({ ...target, baseImage: 'ghcr.io/none/x' }, client)).toBeUndefined()
  expect(await baseLayers({ ...target, baseImage: 'scratch' }, client)).toEqual({ reference: 'scratch', diffIds: [] })
})
