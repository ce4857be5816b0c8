import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { readRegistry } from '../e2e/registry.ts'
import { describeWith } from '../environment/describe-with.ts'
import { readFacts } from '../environment/facts.ts'
import { must } from '../environment/machine/command.ts'
import { anyRepository, errorsOf, published } from '../faults/fault-job.ts'
import { runWith } from './builders/job.ts'

jest.setTimeout(240_000)

const facts = readFacts()
const registry = readRegistry(facts.registry ?? '')
const untested = { 'smoke-test': 'false' }
const architectures = ['amd64', 'aarch64']
const build = 'RUN --mount=type=secret,id=TOKEN wc -c < /run/secrets/TOKEN > /length || true'

interface Entry {
  readonly digest: string
  readonly platform: { readonly architecture: string }
  readonly annotations?: Readonly<Record<string, string>>
}

/** What the manifest list holds, and the attestation statements of each of its images, by their kind. */
async function listOf(repository: string) {
  const name = `${facts.registry}/${repository}/tiny`
  const entries: readonly Entry[] = (await registry.manifest(`${name}:1.2.3`)).json.manifests
  const statements = await Promise.all(
    entries
      .filter(({ platform }) => platform.architecture === 'unknown')
      .map(async ({ digest, annotations }) => {
        const { layers } = (await registry.manifest(`${name}@${digest}`)).json
        const kinds = layers.map(
          (layer: { annotations: Record<string, string> }) => layer.annotations['in-toto.io/predicate-type'],
        )
        return { about: annotations?.['vnd.docker.reference.digest'], kinds }
      }),
  )
  return { images: entries.filter(({ platform }) => platform.architecture !== 'unknown'), statements }
}

/** A generator of the kind that BuildKit calls: it is told what to look at and where to put what it found. Source: BuildKit docs/attestations/sbom-protocol.md. */
const generator = [
  `FROM ${facts.bases?.tiny}:amd64`,
  `RUN printf '%s\\n' '#!/bin/sh' 'files=$(find "$BUILDKIT_SCAN_SOURCE" -type f | wc -l)' 'printf "{\\"_type\\":\\"https://in-toto.io/Statement/v0.1\\",\\"predicateType\\":\\"https://spdx.dev/Document\\",\\"predicate\\":{\\"spdxVersion\\":\\"SPDX-2.3\\",\\"comment\\":\\"%s files\\"}}" "$files" > "$BUILDKIT_SCAN_DESTINATION/found.spdx.json"' > /scan && chmod +x /scan`,
  'ENTRYPOINT ["/scan"]',
  '',
].join('\n')

describeWith(['containerd-engine', 'registry', 'bases', 'buildkit', 'emulators'], 'attestations', () => {
  const scanner = `${facts.registry}/${anyRepository()}/scanner:1`
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aicleaner-scanner-'))
    await writeFile(join(folder, 'Dockerfile'), generator)
    const environment = { DOCKER_HOST: facts.engines.containerd ?? '' }
    await must(
      'docker',
      ['buildx', 'build', '--builder', 'default', '--provenance=false', '--push', '--tag', scanner, folder],
      { environment },
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each([
    ["the engine's own BuildKit", { driver: 'docker' }, {}],
    [
      'a builder in a container, of a build with a secret and a time of its own',
      {
        driver: 'docker-container',
        'driver-opts': 'network=host',
        secrets: 'TOKEN=not for anybody',
        'no-cache': 'true',
      },
      { SOURCE_DATE_EPOCH: '1700000000' },
    ],
  ])(
    'of %s are in the manifest list, and the tags of single images keep the built digest',
    async (_, builder, environment) => {
      const repository = anyRepository()
      const result = await runWith(
        { ...untested, ...builder, provenance: 'mode=max', sbom: `generator=${scanner}` },
        {
          repository,
          addons: [{ architectures, build }],
          environment: { ...environment, DOCKER_HOST: facts.engines.containerd ?? '' },
        },
      )
      expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
      const { images, statements } = await listOf(repository)
      const built = result.report.addons[0]?.targets.map(({ build }) => build.manifestDigest)
      expect(images.map(({ digest }) => digest)).toEqual(built)
      const tags = await published(repository, architectures)
      expect(architectures.map((architecture) => tags[`${architecture}-tiny:1.2.3`])).toEqual(built)
      for (const architecture of architectures) {
        const { json } = await registry.manifest(`${facts.registry}/${repository}/${architecture}-tiny:1.2.3`)
        expect(json.mediaType).toBe('application/vnd.oci.image.manifest.v1+json')
      }
      const kinds = expect.arrayContaining([
        expect.stringMatching(/^https:\/\/slsa\.dev\/provenance\//),
        'https://spdx.dev/Document',
      ])
      expect(statements).toEqual(built?.map((about) => ({ about, kinds })))
    },
  )

  test('that cannot be created prevent publishing, with the reason', async () => {
    const repository = anyRepository()
    const missing = `${facts.registry}/none/scanner:1`
    const result = await runWith({ ...untested, sbom: `generator=${missing}` }, { repository })
    expect(result.exitCode).not.toBe(0)
    expect(errorsOf(result)).toMatch(/attestations of tiny\/amd64 could not be made.*none\/scanner/s)
    expect(await published(repository)).toEqual({})
  })
})
