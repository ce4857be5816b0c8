import { PassThrough } from 'node:stream'
import { error, Failure } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import { type SavedSetting, writeSavedLayout } from '../image/sources/saved-layout.ts'

/** Writes the engine's image as an OCI layout. Throws a Failure (`environment`). @returns the digest of its manifest. */
export async function saveLayout(
  folder: string,
  image: SavedSetting,
  { processes, signal }: Pick<Host, 'processes' | 'signal'>,
): Promise<Digest> {
  const archive = new PassThrough({ highWaterMark: 1024 * 1024 })
  const messages: string[] = []
  // Saved by digest, so that it is the tested image even if the name is moved.
  const saving = processes.spawn('docker', ['image', 'save', image.configDigest], {
    output: archive,
    signal,
    onLine: (line) => messages.push(line),
  })
  // If docker cannot be started, the stream ends with an error. The reader gets it from the stream, even if it starts reading later.
  archive.on('error', () => {})
  saving.catch((thrown) => archive.destroy(thrown))
  const [written] = await Promise.allSettled([writeSavedLayout(archive, folder, image)])
  const exitCode = await saving
  if (exitCode === 0 && written.status === 'fulfilled') return written.value
  const thrown = written.status === 'rejected' ? written.reason : undefined
  // If docker failed, the archive ended too early, and docker's output has the cause.
  if (exitCode === 0) throw thrown
  throw new Failure(
    'environment',
    [
      error(
        'environment/not-saved',
        `The engine could not save the image that it built: ${messages.at(-1) ?? `docker ended with ${exitCode}`}.`,
        'Check that no other process removes images on this machine during builds ("docker image prune").',
      ),
    ],
    thrown,
  )
}
