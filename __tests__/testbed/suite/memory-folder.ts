import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const shared = '/dev/shm'
/** Unit tests leave less than this behind at any moment. */
const neededBytes = 2e9

export interface MemoryFolder {
  /** For the children: `TMPDIR`, where there is such a folder. */
  readonly environment: Readonly<Record<string, string>>
  release(): void
}

/**
 * A temporary folder in memory. Tests of hostile checkouts make and remove so many files that those on a disk take half of their time.
 * Where there is no such folder, it is too small, or programs in it cannot be started, tests use the folder that the system gives.
 */
export function openMemoryFolder(): MemoryFolder {
  let folder: string | undefined
  const release = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { bavail, bsize } = statfsSync(shared)
    if (bavail * bsize < neededBytes) return { environment: {}, release }
    folder = mkdtempSync(join(shared, 'aicleaner-unit-'))
    // As the usual one: tests start programs of other users.
    chmodSync(folder, 0o1777)
    const program = join(folder, 'program')
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 })
    if (spawnSync(program).status === 0) return { environment: { TMPDIR: folder }, release }
  } catch {
    // Then there is none.
  }
  release()
  return { environment: {}, release }
}
