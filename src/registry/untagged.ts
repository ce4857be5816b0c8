import pLimit from 'p-limit'
import { messageOf } from '../core/diagnostics.ts'
import { type Digest, isDigest } from '../core/digest.ts'
import { fieldOf, textOf } from '../core/json-fields.ts'
import type { Manifest, Registry } from './client.ts'
import { isMissing, isRefused } from './error.ts'
import type { Repository } from './name.ts'
import { parseJson } from './response.ts'

/** Maximum tags. Each costs two requests, one before and one after the deletion. */
const mostTags = 500
const requestsAtOnce = 6
/** Maximum levels of indexes within indexes. Real images have fewer. */
const maxIndexDepth = 3

/** A digest that no content has, to test whether a registry deletes manifests: if it does, it responds that this one is missing. */
const noDigest: Digest = `sha256:${'0'.repeat(64)}`

/**
 * Deletes the manifests that no tag leads to: directly, in an index, or as the subject of a signature or an attestation. In doubt a manifest stays.
 * Registries cannot delete only untagged manifests, so the tags are read again, and one that is tagged by then is put back. Never rejects.
 * @returns for each digest why it stays, as the rest of a sentence; undefined: it is not in the registry any more.
 */
export async function deleteUntagged(
  repository: Repository,
  digests: readonly Digest[],
  registry: Registry,
): Promise<ReadonlyMap<Digest, string | undefined>> {
  const fates = new Map<Digest, string | undefined>()
  const readTags = openTags(repository, registry)
  try {
    // Tested first, so that the tags are not read if the registry deletes nothing.
    if ((await registry.deleteManifest(repository, noDigest)) === 'refused') return all(digests, notAllowed)
    const tagged = await readTags()
    const deleted: Manifest[] = []
    for (const digest of new Set(digests)) {
      fates.set(digest, tagged.has(digest) ? 'a tag leads to it' : await deleteOne(digest))
    }
    if (deleted.length === 0) return fates
    const now = await readTags().catch(() => undefined)
    for (const manifest of deleted) {
      if (now && !now.has(manifest.digest)) continue
      const why = 'a tag may have come to lead to it meanwhile'
      const lost = await registry.putManifest(repository, manifest.digest, manifest).catch(messageOf)
      fates.set(
        manifest.digest,
        lost === undefined ? why : `it was deleted, but ${why}, and it cannot be put back: ${lost}`,
      )
    }
    return fates

    async function deleteOne(digest: Digest): Promise<string | undefined> {
      try {
        const manifest = await registry.manifest(repository, digest)
        const outcome = await registry.deleteManifest(repository, digest)
        if (outcome === 'refused') return notAllowed
        if (outcome === 'deleted') deleted.push(manifest)
        return undefined
      } catch (thrown) {
        return isMissing(thrown) ? undefined : messageOf(thrown)
      }
    }
  } catch (thrown) {
    return all(digests, isRefused(thrown) ? notAllowed : messageOf(thrown))
  }
}

const notAllowed = 'the registry does not let this login delete manifests'

const all = (digests: readonly Digest[], why: string): ReadonlyMap<Digest, string> =>
  new Map(digests.map((digest) => [digest, why]))

/** Reads which digests the tags of a repository lead to. A manifest never changes, so the second reading requests only new ones. */
function openTags(repository: Repository, registry: Registry): () => Promise<ReadonlySet<Digest>> {
  const known = new Map<Digest, Promise<Named>>()
  const named = (digest: Digest): Promise<Named> => {
    const reading =
      known.get(digest) ?? registry.manifest(repository, digest).then((manifest) => namedIn(manifest, repository))
    known.set(digest, reading)
    return reading
  }
  return async () => {
    const tags = await registry.listTags(repository).catch((thrown: unknown) => {
      // A repository that has no tag yet.
      if (isMissing(thrown)) return []
      throw thrown
    })
    if (tags.length > mostTags) throw new Error(`there are more than ${mostTags} tags that may lead to it`)
    const reached = new Set<Digest>()
    const visitManifest = async (digest: Digest, depth: number): Promise<void> => {
      reached.add(digest)
      const { manifests, indexes } = await named(digest)
      for (const one of manifests) reached.add(one)
      if (depth === maxIndexDepth && indexes.length > 0) throw new Error('a tag leads to indexes within indexes')
      for (const index of indexes) if (!reached.has(index)) await visitManifest(index, depth + 1)
    }
    const limit = pLimit(requestsAtOnce)
    const read = async (tag: string): Promise<void> => {
      // The tag under which cosign keeps the signatures of a digest.
      const belongsTo = /^sha256-([0-9a-f]{64})/.exec(tag)?.[1]
      if (belongsTo !== undefined) reached.add(`sha256:${belongsTo}`)
      const digest = await registry.digestOf(repository, tag)
      if (digest !== undefined) await visitManifest(digest, 1)
    }
    await Promise.all(tags.map((tag) => limit(() => read(tag))))
    return reached
  }
}

interface Named {
  readonly manifests: readonly Digest[]
  /** The indexes among them, which name further manifests. */
  readonly indexes: readonly Digest[]
}

/** The digests in a manifest. Source: OCI image-spec `image-index.md`, and `subject` of `manifest.md`. */
function namedIn({ bytes }: Manifest, { registry }: Repository): Named {
  const { manifests, subject } = parseJson(bytes, 'a manifest', registry)
  const parts: readonly unknown[] = Array.isArray(manifests) ? manifests : []
  const isImage = (part: unknown): boolean =>
    /^application\/vnd\.(?:oci\.image|docker\.distribution)\.manifest\.v\d\+json$/.test(textOf(part, 'mediaType'))
  return {
    manifests: digestsOf([...parts.filter(isImage), subject]),
    indexes: digestsOf(parts.filter((part) => !isImage(part))),
  }
}

const digestsOf = (descriptors: readonly unknown[]): readonly Digest[] =>
  descriptors.map((one) => fieldOf(one, 'digest')).filter(isDigest)
