import { messageOf } from '../core/diagnostics.ts'

/** Why a connection failed and, where that is known, what to do about it. Node's own text may be empty: then it is in the code, or in the errors within. */
export function describeConnection(thrown: unknown): string {
  const { code, errors } = (thrown ?? {}) as { readonly code?: unknown; readonly errors?: unknown }
  const within = Array.isArray(errors) ? errors.map(messageOf).join(', ') : ''
  const reason = messageOf(thrown) || within || String(code ?? 'it was closed')
  return `${reason.replace(/\.$/, '')}.${typeof code === 'string' ? remedyFor(code) : ''}`
}

/** Source: Node.js, "Common system errors" and "OpenSSL error codes". */
function remedyFor(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
      return ' Check the name of the registry.'
    case 'ECONNREFUSED':
      return ' Check its name and port, and that it runs.'
    case 'EPROTO':
      return ' If it speaks plain HTTP, list it under "insecure-registries" in the configuration of the Docker daemon.'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return ' Name a file with the certificate of its authority in the environment variable NODE_EXTRA_CA_CERTS.'
    default:
      return ''
  }
}
