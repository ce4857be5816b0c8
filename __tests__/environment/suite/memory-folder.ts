import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const shared = '/dev/shm'

export interface MemoryFolder {
  /** For the children: `TMPDIR`, where there is such a folder. */
  readonly environment: Readonly<Record<string, string>>
  release(): void
}

/**
 * A temporary folder in memory, with room for so many bytes. Tests make and remove so many files that those on a disk take up to half of their time.
 * Where there is no such folder, it is too small, or programs in it cannot be started, tests use the folder that the system gives.
 */
export function openMemoryFolder(neededBytes: number): MemoryFolder {
  let folder: string | undefined
  const release = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    removeDead()
    const { bavail, bsize } = statfsSync(shared)
    if (bavail * bsize < neededBytes) return { environment: {}, release }
    folder = mkdtempSync(join(shared, `aicleaner-tests-${process.pid}-`))
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

/** Removes the folders of runs that were killed. */
function removeDead(): void {
  for (const name of readdirSync(shared)) {
    const pid = /^aicleaner-tests-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(shared, name), { recursive: true, force: true })
  }
}
