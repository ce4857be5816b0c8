import { parseJson } from './answer.ts'
import type { Response } from './http.ts'

/** A type that Docker or OCI gave a name. It becomes a header where a manifest is put back. */
export const isMediaType = (value: unknown): value is string =>
  typeof value === 'string' && /^application\/vnd\.[\w.+-]{1,200}$/.test(value)

/**
 * The type of a manifest: the header, and where a registry leaves it out, what the manifest says of itself.
 * @throws RegistryError for what is not a JSON object.
 */
export function mediaTypeOf({ headers }: Pick<Response, 'headers'>, bytes: Buffer, from: string): string {
  const { mediaType } = parseJson(bytes, 'a manifest', from)
  const said = [headers['content-type']?.split(';')[0]?.trim(), mediaType]
  return said.find(isMediaType) ?? 'application/vnd.oci.image.manifest.v1+json'
}
