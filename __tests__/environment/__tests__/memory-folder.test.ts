import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openMemoryFolder } from '../suite/memory-folder.ts'

test('a folder in memory exists until it is released, and the next run removes that of a killed run', () => {
  const dead = spawnSync('true').pid
  const left = existsSync('/dev/shm') ? mkdtempSync(`/dev/shm/aicleaner-tests-${dead}-`) : '/nowhere'
  const memory = openMemoryFolder(1)
  const { TMPDIR } = memory.environment
  expect(existsSync(left)).toBe(false)
  // Where there is no such folder, tests use the usual one.
  if (TMPDIR === undefined) return
  writeFileSync(join(TMPDIR, 'file'), '')
  expect(statSync(TMPDIR).mode & 0o7777).toBe(0o1777)
  memory.release()
  expect(existsSync(TMPDIR)).toBe(false)
})

test('no folder in memory is created without enough free space', () => {
  expect(openMemoryFolder(Number.MAX_SAFE_INTEGER).environment).toEqual({})
})
