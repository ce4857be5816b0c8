import { Readable } from 'node:stream'
import { isDigest } from '../../../src/core/digest.ts'
import { sha256 } from '../../../src/core/sha256.ts'
import { type ImageProblem, imageFailure } from '../../../src/image/failure.ts'
import { type BlobSource, registrySource, smallBlob, verified } from '../../../src/image/sources/source.ts'
import { problemOf } from '../samples/image.ts'

const hello = Buffer.from('hello')
const digest = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

test('a digest is sha256 and 64 small hex digits', () => {
  expect(sha256(hello)).toBe(digest)
  const others = [`${digest}0`, digest.slice(0, -1), `x${digest}`, digest.toUpperCase(), digest.replace('2', 'g'), '']
  expect([digest, ...others, `${digest}\n`, 5, null, undefined].filter(isDigest)).toEqual([digest])
})

test('without a digest a registry is queried by reference', async () => {
  const asked: string[] = []
  const client = {
    manifest: async (reference: string) => {
      asked.push(reference)
      return { digest, mediaType: '', bytes: hello }
    },
    blob: async (name: string) => {
      asked.push(`blob ${name}`)
      return Readable.from([hello])
    },
  }
  const source = registrySource(client, '1.0')
  expect([source.method, (await source.manifest()).bytes]).toEqual(['registry', hello])
  await source.manifest(digest)
  await source.blob(digest)
  expect(asked).toEqual(['1.0', digest, `blob ${digest}`])
})

test('verified returns bytes that match their digest', () => {
  expect(verified(hello, digest, 'config')).toBe(hello)
  expect(() => verified(Buffer.from('hellO'), digest, 'config')).toThrow(
    `The config ${digest} has content that does not match its digest.`,
  )
})

describe('smallBlob', () => {
  const sourceOf = (...chunks: readonly string[]): BlobSource => ({
    method: 'registry',
    manifest: () => Promise.reject(new Error('not asked for')),
    blob: async () => Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
  })
  test('is put together from its pieces, up to the limit', async () => {
    expect(await smallBlob(sourceOf('he', 'll', 'o'), digest, 5, 'config')).toEqual(hello)
    expect(await problemOf(smallBlob(sourceOf('he', 'll', 'o'), digest, 4, 'config'))).toBe(
      `image/limit: The config "${digest}" is longer than 4 bytes.`,
    )
  })

  test('is checked by its digest', async () => {
    expect(await problemOf(smallBlob(sourceOf('he', 'll'), digest, 5, 'config'))).toMatch(/^image\/digest-mismatch/)
  })
})

test('each problem of an image has its own remedy', () => {
  const codes: readonly ImageProblem[] = [
    ...(['image/unreadable', 'image/digest-mismatch', 'image/no-platform', 'image/not-an-image'] as const),
    ...([
      'image/unsupported-layer',
      'image/broken-layer',
      'image/truncated',
      'image/unsafe-path',
      'image/limit',
    ] as const),
  ]
  const cause = new Error('why')
  const failures = codes.map((code) => imageFailure(code, `About ${code}.`, cause))
  const remedies = failures.map(({ diagnostics }) => diagnostics[0]?.remedy ?? '')
  for (const remedy of remedies) expect(remedy).toMatch(/^[A-Z].{30,}\.$/)
  expect(new Set(remedies).size).toBe(codes.length)
  expect(failures.map(({ diagnostics: [one] }) => one)).toMatchObject(
    codes.map((code) => ({ code, severity: 'error', message: `About ${code}.` })),
  )
  expect(failures.map((failure) => [failure.kind, failure.cause])).toEqual(codes.map(() => ['environment', cause]))
})
