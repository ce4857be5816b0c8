import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const shared = '/dev/shm'

export interface MemoryFolder {
  /** Environment of the children: `TMPDIR`, if the folder exists. */
  readonly environment: Readonly<Record<string, string>>
  release(): void
}

/**
 * Creates a temporary folder in memory with at least `neededBytes` of free space. Tests create and remove so many files that on a disk this takes up to half of
 * their time. If there is no such folder, it is too small, or programs in it cannot be started, tests use the system's default folder.
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
    // The mode of /tmp: tests start programs as other users.
    chmodSync(folder, 0o1777)
    const program = join(folder, 'program')
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 })
    if (spawnSync(program).status === 0) return { environment: { TMPDIR: folder }, release }
  } catch {
    // Use the default folder.
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
