import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { messageOf } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import { RegistryError } from './error.ts'
import { cutWhenSlow, type Response } from './http.ts'

/** The bytes of a blob. Ends with a RegistryError when the connection breaks or is too slow, or, at the end, when they are not those of the digest. */
export function verifiedBlob({ body }: Response, digest: Digest, from: string): Readable {
  cutWhenSlow(body)
  const stream = Readable.from(checked(body as AsyncIterable<Buffer>, digest, from), { objectMode: false })
  // Destroying the stream before it is read would not end its source.
  stream.once('close', () => body.destroy())
  return stream
}

async function* checked(body: AsyncIterable<Buffer>, digest: Digest, from: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  const chunks = body[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await chunks.next().catch((thrown) => fail(thrown, digest, from))
    if (done) break
    hash.update(value)
    yield value
  }
  const found = `sha256:${hash.digest('hex')}`
  if (found === digest) return
  throw new RegistryError(
    'INVALID_RESPONSE',
    `${from} sent ${found} in place of the blob ${digest}. Check that no proxy answers in its place. If the blob is damaged, publish the image again.`,
  )
}

function fail(thrown: unknown, digest: Digest, from: string): never {
  if (thrown instanceof RegistryError) throw thrown
  throw new RegistryError(
    'CONNECTION_FAILED',
    `The connection to ${from} broke while ${digest} was read: ${messageOf(thrown)}.`,
    { cause: thrown },
  )
}
