import { expect, test } from '@jest/globals'
import { readMemoryStats, readMemUsage } from '../../../src/smoke/container/memory.ts'

test.each([
  ['12.5MiB / 23GiB', 13_107_200],
  ['976KiB / 23.54GiB', 999_424],
  ['0B / 0B', undefined],
  ['-- / --', undefined],
  ['', undefined],
])('memory %j is %p bytes', (text, bytes) => {
  expect(readMemUsage(text)).toBe(bytes)
})

test.each([
  ['without reclaimable cache, cgroup v1', { usage: 5000, stats: { total_inactive_file: 2000 } }, 3000],
  ['without reclaimable cache, cgroup v2', { usage: 5000, stats: { inactive_file: 2000 } }, 3000],
  ['all of it, if the cache is not reported', { usage: 5000, stats: {} }, 5000],
  ['all of it, if the cache is not less', { usage: 5000, stats: { inactive_file: 5000 } }, 5000],
  ['unknown for a container that has ended', {}, undefined],
  ['unknown for null', null, undefined],
])('memory in the engine’s response is %s', (_, memory_stats, bytes) => {
  expect(readMemoryStats(JSON.stringify({ memory_stats }))).toBe(bytes)
})

test.each(['', 'null', '{}', 'no JSON', '[]'])('memory in the response %j is unknown', (text) => {
  expect(readMemoryStats(text)).toBeUndefined()
})
