import { messageOf } from '../core/diagnostics.ts'
import type { Manifest, Registry } from './client.ts'
import { isMissing, RegistryError } from './error.ts'
import type { Repository } from './name.ts'

export interface TagMove {
  readonly repository: Repository
  readonly tag: string
  readonly manifest: Manifest
}

/**
 * Moves tags one after the other, in the order given, and reads each one back, and all of them again at the end, to detect another run that
 * publishes the same tags at the same time. On an error or a cancel every tag goes back to the manifest it had; a new tag is deleted, or named
 * in the error where the registry cannot delete tags.
 */
export async function moveTags(moves: readonly TagMove[], registry: Registry, signal?: AbortSignal): Promise<void> {
  const before = await Promise.all(moves.map((move) => current(move, registry)))
  const moved: { readonly move: TagMove; readonly was: Manifest | undefined }[] = []
  try {
    for (const [index, move] of moves.entries()) {
      signal?.throwIfAborted()
      const was = before[index]
      if (was === 'right') continue
      // Another run may have moved it since: then it is not ours to move.
      const now = await registry.digestOf(move.repository, move.tag)
      if (now !== was?.digest) throw overtaken(move, now)
      // Noted first: a broken connection leaves open whether the registry took it.
      moved.push({ move, was })
      await registry.putManifest(move.repository, move.tag, move.manifest)
      await verify(move, registry)
    }
    // Two runs that overtake each other would each leave some tags of their own.
    if (moved.length > 0 && moves.length > 1) await Promise.all(moves.map((move) => stillThere(move, registry)))
  } catch (thrown) {
    const stuck = await undo(moved, registry)
    if (stuck.length === 0) throw thrown
    throw new RegistryError(
      thrown instanceof RegistryError ? thrown.code : 'TAG_CONFLICT',
      `${messageOf(thrown)} These tags could not be put back: ${stuck.join(', ')}.`,
      { cause: thrown },
    )
  }
}

/** The manifest of a tag, to put it back; undefined for a new tag, `right` for one that need not move. */
async function current(
  { repository, tag, manifest }: TagMove,
  registry: Registry,
): Promise<Manifest | 'right' | undefined> {
  try {
    const digest = await registry.digestOf(repository, tag)
    if (digest === manifest.digest) return 'right'
    return digest === undefined ? undefined : await registry.manifest(repository, tag)
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}

/** Reads the tag back from the registry and compares the digest of its bytes, not of its headers. */
async function verify({ repository, tag, manifest }: TagMove, registry: Registry): Promise<void> {
  const found = await registry.manifest(repository, tag)
  if (found.digest !== manifest.digest) throw overtaken({ repository, tag, manifest }, found.digest)
}

async function stillThere(move: TagMove, registry: Registry): Promise<void> {
  const digest = await registry.digestOf(move.repository, move.tag)
  if (digest !== move.manifest.digest) throw overtaken(move, digest)
}

const overtaken = ({ repository, tag, manifest }: TagMove, digest: string | undefined): RegistryError =>
  new RegistryError(
    'TAG_CONFLICT',
    `${repository.registry}/${repository.path}:${tag} points at ${digest ?? 'nothing'}, not at ${manifest.digest}: another run publishes the same tag.`,
  )

async function undo(
  moves: readonly { readonly move: TagMove; readonly was: Manifest | undefined }[],
  registry: Registry,
): Promise<readonly string[]> {
  const stuck = await Promise.all(moves.map((one) => putBack(one, registry)))
  return stuck.filter((name) => name !== undefined)
}

/** @returns the name of a tag that could not be put back. */
async function putBack(
  { move, was }: { readonly move: TagMove; readonly was: Manifest | undefined },
  registry: Registry,
): Promise<string | undefined> {
  const { repository, tag, manifest } = move
  try {
    // Somebody else's tag is not ours to move.
    if ((await registry.digestOf(repository, tag)) !== manifest.digest) return undefined
    if (was) await registry.putManifest(repository, tag, was)
    else if (!(await registry.deleteTag(repository, tag))) throw new Error('new')
    return undefined
  } catch {
    return `${repository.registry}/${repository.path}:${tag}`
  }
}
