import { describe, expect, test } from '@jest/globals'
import { attestArguments, attestedArguments, findAttestation } from '../../src/build/attest.ts'
import { sbomGenerator } from '../../src/core/pins.ts'
import { target } from '../fixtures/target.ts'

describe('attestations', () => {
  test.each([
    ['none', { provenance: false, sbom: false }, []],
    ['the default provenance', { provenance: 'true', sbom: false }, ['--attest', 'type=provenance']],
    [
      'both, as Docker writes them',
      { provenance: 'mode=max', sbom: 'generator=image' },
      ['--attest', 'type=provenance,mode=max', '--attest', 'type=sbom,generator=image'],
    ],
    [
      'a list of the software, by the pinned generator',
      { provenance: false, sbom: 'true' },
      ['--attest', `type=sbom,generator=${sbomGenerator}`],
    ],
    [
      'attributes of it without a generator',
      { provenance: false, sbom: 'scan-stage=true' },
      ['--attest', `type=sbom,scan-stage=true,generator=${sbomGenerator}`],
    ],
    [
      'a generator after other attributes',
      { provenance: false, sbom: 'scan-stage=true,generator=image' },
      ['--attest', 'type=sbom,scan-stage=true,generator=image'],
    ],
  ] as const)('are requested: %s', (_, options, expected) => {
    expect(attestArguments(options)).toEqual(expected)
  })

  test('are made by the same build, without a second image in the engine and without a second cache export', () => {
    const setting = {
      builder: { name: 'default', driver: 'docker', owned: false },
      cache: { kinds: [{ kind: 'gha' }], write: true },
      options: { cacheMode: 'max', noCache: true, pull: true, secrets: [] },
      paths: { layout: '/l', metadata: '/m' },
      workspace: '/w',
    } as const
    const args = attestedArguments(target(), setting, { provenance: 'true', sbom: false })
    expect(args).not.toContain('--provenance=false')
    expect(args).not.toContain('--cache-to')
    expect(args).not.toContain('--no-cache')
    expect(args).not.toContain('--pull')
    expect(args).toContain('--cache-from')
    expect(args.filter((_, index) => args[index - 1] === '--output')).toHaveLength(1)
  })

  const speaksOf = (digest: string, about: string) => ({
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': about },
  })
  const image = (digest: string) => ({ digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' })

  test.each([
    ['the one beside the image', [[image('a'), speaksOf('x', 'a')]], 'x'],
    ['in a nested index', [[image('top')], [image('a'), speaksOf('x', 'a')]], 'x'],
    ['not one that speaks of another image', [[image('a'), speaksOf('x', 'b')]], undefined],
    ['not one whose image is not there: something else was built', [[image('b'), speaksOf('x', 'a')]], undefined],
  ])('of an image are found: %s', (_, indexes, expected) => {
    expect(findAttestation(indexes, 'a')).toBe(expected)
  })
})
