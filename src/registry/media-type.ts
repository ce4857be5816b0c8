import { parseJson } from './answer.ts'
import type { Response } from './http.ts'

/** A type that Docker or OCI defined. It becomes a header where a manifest is put back. */
export const isMediaType = (value: unknown): value is string =>
  typeof value === 'string' && /^application\/vnd\.[\w.+-]{1,200}$/.test(value)

/**
 * The type of a manifest: from the header, and where a registry omits it, from the manifest itself.
 * @throws RegistryError for anything but a JSON object.
 */
export function mediaTypeOf({ headers }: Pick<Response, 'headers'>, bytes: Buffer, from: string): string {
  const { mediaType } = parseJson(bytes, 'a manifest', from)
  const types = [headers['content-type']?.split(';')[0]?.trim(), mediaType]
  return types.find(isMediaType) ?? 'application/vnd.oci.image.manifest.v1+json'
}
