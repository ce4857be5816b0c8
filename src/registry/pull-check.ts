import { messageOf } from '../core/diagnostics.ts'
import { isDigest } from '../core/digest.ts'
import { fieldOf, listOf, textOf } from '../core/json-fields.ts'
import type { Manifest, Registry } from './client.ts'
import { isMissing, isRefused, isUnreachable } from './error.ts'
import { isIndex } from './image-index.ts'
import { parseRepository, type Repository } from './name.ts'
import type { PublishedTag } from './published-tag.ts'
import { parseJson } from './response.ts'

/** Whether a device can pull a tag. `why` is a sentence. */
export type Pull =
  | { readonly status: 'pulled' }
  /** The registry refuses a pull without a login, or says that there is no such image. */
  | { readonly status: 'refused'; readonly why: string }
  /** Devices get another image, or an answer that is none. */
  | { readonly status: 'broken'; readonly why: string }
  /** The registry cannot be asked now. */
  | { readonly status: 'unknown'; readonly why: string }

/** A client of registries that never sends a login. */
export type AnonymousRegistry = Pick<Registry, 'manifest' | 'checkBlob'>

/**
 * Pulls tags as a device does: the manifest of the tag, if that is an index one image of it, and the beginning of one layer. At most three requests for each tag, besides
 * those for tokens; tags with the same digest share all but the first. A registry that does not answer is asked once. Never rejects.
 */
export function openPullCheck(registry: AnonymousRegistry): (tag: PublishedTag) => Promise<Pull> {
  const unreachable = new Map<string, string>()
  const contents = new Map<string, Promise<void>>()
  const pull = async (repository: Repository, { tag, digest }: PublishedTag): Promise<Pull> => {
    const manifest = await registry.manifest(repository, tag)
    if (manifest.digest !== digest) {
      return { status: 'broken', why: `The tag leads devices to ${manifest.digest}, not to ${digest}.` }
    }
    const key = `${repository.host}/${repository.path}@${digest}`
    const checked = contents.get(key) ?? checkContents(repository, manifest, registry)
    contents.set(key, checked)
    await checked
    return { status: 'pulled' }
  }
  return async (tag) => {
    const repository = parseRepository(tag.image)
    const known = unreachable.get(repository.host)
    if (known !== undefined) return { status: 'unknown', why: known }
    try {
      return await pull(repository, tag)
    } catch (thrown) {
      const why = messageOf(thrown)
      if (isUnreachable(thrown)) {
        unreachable.set(repository.host, why)
        return { status: 'unknown', why }
      }
      return { status: isRefused(thrown) || isMissing(thrown) ? 'refused' : 'broken', why }
    }
  }
}

async function checkContents(repository: Repository, manifest: Manifest, registry: AnonymousRegistry): Promise<void> {
  const image = isIndex(manifest) ? await firstImage(repository, manifest, registry) : manifest
  const [layer] = listOf(parseJson(image.bytes, 'a manifest', repository.registry), 'layers')
  const digest = fieldOf(layer, 'digest')
  if (isDigest(digest)) await registry.checkBlob(repository, digest)
}

function firstImage(repository: Repository, index: Manifest, registry: AnonymousRegistry): Promise<Manifest> {
  const entries = listOf(parseJson(index.bytes, 'a manifest list', repository.registry), 'manifests')
  // Attestations have the platform `unknown`.
  const entry = entries.find((one) => textOf(one, 'platform', 'architecture') !== 'unknown')
  return registry.manifest(repository, textOf(entry, 'digest'))
}
