import { expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { RegistryError, type RegistryErrorCode } from '../../src/registry/error.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { type RegistryReads, readEachOnce } from '../../src/registry/read-each-once.ts'

const one = parseRepository('reg.lan/one')
const other = parseRepository('reg.lan/other')
const elsewhere = parseRepository('other.lan/one')
const bytes = Buffer.from('{}')

function counted(fails?: RegistryErrorCode) {
  const asked: string[] = []
  const answer = async <T>(what: string, value: T): Promise<T> => {
    asked.push(what)
    if (fails !== undefined && what.includes('reg.lan')) throw new RegistryError(fails, `${what} failed`)
    return value
  }
  const registry = {
    manifest: ({ registry, path }, reference) =>
      answer(`manifest ${registry}/${path} ${reference}`, { digest: sha256(bytes), mediaType: '', bytes }),
    digestOf: ({ registry, path }, reference) => answer(`digest ${registry}/${path} ${reference}`, sha256(bytes)),
    listTags: ({ registry, path }) => answer(`tags ${registry}/${path}`, []),
    blob: () => Promise.reject(new Error('not needed')),
  } satisfies RegistryReads
  return { asked, reads: readEachOnce(registry) }
}

test('each manifest and each digest is read once', async () => {
  const { asked, reads } = counted()
  await Promise.all([reads.manifest(one, '1'), reads.manifest(one, '1'), reads.digestOf(one, '1')])
  await Promise.all([
    reads.manifest(one, '1'),
    reads.manifest(one, '2'),
    reads.manifest(other, '1'),
    reads.digestOf(one, '1'),
  ])
  expect(asked).toEqual([
    'manifest reg.lan/one 1',
    'digest reg.lan/one 1',
    'manifest reg.lan/one 2',
    'manifest reg.lan/other 1',
  ])
})

test.each<[RegistryErrorCode, number]>([
  ['CONNECTION_FAILED', 1],
  ['HOST_NOT_FOUND', 1],
  ['RATE_LIMITED', 1],
  ['NOT_FOUND', 3],
  ['DENIED', 3],
])('after %s, other requests to the registry are sent: %s', async (code, count) => {
  const { asked, reads } = counted(code)
  const codes: unknown[] = []
  const failed = (thrown: RegistryError) => void codes.push(thrown.code)
  await reads.manifest(one, '1').catch(failed)
  await reads.digestOf(other, '1').catch(failed)
  await reads.listTags(one).catch(failed)
  expect(codes).toEqual([code, code, code])
  expect(asked).toHaveLength(count)
  expect(await reads.digestOf(elsewhere, '1')).toBe(sha256(bytes))
})
