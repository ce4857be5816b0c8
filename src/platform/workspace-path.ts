import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  opendir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/*
 * The only way to files of the workspace. Its content is what a pull request committed: links to files of the runner, or, put there by an earlier
 * step, pipes and devices. Reading follows links inside of the workspace only; writing follows none.
 */

/** Why a path is not read or written. `problem` is a sentence about the path as it was given. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly reason: 'outside' | 'not-a-file' | 'link'

  constructor(reason: Refused['reason'], problem: string) {
    super(problem)
    this.reason = reason
  }
}

/** Whether `path` is `root` or below it, by its text alone. Both are absolute. */
export function isBelow(root: string, path: string): boolean {
  const inside = relative(root, path)
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

/** Where a path of the workspace leads, through links; undefined if nothing exists there. */
export async function locate(root: string, path: string): Promise<string | 'outside' | undefined> {
  const file = resolve(root, path)
  const real = await realpath(file).catch(() => undefined)
  if (real !== undefined) return isBelow(await realpath(root), real) ? real : 'outside'
  // A link to something without a path, such as a pipe behind /dev/stdin, leads out of the workspace; it is not a missing file.
  const target = await readlink(file).catch(() => undefined)
  if (target === undefined) return undefined
  const roots = [resolve(root), await realpath(root)]
  return roots.some((one) => isBelow(one, resolve(dirname(file), target))) ? undefined : 'outside'
}

const readOnly = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Opens a regular file to read. It is checked after it was opened, so that nothing can replace it in between. Does not wait for a pipe. Throws what `open` throws.
 * @param noFollow the path is one that `realpath` gave. @returns undefined for anything but a regular file.
 */
export async function openRegular(path: string, noFollow = false): Promise<FileHandle | undefined> {
  // Checked first, because opening a device can have an effect, and opening a socket fails.
  if (!(await stat(path)).isFile()) return undefined
  const handle = await open(path, noFollow ? readOnly | constants.O_NOFOLLOW : readOnly)
  const there = await handle.stat().catch(() => undefined)
  if (there?.isFile()) return handle
  await handle.close()
  return undefined
}

/** Opens a file of the workspace by a relative or absolute path; undefined if there is no regular file. Throws what `open` throws. */
export async function openInside(root: string, path: string): Promise<FileHandle | 'outside' | undefined> {
  const real = await locate(root, path)
  if (real === undefined || real === 'outside') return real
  const handle = await openRegular(real, true)
  if (handle === undefined) return undefined
  const opened = await realPathOf(handle)
  if (opened === undefined || isBelow(await realpath(root), opened)) return handle
  // A folder on the way was replaced by a link after it was looked at.
  await handle.close()
  return 'outside'
}

/** The real path of an open file; undefined if the system does not tell (only Linux does). */
const realPathOf = ({ fd }: FileHandle): Promise<string | undefined> =>
  readlink(`/proc/self/fd/${fd}`).catch(() => undefined)

/** The whole file, or its size if it has more than `limit` bytes. Allocates memory by the size of the file, not by the limit. */
export async function readUpTo(handle: FileHandle, limit: number): Promise<Buffer | { readonly tooLarge: number }> {
  const { size } = await handle.stat()
  if (size > limit) return { tooLarge: size }
  const pieces: Buffer[] = []
  let length = 0
  // A file may grow while it is read, and one of /proc has no size.
  for (;;) {
    const room = Math.min(limit + 1 - length, Math.max(size + 1 - length, 64 * 1024))
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(room), 0, room, length)
    if (bytesRead === 0) return Buffer.concat(pieces)
    length += bytesRead
    if (length > limit) return { tooLarge: length }
    pieces.push(buffer.subarray(0, bytesRead))
  }
}

/**
 * Writes a file and its folders below `root`. Follows no link, replaces nothing but a regular file, and cuts a hard link. The content appears at once
 * or not at all. Throws Refused, or what the file system throws.
 */
