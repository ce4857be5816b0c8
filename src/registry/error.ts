import { escapeControls } from '../core/text.ts'

/** What went wrong with a registry. */
export type RegistryErrorCode =
  /** The connection failed, broke, or was too slow. */
  | 'CONNECTION_FAILED'
  | 'HOST_NOT_FOUND'
  /** The registry is overloaded or broken: status 408 or 5xx. */
  | 'UNAVAILABLE'
  | 'RATE_LIMITED'
  /** The login is missing or wrong. */
  | 'UNAUTHORIZED'
  /** The login is right, but may not do this. */
  | 'DENIED'
  | 'NOT_FOUND'
  /** The registry does not know this upload (any more). */
  | 'UPLOAD_UNKNOWN'
  /** The registry computes another digest than we do. */
  | 'DIGEST_INVALID'
  /** Any other refusal. */
  | 'REJECTED'
  | 'INVALID_RESPONSE'
  /** Not the name of an image, not a tag, not a digest. */
  | 'INVALID_REFERENCE'
  /** The image to publish is incomplete, damaged, or not the tested one. */
  | 'INVALID_IMAGE'
  /** A tag points at another manifest: another run publishes it, too. */
  | 'TAG_CONFLICT'

interface Details {
  readonly cause?: unknown
  /** From `Retry-After`. */
  readonly retryAfterMs?: number | undefined
}

/** A request to a registry that failed, whatever the registry sent. The message is one line that cannot act on a terminal. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: RegistryErrorCode, message: string, { cause, retryAfterMs }: Details = {}) {
    super(escapeControls(message), cause === undefined ? undefined : { cause })
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** The code for a response. @param word the registry's own code. Sources: distribution spec, "Error codes"; RFC 6749, 5.2, for token services. */
export function codeOf(status: number, word?: string): RegistryErrorCode {
  if (word === 'invalid_grant') return 'UNAUTHORIZED'
  if (status === 408 || status >= 500) return 'UNAVAILABLE'
  if (status === 429 || word === 'TOOMANYREQUESTS') return 'RATE_LIMITED'
  if (status === 416 || word === 'BLOB_UPLOAD_UNKNOWN') return 'UPLOAD_UNKNOWN'
  if (status === 401 || word === 'UNAUTHORIZED') return 'UNAUTHORIZED'
  if (status === 403 || word === 'DENIED') return 'DENIED'
  if (status === 404) return 'NOT_FOUND'
  return word === 'DIGEST_INVALID' ? 'DIGEST_INVALID' : 'REJECTED'
}

const hasCode = (thrown: unknown, codes: readonly RegistryErrorCode[]): thrown is RegistryError =>
  thrown instanceof RegistryError && codes.includes(thrown.code)

/** Another attempt may succeed. A host that DNS does not know stays unknown; one that DNS cannot be asked for now is EAI_AGAIN. */
export const isTransient = (thrown: unknown): boolean =>
  hasCode(thrown, ['CONNECTION_FAILED', 'UNAVAILABLE', 'RATE_LIMITED'])

/**
 * Also retries DIGEST_INVALID, since digests of manifests are computed here. A registry on a file system returns it while another upload writes the link of a
 * blob that the manifest names: it reads an empty file. Source: distribution `registry/handlers/manifests.go` and `storage/linkedblobstore.go`.
 */
export const isTransientForManifest = (thrown: unknown): boolean =>
  isTransient(thrown) || hasCode(thrown, ['DIGEST_INVALID'])

/** A broken upload starts again: distribution continues none, and answers 416 or that it does not know it. Source: `registry/handlers/blobupload.go`. */
export const isTransientForUpload = (thrown: unknown): boolean =>
  isTransient(thrown) || hasCode(thrown, ['UPLOAD_UNKNOWN'])

/** No repository of this registry can be used now: it does not answer, it is overloaded, or there is none. */
export const isUnreachable = (thrown: unknown): boolean => isTransient(thrown) || hasCode(thrown, ['HOST_NOT_FOUND'])

export const isMissing = (thrown: unknown): boolean => hasCode(thrown, ['NOT_FOUND'])

/** The login is missing or wrong, may not do this, or must not see the repository. */
export const isRefused = (thrown: unknown): thrown is RegistryError => hasCode(thrown, ['UNAUTHORIZED', 'DENIED'])
