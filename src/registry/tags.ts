import { messageOf } from '../core/diagnostics.ts'
import type { Manifest, Registry } from './client.ts'
import { isMissing, RegistryError } from './error.ts'
import type { Repository } from './name.ts'

interface TagMove {
  readonly repository: Repository
  readonly tag: string
  readonly manifest: Manifest
}

interface Moved {
  readonly move: TagMove
  /** Undefined: the tag is new. */
  readonly was: Manifest | undefined
}

/** What tags pointed at when it was last read, by the name of the tag. */
export type KnownTags = ReadonlyMap<string, Manifest | undefined>

/**
 * Moves tags one after the other and reads each one back, and all of them at the end, to detect another run that publishes them at the same time.
 * On an error or a cancel every tag goes back; a new one is deleted, or named in the error if the registry cannot delete tags.
 * @param known tags that need not be read again. @returns the moves that took a tag from another image.
 */
export async function moveTags(
  moves: readonly TagMove[],
  registry: Registry,
  signal?: AbortSignal,
  known: KnownTags = new Map(),
): Promise<readonly TagMove[]> {
  const before = await Promise.all(
    moves.map(({ repository, tag, manifest }) => {
      const name = nameOf(repository, tag)
      return known.has(name) ? known.get(name) : currentManifest(repository, tag, manifest, registry)
    }),
  )
  const moved: Moved[] = []
  try {
    for (const [index, move] of moves.entries()) {
      signal?.throwIfAborted()
      const was = before[index]
      if (was?.digest === move.manifest.digest) continue
      // If another run has moved the tag since, leave it.
      const now = await registry.digestOf(move.repository, move.tag)
      if (now !== was?.digest) throw overtaken(move, now)
      // Recorded before the request: if the connection breaks, the registry may have moved the tag.
      moved.push({ move, was })
      await registry.putManifest(move.repository, move.tag, move.manifest)
      // Compares the digest of its bytes, not of its headers.
      assertAt(move, (await registry.manifest(move.repository, move.tag)).digest)
    }
    // Two runs at the same time could each end up with some of the tags.
    if (moved.length > 0 && moves.length > 1) {
      await Promise.all(moves.map(async (move) => assertAt(move, await registry.digestOf(move.repository, move.tag))))
    }
    return moved.flatMap(({ move, was }) => (was ? [move] : []))
  } catch (thrown) {
    const stuck = (await Promise.all(moved.map((one) => putBack(one, registry)))).filter((name) => name !== undefined)
    if (stuck.length === 0) throw thrown
    throw new RegistryError(
      thrown instanceof RegistryError ? thrown.code : 'TAG_CONFLICT',
      `${messageOf(thrown)} These tags could not be put back: ${stuck.join(', ')}.`,
      { cause: thrown },
    )
  }
}

/** The manifest that a tag points at; undefined for a new tag. @param wanted needs no second request if it is this one. */
export async function currentManifest(
  repository: Repository,
  tag: string,
  wanted: Manifest | undefined,
  registry: Registry,
): Promise<Manifest | undefined> {
  try {
    const digest = await registry.digestOf(repository, tag)
    if (wanted && digest === wanted.digest) return wanted
    return digest === undefined ? undefined : await registry.manifest(repository, tag)
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}

/** `ghcr.io/org/name:1.2.3`. */
export const nameOf = ({ registry, path }: Repository, tag: string): string => `${registry}/${path}:${tag}`

function assertAt(move: TagMove, digest: string | undefined): void {
  if (digest !== move.manifest.digest) throw overtaken(move, digest)
}

const overtaken = ({ repository, tag, manifest }: TagMove, digest: string | undefined): RegistryError =>
  new RegistryError(
    'TAG_CONFLICT',
    `${nameOf(repository, tag)} points at ${digest ?? 'nothing'}, not at ${manifest.digest}: another run publishes the same tag.`,
  )

/** @returns the name of a tag that could not be put back. */
async function putBack({ move, was }: Moved, registry: Registry): Promise<string | undefined> {
  const { repository, tag, manifest } = move
  try {
    // If another run has moved the tag, leave it.
    if ((await registry.digestOf(repository, tag)) !== manifest.digest) return undefined
    if (was) await registry.putManifest(repository, tag, was)
    else if (!(await registry.deleteTag(repository, tag))) throw new Error('new')
    return undefined
  } catch {
    return nameOf(repository, tag)
  }
}
