import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createCacheService } from '../../src/github/cache-service.ts'
import { openSizeCache } from '../../src/github/size-cache.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createExchange } from '../../src/registry/http.ts'
import { type FakeCacheService, startCacheService } from '../fakes/cache-service/cache-service.ts'
import { calls, limited, unavailable } from '../fakes/cache-service/faults.ts'

let service: FakeCacheService
beforeEach(async () => {
  service = await startCacheService()
})
afterEach(() => service.close())

const sizes = () => openSizeCache({ environment: service.environment(), clock: systemClock })

test('finds the newest entry with a prefix, and nothing without one', async () => {
  expect(await sizes().find('sizes-main@')).toBeUndefined()
  await sizes().save('sizes-main@1', 'one')
  await sizes().save('sizes-main@2', '{"two":"zwölf"}')
  await sizes().save('sizes-main-2@3', 'three')
  expect(await sizes().find('sizes-main@')).toEqual({ key: 'sizes-main@2', text: '{"two":"zwölf"}' })
  expect(service.violations).toEqual([])
})

test('does not replace an entry with the same key', async () => {
  await sizes().save('sizes-main@1', 'one')
  await sizes().save('sizes-main@1', 'other')
  expect((await sizes().find('sizes-main@'))?.text).toBe('one')
})

test.each([
  ['is not available', () => service.faults.add(unavailable()), /503/],
  ['limits the rate', () => service.faults.add(limited(60)), /429/],
  ['denies the write', () => Object.assign(service, { denyWrites: true }), /cache write denied/],
  ['refuses the upload', () => service.faults.add({ on: calls.upload, answer: { status: 403, body: {} } }), /403/],
])('a service that %s is one short error, after one try', async (_, fault, said) => {
  fault()
  await expect(sizes().save('sizes-main@1', 'one')).rejects.toThrow(said)
  expect(service.requests.filter(({ what }) => what === 'CreateCacheEntry')).toHaveLength(1)
})

test('a service that does not respond is an error after the deadline', async () => {
  service.faults.add({ on: calls.all, delayMs: 600_000 })
  const slow = createCacheService({
    environment: service.environment(),
    clock: systemClock,
    exchange: createExchange('test'),
    deadlineMs: 200,
  })
  await expect(slow.find('x')).rejects.toThrow('no response within 0.2 s')
})
