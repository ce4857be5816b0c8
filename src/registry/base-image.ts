import { type Digest, isDigest } from '../core/digest.ts'
import { isReference, splitReference } from '../core/image-reference.ts'
import { parseReference, type Repository } from './name.ts'

/** Annotations of an image manifest that name the base image. Source: OCI image-spec `annotations.md`. */
export const baseNameKey = 'org.opencontainers.image.base.name'
export const baseDigestKey = 'org.opencontainers.image.base.digest'

/** A base image by the name that registries know. */
export interface BaseImage {
  /** `docker.io/library/alpine:3.22`; without a tag, but with a digest: `docker.io/library/alpine@sha256:…`. */
  readonly name: string
  readonly repository: Repository
  /** The tag or digest of the name. */
  readonly reference: string
  /** The name is pinned to this digest, whatever its tag points at. */
  readonly digest?: Digest
}

/** Undefined for `scratch` and for a text that is not the name of an image. */
export function parseBase(image: string | undefined): BaseImage | undefined {
  if (image === undefined || image === 'scratch' || !isReference(image)) return undefined
  const { reference, ...repository } = parseReference(image)
  const { tag, digest } = splitReference(image)
  if (digest !== undefined && !isDigest(digest)) return undefined
  const path = `${repository.registry}/${repository.path}`
  const name = tag === undefined && digest !== undefined ? `${path}@${digest}` : `${path}:${tag ?? 'latest'}`
  return { name, repository, reference, ...(digest !== undefined && { digest }) }
}

/** The base image of a target as its name leads to it; undefined if there is none, if it is not known, or if `build-contexts` replaces it. */
export function baseImageOf(
  { baseImage }: { readonly baseImage?: string },
  contexts: ReadonlyMap<string, string>,
): BaseImage | undefined {
  const base = parseBase(baseImage)
  const isReplaced = [...contexts.keys()].some((key) => key === baseImage || parseBase(key)?.name === base?.name)
  return isReplaced ? undefined : base
}
