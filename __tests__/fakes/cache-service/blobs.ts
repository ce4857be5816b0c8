import { createHash, randomBytes } from 'node:crypto'
import type { Answer } from '../loopback.ts'

interface Stored {
  readonly bytes: Buffer
  readonly etag: string
  readonly modified: string
}

export interface BlobRequest {
  readonly method: string
  readonly name: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface Blobs {
  /** Bytes of a blob that is complete. */
  get(name: string): Buffer | undefined
  delete(name: string): void
  answer(request: BlobRequest): Answer
}

/** The part of Azure's blob storage that `@azure/storage-blob` and BuildKit use. Source: "Blob service REST API", Microsoft Learn. */
export function createBlobs(): Blobs {
  const blobs = new Map<string, Stored>()
  /** Uncommitted blocks by blob and block ID. */
  const pending = new Map<string, Map<string, Buffer>>()

  const store = (name: string, bytes: Buffer): Answer => {
    const stored = {
      bytes,
      etag: `"0x${randomBytes(8).toString('hex').toUpperCase()}"`,
      modified: new Date().toUTCString(),
    }
    blobs.set(name, stored)
    pending.delete(name)
    return { status: 201, headers: { ...heads(stored), 'x-ms-request-server-encrypted': 'true' } }
  }

  const put = ({ name, query, headers, body }: BlobRequest): Answer => {
    const md5 = headers['content-md5']
    if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) return error(400, 'Md5Mismatch')
    const operation = query.get('comp')
    if (operation === 'block') {
      const id = query.get('blockid')
      if (!id) return error(400, 'InvalidQueryParameterValue')
      const blocks = pending.get(name) ?? new Map<string, Buffer>()
      pending.set(name, blocks.set(id, body))
      return { status: 201, headers: { 'x-ms-request-server-encrypted': 'true' } }
    }
    if (operation === 'blocklist') {
      const parts: Buffer[] = []
      for (const [, id = ''] of body.toString('utf8').matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]*)</g)) {
        const block = pending.get(name)?.get(id)
        if (!block) return error(400, 'InvalidBlockList')
        parts.push(block)
      }
      return store(name, Buffer.concat(parts))
    }
    if (operation !== null) return error(400, 'UnsupportedQueryParameter')
    if (headers['x-ms-blob-type'] !== 'BlockBlob') return error(400, 'MissingRequiredHeader')
    return store(name, body)
  }

  const read = ({ method, name, headers }: BlobRequest): Answer => {
    const stored = blobs.get(name)
    if (!stored) return error(404, 'BlobNotFound')
    const { bytes } = stored
    const common = {
      ...heads(stored),
      'accept-ranges': 'bytes',
      'x-ms-blob-type': 'BlockBlob',
      'content-type': 'application/octet-stream',
    }
    if (method === 'HEAD') return { status: 200, headers: { ...common, 'content-length': String(bytes.length) } }
    const range = rangeOf(String(headers['x-ms-range'] ?? headers.range ?? ''), bytes.length)
    if (range === 'none') return { status: 200, headers: common, body: bytes }
    if (range === 'outside') return error(416, 'InvalidRange', { 'content-range': `bytes */${bytes.length}` })
    return {
      status: 206,
      headers: { ...common, 'content-range': `bytes ${range.from}-${range.to}/${bytes.length}` },
      body: bytes.subarray(range.from, range.to + 1),
    }
  }

  return {
    get: (name) => blobs.get(name)?.bytes,
    delete(name) {
      blobs.delete(name)
      pending.delete(name)
    },
    answer(request) {
      if (request.method === 'PUT') return put(request)
      if (request.method === 'GET' || request.method === 'HEAD') return read(request)
      return error(405, 'UnsupportedHttpVerb')
    },
  }
}

const heads = ({ etag, modified }: Stored): Record<string, string> => ({ etag, 'last-modified': modified })

export const error = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'x-ms-error-code': code, 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
})

/** First and last byte, both included. Source: RFC 9110, 14.1.2. */
export function rangeOf(
  header: string,
  size: number,
): { readonly from: number; readonly to: number } | 'none' | 'outside' {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header)
  if (!found || (found[1] === '' && found[2] === '')) return 'none'
  const [, first = '', last = ''] = found
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return from >= size || from > to ? 'outside' : { from, to }
}
