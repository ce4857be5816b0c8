import { PassThrough } from 'node:stream'
import { error, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { Digest } from '../core/digest.ts'
import { type SavedSetting, writeSavedLayout } from '../image/sources/saved-layout.ts'

/** Pure. By digest: what is saved is what the test starts, whatever becomes of the name. */
export const saveArguments = (configDigest: Digest): readonly string[] => ['image', 'save', configDigest]

/**
 * Writes the image that the engine holds under this config digest as an OCI layout.
 * Throws a Failure of kind `environment`.
 * @returns the digest of its manifest.
 */
export async function saveLayout(
  folder: string,
  setting: SavedSetting,
  { processes, signal }: Pick<Host, 'processes' | 'signal'>,
): Promise<Digest> {
  const archive = new PassThrough({ highWaterMark: 1024 * 1024 })
  const said: string[] = []
  const saving = processes.spawn('docker', saveArguments(setting.configDigest), {
    output: archive,
    signal,
    onLine: (line) => said.push(line),
  })
  // Nothing comes any more where docker cannot even be started.
  saving.catch((thrown) => archive.destroy(thrown))
  const written = await settle(writeSavedLayout(archive, folder, setting))
  const exitCode = await saving
  if (exitCode === 0 && 'value' in written) return written.value
  // An archive that ends too early is the fault of the engine, which says why.
  if (exitCode === 0) throw written.thrown
  throw new Failure(
    'environment',
    [
      error(
        'environment/not-saved',
        `The engine did not give out the image that it built: ${said.at(-1) ?? `docker ended with ${exitCode}`}.`,
        'Look whether something removes images on this machine while it builds ("docker image prune").',
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
