import { stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { formatBytes } from '../core/bytes.ts'
import { type Diagnostic, error } from '../core/diagnostics.ts'
import type { Clock } from '../core/host.ts'
import type { Engine } from './engine.ts'

/** A file system that builds write to, and what is left of it. */
export interface Disk {
  /** The folder by which it was asked. */
  readonly folder: string
  readonly freeBytes: number
  readonly totalBytes: number
}

/** What a build of the smallest add-on wants; below this none is begun. */
export const leastToBegin = 200e6
/** At this a build is ended: a disk that is really full takes the runner, its log and whatever else it serves with it. */
export const leastToGoOn = 50e6

const everyMs = 500

/** Folders that a run fills: layouts in its own, images in the engine's, where that is on this machine. */
export const foldersOf = (
  { dataRoot, hostName }: Pick<Engine, 'dataRoot' | 'hostName'>,
  temporary: string,
  machine = hostname(),
): readonly string[] =>
  // An engine behind a socket of another machine, or of a virtual one, names a folder of that one.
  dataRoot !== undefined && hostName === machine ? [dataRoot, temporary] : [temporary]

/** The file systems that these folders are on, each once. One that cannot be asked is left out: this is a help, no condition. */
export async function freeSpace(folders: readonly string[]): Promise<readonly Disk[]> {
  const found = new Map<number, Disk>()
  for (const folder of folders) {
    try {
      const [{ dev }, { bavail, blocks, bsize }] = await Promise.all([stat(folder), statfs(folder)])
      if (!found.has(dev)) found.set(dev, { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize })
    } catch {
      // Not there, or not for us.
    }
  }
  return [...found.values()]
}

/** The fullest one, where it has less than this. Pure. */
export const tooFull = (disks: readonly Disk[], least: number): Disk | undefined =>
  disks.filter(({ freeBytes }) => freeBytes < least).sort((a, b) => a.freeBytes - b.freeBytes)[0]

const remedy =
  'Free some ("docker system prune", an earlier step that removes what the job does not need), build fewer images at once ("parallel: 1"), or one architecture a job ("mode: build").'

/** `beforehand`: nothing was begun. Pure. */
export const diskFull = ({ folder, freeBytes, totalBytes }: Disk, when: 'beforehand' | 'meanwhile'): Diagnostic =>
  error(
    'environment/disk-full',
    `Only ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are left where ${folder} is, ${
      when === 'beforehand'
        ? `and a build needs at least ${formatBytes(leastToBegin)}`
        : 'so the build was ended before the disk was full'
    }.`,
    remedy,
  )

/** What a program or Node itself said when there was no room, with the numbers that it left out. Pure. */
export const noSpaceLeft = (said: string, disks: readonly Disk[]): Diagnostic =>
  error('environment/disk-full', `There was no space left: ${said} (${describeDisks(disks)}).`, remedy)

export const isNoSpace = (said: string): boolean => /no space left on device|ENOSPC|disk quota exceeded/i.test(said)

/** `70.1 GB of 252.0 GB free in /var/lib/docker`. Pure. */
export const describeDisks = (disks: readonly Disk[]): string =>
  disks
    .map(
      ({ folder, freeBytes, totalBytes }) =>
        `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free where ${folder} is`,
    )
    .join(', ') || 'how much is free is not known'

/** Looks twice a second until `signal`, and says once when a disk is about to be full. */
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
