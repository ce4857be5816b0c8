import { messageOf } from '../core/diagnostics.ts'
import { fieldOf } from '../core/json-fields.ts'
import type { RegistryErrorCode } from './error.ts'

/** HOST_NOT_FOUND is permanent: DNS does not know the host. If DNS itself cannot be reached, Node's code is EAI_AGAIN, which may pass. */
export const codeOfConnection = (thrown: unknown): RegistryErrorCode =>
  fieldOf(thrown, 'code') === 'ENOTFOUND' ? 'HOST_NOT_FOUND' : 'CONNECTION_FAILED'

/** Why a connection failed and, for known causes, what to do. Node's message may be empty: then the cause is in the code, or in the inner errors. */
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
      return ' Check its name and port, and that it is running.'
    case 'EPROTO':
      return ' If it uses plain HTTP, list it under "insecure-registries" in the configuration of the Docker daemon.'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return ' Trust the certificate of its authority: set its file in the environment variable NODE_EXTRA_CA_CERTS.'
    default:
      return ''
  }
}
