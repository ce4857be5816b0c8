import { PassThrough } from 'node:stream'
import { error, Failure } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import { type SavedSetting, writeSavedLayout } from '../image/sources/saved-layout.ts'

/** Pure. By digest, so that the saved image is the tested one, even if its name moves. */
export const saveArguments = (configDigest: Digest): readonly string[] => ['image', 'save', configDigest]

/**
 * Writes the engine's image with this config digest as an OCI layout.
 * Throws a Failure (`environment`).
 * @returns the digest of its manifest.
 */
export async function saveLayout(
  folder: string,
  image: SavedSetting,
  { processes, signal }: Pick<Host, 'processes' | 'signal'>,
): Promise<Digest> {
  const archive = new PassThrough({ highWaterMark: 1024 * 1024 })
  const messages: string[] = []
  const saving = processes.spawn('docker', saveArguments(image.configDigest), {
    output: archive,
    signal,
    onLine: (line) => messages.push(line),
  })
  // The archive never ends where docker cannot be started.
  saving.catch((thrown) => archive.destroy(thrown))
  const written = await settle(writeSavedLayout(archive, folder, image))
  const exitCode = await saving
  if (exitCode === 0 && 'value' in written) return written.value
  // An archive that ends too early is an error of docker, which has the cause in its output.
  if (exitCode === 0) throw written.thrown
  throw new Failure(
    'environment',
    [
      error(
        'environment/not-saved',
        `The engine could not save the image that it built: ${messages.at(-1) ?? `docker ended with ${exitCode}`}.`,
        'Check that no other process removes images on this machine during builds ("docker image prune").',
      ),
    ],
    written.thrown,
  )
}

const settle = <T>(
  work: Promise<T>,
): Promise<{ readonly value: T; readonly thrown?: undefined } | { readonly thrown: unknown }> =>
  work.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  )
