import { escapeControls } from '../core/text.ts'

/** An answer of a registry that is not the one hoped for. Its message is one line that cannot act on a terminal, whatever the registry sent. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  /** HTTP status; undefined: the connection failed. */
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  /** The registry's own word for it. Source: distribution spec, "Error codes". */
  readonly code: string | undefined

  constructor(message: string, status?: number, retryAfterMs?: number, cause?: unknown, code?: string) {
    super(escapeControls(message), cause === undefined ? undefined : { cause })
    this.status = status
    this.retryAfterMs = retryAfterMs
    this.code = code
  }
}

/** 408, 429, 5xx and broken connections may pass; a refusal does not, nor does a name that no server has (one that cannot be asked for now is EAI_AGAIN). */
export const mayPass = (thrown: unknown): boolean =>
  thrown instanceof RegistryError &&
  (thrown.status === undefined
    ? (thrown.cause as NodeJS.ErrnoException | undefined)?.code !== 'ENOTFOUND'
    : thrown.status === 408 || thrown.status === 429 || thrown.status >= 500)

export const isMissing = (thrown: unknown): boolean => thrown instanceof RegistryError && thrown.status === 404

/**
 * Who asked may not: wrong or no login, or a repository that is hidden from it. The code counts where a registry sends it with another status.
 * A limit of requests is no refusal, whatever its status.
 */
export const isRefused = (thrown: unknown): thrown is RegistryError =>
  thrown instanceof RegistryError &&
  !mayPass(thrown) &&
  thrown.code !== 'TOOMANYREQUESTS' &&
  (thrown.status === 401 || thrown.status === 403 || thrown.code === 'DENIED' || thrown.code === 'UNAUTHORIZED')
