import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import { sbomGenerator } from '../core/pins.ts'
import { flag } from '../docker/arguments.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { gitVariables } from '../platform/git.ts'
import { RegistryError } from '../registry/error.ts'
import { openLayout, type StoredImage } from '../registry/stored-image.ts'
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

/** Settings of the second build of a tested target. Its only output is an OCI layout. */
type AttestBuildxOptions = Omit<BuildxOptions, 'load' | 'lacksOciExport'>

/** The same build with its attestations. It was just built, so it neither pulls, nor ignores the cache, nor writes it. */
export function attestedArguments(
  target: Target,
  buildx: AttestBuildxOptions,
  options: AttestOptions,
): readonly string[] {
  const cached = { ...buildx.options, noCache: false, pull: false }
  const cache = { ...buildx.cache, write: false }
  const args = buildArguments(target, { ...buildx, options: cached, cache, lacksOciExport: false })
  return args.flatMap((argument) => (argument === '--provenance=false' ? attestArguments(options) : [argument]))
}

/** BuildKit attests a tested image from its own record of the build. They are a separate manifest, so the image's digest must stay the tested one. */
export async function attest(
  target: Target,
  built: Digest,
  buildx: AttestBuildxOptions,
  options: AttestOptions,
  host: Host,
): Promise<StoredImage> {
  const progress = createProgress(target.dockerfile, (line) => host.log.debug(line))
  const exitCode = await host.processes.spawn('docker', attestedArguments(target, buildx, options), {
    signal: host.signal,
    environment: {
      ...secretMounts(buildx.options.secrets).environment,
      // buildx asks git for the commit (`git show`) of the workspace. It must not check for changed files, which would run the filters of the repository.
      ...gitVariables(),
      BUILDX_GIT_CHECK_DIRTY: 'false',
    },
    pass: passedToBuild(buildx),
    onLine(line, stream) {
      if (stream === 'stdout') return
      const status = readStatus(line)
      if (status) progress.onStatus(status)
      else progress.onPlainLine(line)
    },
  })
  if (exitCode !== 0)
    throw new RegistryError(
      'INVALID_IMAGE',
      `The attestations of ${target.id} could not be made: ${progress.failure().reason}`,
    )
  const { layout } = buildx.paths
  const attestation = findAttestation(await readIndexes(layout), built)
  if (attestation === undefined) {
    throw new RegistryError(
      'INVALID_IMAGE',
      `BuildKit attested another image of ${target.id} than the one that was tested (${built}).`,
    )
  }
  return openLayout(layout, attestation)
}

interface Descriptor {
  readonly digest: Digest
  readonly mediaType: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** The attestation manifest of this image, from an index that has both. Source: BuildKit docs/attestations/attestation-storage.md. */
export const findAttestation = (indexes: readonly (readonly Descriptor[])[], image: Digest): Digest | undefined =>
  indexes
    .filter((manifests) => manifests.some(({ digest }) => digest === image))
    .flat()
    .find(
      ({ annotations }) =>
        annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' &&
        annotations['vnd.docker.reference.digest'] === image,
    )?.digest

async function readIndexes(layout: string): Promise<readonly (readonly Descriptor[])[]> {
  const read = async (file: string) =>
    (JSON.parse(await readFile(file, 'utf8')) as { readonly manifests?: readonly Descriptor[] }).manifests ?? []
  const top = await read(join(layout, 'index.json'))
  const nested = top.filter(({ mediaType }) => mediaType.includes('index') || mediaType.includes('manifest.list'))
  return [top, ...(await Promise.all(nested.map(({ digest }) => read(join(layout, 'blobs', ...digest.split(':'))))))]
}
