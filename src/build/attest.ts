import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gitVariables } from '../platform/git.ts'
import type { Host } from '../core/host.ts'
import type { Digest } from '../core/digest.ts'
import type { Options } from '../inputs/options.ts'
import { sbomGenerator } from '../core/pins.ts'
import type { Target } from '../plan/plan.ts'
import { RegistryError } from '../registry/error.ts'
import { openLayout, type StoredImage } from '../registry/stored-image.ts'
import { flag } from '../docker/arguments.ts'
import { type BuildxOptions, buildArguments, passedToBuild } from './build-command.ts'
import { createProgress } from './progress.ts'
import { readStatus } from './rawjson.ts'
import { secretMounts } from './secrets.ts'

type AttestOptions = Pick<Options, 'provenance' | 'sbom'>

export const wantsAttestation = ({ provenance, sbom }: AttestOptions): boolean => provenance !== false || sbom !== false

/** The values of `--attest`. `true` alone asks for the default of the kind; the generator of an SBOM is the pinned one, unless the user names another. */
export const attestArguments = ({ provenance, sbom }: AttestOptions): readonly string[] => [
  ...flag('--attest', typeof provenance === 'string' ? kind('provenance', provenance) : undefined),
  ...flag('--attest', typeof sbom === 'string' ? withGenerator(kind('sbom', sbom)) : undefined),
]

const kind = (type: string, value: string): string => (/^true$/i.test(value) ? `type=${type}` : `type=${type},${value}`)

const withGenerator = (value: string): string =>
  /,"?generator=/.test(value) ? value : `${value},generator=${sbomGenerator}`

/** The same build with its attestations, and without what would make it again or keep it again: it was built a moment ago. */
export function attestedArguments(target: Target, setting: BuildxOptions, options: AttestOptions): readonly string[] {
  const { load: _, ...rest } = setting
  const known = { ...setting.options, noCache: false, pull: false }
  const args = buildArguments(target, { ...rest, options: known, cache: { ...setting.cache, write: false } })
  return args.flatMap((argument) => (argument === '--provenance=false' ? attestArguments(options) : [argument]))
}

/**
 * Attestations of an image that has been built and tested: BuildKit makes them from its own record of that build (all steps are cached).
 * They are a manifest of their own, so that the image's digest stays the tested one; this checks that it did.
 */
export async function attest(
  target: Target,
  built: Digest,
  setting: BuildxOptions,
  options: AttestOptions,
  host: Host,
): Promise<StoredImage> {
  const progress = createProgress(target.dockerfile, (line) => host.log.debug(line))
  const exitCode = await host.processes.spawn('docker', attestedArguments(target, setting, options), {
    signal: host.signal,
    environment: {
      ...secretMounts(setting.options.secrets).environment,
      // buildx asks git for the commit (`git show`), in whatever repository the workspace is. Whether files differ from it is not asked: filters would run.
      ...gitVariables(),
      BUILDX_GIT_CHECK_DIRTY: 'false',
    },
    pass: passedToBuild(setting),
    onLine(line, stream) {
      if (stream === 'stdout') return
      const status = readStatus(line)
      if (status) progress.onStatus(status)
      else progress.onPlainLine(line)
    },
  })
  if (exitCode !== 0)
    throw new RegistryError(`The attestations of ${target.id} could not be made: ${progress.failure().reason}`, 400)
  const { layout } = setting.paths
  const attestation = findAttestation(await readIndexes(layout), built)
  if (attestation === undefined) {
    throw new RegistryError(
      `BuildKit attested another image of ${target.id} than the one that was tested (${built}).`,
      400,
    )
  }
  return openLayout(layout, attestation)
}

interface Descriptor {
  readonly digest: Digest
  readonly mediaType: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** The attestation manifest that speaks of this image, where both stand in one index. Source: BuildKit docs/attestations/attestation-storage.md. */
export function findAttestation(indexes: readonly (readonly Descriptor[])[], image: Digest): Digest | undefined {
  for (const manifests of indexes) {
    if (!manifests.some(({ digest }) => digest === image)) continue
    const found = manifests.find(
      ({ annotations }) =>
        annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' &&
        annotations['vnd.docker.reference.digest'] === image,
    )
    if (found) return found.digest
  }
  return undefined
}

/** The top index of a layout and those that it names. */
async function readIndexes(layout: string): Promise<readonly (readonly Descriptor[])[]> {
  const read = async (file: string) =>
    (JSON.parse(await readFile(file, 'utf8')) as { readonly manifests?: readonly Descriptor[] }).manifests ?? []
  const top = await read(join(layout, 'index.json'))
  const nested = top.filter(({ mediaType }) => mediaType.includes('index') || mediaType.includes('manifest.list'))
  return [top, ...(await Promise.all(nested.map(({ digest }) => read(join(layout, 'blobs', ...digest.split(':'))))))]
}
