import { stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { formatBytes } from '../core/bytes.ts'
import { type Diagnostic, error } from '../core/diagnostics.ts'
import type { Clock } from '../core/host.ts'
import type { Engine } from './engine.ts'

/** A file system that builds write to, and its free space. */
export interface Disk {
  readonly folder: string
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Bytes that a build of the smallest add-on needs. With less free space no build is started. */
export const leastToBegin = 200e6
/** Bytes. With less free space a build is ended: a full disk breaks the runner, its log and everything else on the machine. */
const leastToGoOn = 50e6

const everyMs = 500

/** Folders that a run fills: its own (layouts) and, if the engine is on this machine, the engine's (images). */
export const foldersOf = (
  { dataRoot, hostName }: Pick<Engine, 'dataRoot' | 'hostName'>,
  temporary: string,
  machine = hostname(),
): readonly string[] =>
  // An engine on another machine, real or virtual, reports a folder of that machine.
  dataRoot !== undefined && hostName === machine ? [dataRoot, temporary] : [temporary]

/** The file systems of these folders, each once. Those that cannot be read are left out: the check is best effort. */
export async function freeSpace(folders: readonly string[]): Promise<readonly Disk[]> {
  const found = new Map<number, Disk>()
  for (const folder of folders) {
    try {
      const [{ dev }, { bavail, blocks, bsize }] = await Promise.all([stat(folder), statfs(folder)])
      if (!found.has(dev)) found.set(dev, { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize })
    } catch {
      // The folder does not exist, or this user may not read it.
    }
  }
  return [...found.values()]
}

/** The disk with the least free space, if that is less than `least`. Pure. */
export const tooFull = (disks: readonly Disk[], least: number): Disk | undefined =>
  disks.filter(({ freeBytes }) => freeBytes < least).sort((a, b) => a.freeBytes - b.freeBytes)[0]

const remedy =
  'Free some space ("docker system prune", or an earlier step that removes what the job does not need), build fewer images at once ("parallel: 1"), or build one architecture per job ("mode: build").'

/** The error for a full disk. `beforehand`: the build was not started. Pure. */
export const diskFull = ({ folder, freeBytes, totalBytes }: Disk, when: 'beforehand' | 'meanwhile'): Diagnostic =>
  error(
    'environment/disk-full',
    `Only ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free on the disk of ${folder}${
      when === 'beforehand'
        ? `; a build needs at least ${formatBytes(leastToBegin)}`
        : ', so the build was stopped before the disk was full'
    }.`,
    remedy,
  )

/** The error for a message of a program, or of Node, that there is no space left. Pure. */
export const noSpaceLeft = (message: string, disks: readonly Disk[]): Diagnostic =>
  error('environment/disk-full', `The disk is full: ${message} (${describeDisks(disks)}).`, remedy)

export const isNoSpace = (message: string): boolean =>
  /no space left on device|ENOSPC|disk quota exceeded/i.test(message)

/** `70.1 GB of 252.0 GB free in /var/lib/docker`. Pure. */
export const describeDisks = (disks: readonly Disk[]): string =>
  disks
    .map(
      ({ folder, freeBytes, totalBytes }) =>
        `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free in ${folder}`,
    )
    .join(', ') || 'free space unknown'

/** Checks twice a second until `signal` is aborted, and calls `onFull` once when a disk is nearly full. */
export async function watchDisks(
  folders: readonly string[],
  clock: Clock,
  signal: AbortSignal,
  onFull: (disk: Disk) => void,
): Promise<void> {
  while (!signal.aborted) {
    const full = tooFull(await freeSpace(folders), leastToGoOn)
    if (full && !signal.aborted) return onFull(full)
    await clock.sleep(everyMs, signal)
  }
}
