import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import {
  describeDisks,
  diskFull,
  foldersOf,
  freeSpace,
  isNoSpace,
  noSpaceLeft,
  tooFull,
  watchDisks,
} from '../../src/docker/disk.ts'
import { systemClock } from '../../src/platform/clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'disk-'))
afterAll(() => rmSync(folder, { recursive: true }))
const disk = (name: string, freeBytes: number) => ({ folder: name, freeBytes, totalBytes: 14e9 })

test.each([
  ['its own machine', 'here', ['/var/lib/docker', '/tmp/run']],
  ['another one', 'docker-desktop', ['/tmp/run']],
  ['one without a name', undefined, ['/tmp/run']],
])('queries the data folder of the engine only if it is on %s', (_, hostName, expected) => {
  const engine = { dataRoot: '/var/lib/docker', ...(hostName && { hostName }) }
  expect(foldersOf(engine, '/tmp/run', 'here')).toEqual(expected)
})

test('a file system counts once, and one that cannot be read does not count', async () => {
  const found = await freeSpace([folder, folder, join(folder, 'nowhere')])
  expect(found).toEqual([{ folder, freeBytes: expect.any(Number), totalBytes: expect.any(Number) }])
  expect(found[0]?.totalBytes).toBeGreaterThan(found[0]?.freeBytes ?? Number.POSITIVE_INFINITY)
})

test('the fullest disk is reported, with numbers and a remedy', () => {
  const disks = [disk('/a', 90e6), disk('/b', 12e6), disk('/c', 9e9)]
  expect(tooFull(disks, 100e6)?.folder).toBe('/b')
  expect(tooFull(disks, 10e6)).toBeUndefined()
  const { message, remedy } = diskFull(disk('/b', 12e6), 'beforehand')
  expect(message).toBe('Only 12.0 MB of 14.0 GB are free on the disk of /b; a build needs at least 200.0 MB.')
  expect(remedy).toContain('docker system prune')
  expect(diskFull(disk('/b', 12e6), 'meanwhile').message).toMatch(/stopped before the disk was full/)
})

test.each([
  ['failed to solve: write /x: no space left on device', true],
  ["ENOSPC: no space left on device, write '/x'", true],
  ['exit code: 1', false],
])('%s is caused by a full disk: %s', (said, expected) => {
  expect(isNoSpace(said)).toBe(expected)
})

test('the message of a program that found no space is completed with numbers', () => {
  expect(noSpaceLeft('write: no space left on device', [disk('/a', 0)]).message).toBe(
    'The disk is full: write: no space left on device (0 B of 14.0 GB free in /a).',
  )
  expect(describeDisks([])).toBe('free space unknown')
})

test('watching the disks ends with the build', async () => {
  const over = new AbortController()
  const full: unknown[] = []
  const watching = watchDisks([folder], systemClock, over.signal, (one) => full.push(one))
  over.abort()
  await watching
  expect(full).toEqual([])
})
