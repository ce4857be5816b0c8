import { afterEach, expect, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createRegistry } from '../../src/registry/client.ts'
import { createExchange } from '../../src/registry/http.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { type Answer, type Loopback, send, startLoopback } from '../fakes/loopback.ts'

let server: Loopback | undefined
afterEach(() => server?.close())

const refusal = (code: string): Answer => ({ status: 400, body: { errors: [{ code, message: 'no' }] } })
const bytes = Buffer.from('{}')

/** Puts a manifest into a registry that gives these answers; how often it was asked. */
async function put(answers: readonly Answer[]): Promise<number> {
  let asked = 0
  server = await startLoopback((request, response) => {
    request.resume().on('end', () => send(response, answers[asked++] ?? refusal('UNKNOWN')))
  })
  const registry = createRegistry({
    exchange: createExchange('test'),
    credentials: async () => undefined,
    clock: systemClock,
    signal: new AbortController().signal,
    firstWaitMs: 1,
  })
  const repository = parseRepository(`127.0.0.1:${server.port}/org/addon`)
  await registry.putManifest(repository, sha256(bytes), { bytes, mediaType: 'application/json' })
  return asked
}

test('a manifest is uploaded again if the registry temporarily reports a wrong digest', async () => {
  await expect(put([refusal('DIGEST_INVALID'), { status: 201, body: {} }])).resolves.toBe(2)
})

test('a manifest that the registry refuses is not uploaded again', async () => {
  await expect(put([refusal('MANIFEST_INVALID'), { status: 201, body: {} }])).rejects.toThrow(/400 \(MANIFEST_INVALID/)
})
