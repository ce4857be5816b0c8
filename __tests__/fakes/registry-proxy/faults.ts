import type { Fault } from '../faults.ts'

type Aim = Pick<Fault, 'on' | 'times' | 'after'>

/** Patterns for `on`: requests to a registry. */
export const asked = {
  putManifest: /^PUT \/v2\/.+\/manifests\//,
  /** By tag, not by digest. */
  putTag: /^PUT \/v2\/.+\/manifests\/(?!sha256:)/,
  getManifest: /^(GET|HEAD) \/v2\/.+\/manifests\//,
  startUpload: /^POST \/v2\/.+\/blobs\/uploads\//,
  /** Upload of a blob's bytes, in one or several requests. */
  upload: /^(PUT|PATCH) \/v2\/.+\/blobs\/uploads\//,
  getBlob: /^(GET|HEAD) \/v2\/.+\/blobs\//,
  token: /^(GET|POST) \/fake\/token/,
  everything: /^/,
} as const

const codes: Readonly<Record<number, readonly [string, string]>> = {
  401: ['UNAUTHORIZED', 'authentication required'],
  403: ['DENIED', 'requested access to the resource is denied'],
  404: ['NAME_UNKNOWN', 'repository name not known to registry'],
  429: ['TOOMANYREQUESTS', 'too many requests'],
  500: ['UNKNOWN', 'unknown error'],
  502: ['UNAVAILABLE', 'bad gateway'],
  503: ['UNAVAILABLE', 'service unavailable'],
}

/** An error response of a registry. Source: distribution spec, "Error codes". */
export function refused(
  status: 401 | 403 | 404 | 429 | 500 | 502 | 503,
  aim: Aim & { readonly retryAfter?: number } = {},
): Fault {
  const { retryAfter, ...rest } = aim
  const [code, message] = codes[status] ?? []
  return {
    ...rest,
    answer: {
      status,
      ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
      body: { errors: [{ code, message }] },
    },
  }
}