export async function writeInside(root: string, path: string, content: string | Uint8Array): Promise<void> {
  const { file, folder } = await plainPath(root, path, true)
  if (basename(path) === '' || file === folder) throw new Refused('not-a-file', `${path} is not the path of a file.`)
  const there = await lstat(file).catch(ignoreMissing)
  if (there?.isSymbolicLink()) throw new Refused('link', `${path} is a link.`)
  if (there && !there.isFile()) throw new Refused('not-a-file', `${path} exists and is not a regular file.`)
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.tmp`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const handle = await open(temporary, flags, there ? there.mode & 0o777 : 0o666)
  try {
    try {
      const opened = await realPathOf(handle)
      if (opened !== undefined && opened !== temporary) throw new Refused('link', `A folder of ${path} became a link.`)
      await handle.writeFile(content)
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw thrown
  }
}

/** Removes a regular file below `root` that no link leads to. Throws Refused, or what the file system throws. */
export async function removeInside(root: string, path: string): Promise<void> {
  const { file } = await plainPath(root, path, false)
  const there = await lstat(file)
  if (!there.isFile()) throw new Refused(there.isSymbolicLink() ? 'link' : 'not-a-file', `${path} is no regular file.`)
  await rm(file)
}

/** Maximum entries that are checked in a folder that another program writes to. */
const mostChecked = 100_000

/** For a folder that another program will write to: throws Refused if a part of its path below `root`, or anything in it, is a link. */
export async function checkFolder(root: string, path: string): Promise<void> {
  const { file } = await plainPath(root, path, false)
  let left = mostChecked
  const visit = async (at: string, name: string): Promise<void> => {
    const there = await lstat(at).catch(ignoreMissing)
    if (there?.isSymbolicLink()) throw new Refused('link', `${name} is a link.`)
    if (!there?.isDirectory()) return
    for await (const entry of await opendir(at)) {
      if (left-- === 0) throw new Refused('not-a-file', `${path} has more than ${mostChecked} entries.`)
      if (!entry.isFile()) await visit(join(at, entry.name), `${name}/${entry.name}`)
    }
  }
  await visit(file, path)
}

async function plainPath(root: string, path: string, make: boolean): Promise<{ file: string; folder: string }> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (isAbsolute(path) || parts.includes('..')) throw new Refused('outside', `${path} leads out of the workspace.`)
  let folder = await realpath(root)
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part)
    if (make) await mkdir(folder).catch(ignoreExisting)
    const there = await lstat(folder).catch(ignoreMissing)
    if (there === undefined) break
    if (there.isSymbolicLink()) throw new Refused('link', `The folder ${part} of ${path} is a link.`)
    if (!there.isDirectory()) throw new Refused('not-a-file', `${part} in ${path} is not a folder.`)
  }
  return { file: join(await realpath(root), ...parts), folder }
}

/** Writes to a path from an input. Below the workspace no link is followed; other paths are the responsibility of the workflow's owner. */
export async function writeInputPath(workspace: string, path: string, content: string | Uint8Array): Promise<void> {
  const inside = await relativeToWorkspace(workspace, path)
  if (inside !== undefined) return writeInside(workspace, inside, content)
  const file = resolve(workspace, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

/** The part of a path below the workspace, if it lies there; undefined elsewhere. The workspace may be reached through a link itself. */
export async function relativeToWorkspace(workspace: string, path: string): Promise<string | undefined> {
  const file = resolve(workspace, path)
  for (const root of [resolve(workspace), await realpath(workspace).catch(() => workspace)])
    if (isBelow(root, file)) return relative(root, file)
  return undefined
}

/** Opens a regular file that an input names: below the workspace as `openInside`, elsewhere as it is. */
export async function openInputPath(workspace: string, path: string): Promise<FileHandle | 'outside' | undefined> {
  if ((await relativeToWorkspace(workspace, path)) !== undefined) return openInside(workspace, path)
  return openRegular(resolve(workspace, path)).catch(ignoreMissing)
}

const ignoreMissing = (thrown: NodeJS.ErrnoException): undefined => {
  if (thrown.code !== 'ENOENT') throw thrown
}

const ignoreExisting = (thrown: NodeJS.ErrnoException): undefined => {
  if (thrown.code !== 'EEXIST') throw thrown
}
