import { randomBytes } from 'node:crypto'
import { expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { createImage } from '../environment/images/imagetools.ts'
import { pushManifest } from '../environment/images/push.ts'
import { type StepResult, startJob } from '../fakes/runner/runner.ts'
import { addonFiles } from './addon.ts'
import { planOnly } from './plan-only.ts'
import { readRegistry } from './registry.ts'

// An image is built, perhaps on a busy machine.
jest.setTimeout(240_000)

describeWith(['engine', 'registry', 'bases'], '"mode: refresh"', ({ registry = '', bases }) => {
  const repository = readRegistry(registry)
  const prefix = `refresh-${randomBytes(4).toString('hex')}`
  const base = `${registry}/${prefix}/base:amd64`
  const image = `${registry}/${prefix}/amd64-tiny`
  const files = addonFiles({
    base: `${registry}/${prefix}/base`,
    image: `${registry}/${prefix}/{arch}-tiny`,
    architectures: ['amd64'],
  })
  const tiny = (architecture: string) => `${bases?.tiny}:${architecture}`

  /** Lets the name of the base image lead to an index of these images. */
  async function moveBase(...images: readonly string[]): Promise<string> {
    await createImage(base, images)
    return (await repository.manifest(base)).digest
  }

  /** On a machine without Docker. */
  async function refresh() {
    const result = await planOnly({ files, inputs: { mode: 'refresh', target: 'tiny' } })
    if (result.exitCode !== 0) throw new Error(result.log)
    expect(result.problems).toEqual([])
    const { outdated = '', matrix = '' } = result.outputs
    return { outdated: JSON.parse(outdated), matrix: JSON.parse(matrix), summary: result.summary }
  }
  const current = { outdated: [], matrix: { include: [] } }

  async function publish(inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
    const job = await startJob({
      files,
      inputs: { target: 'tiny', push: 'true', 'smoke-test': 'false', audit: 'off', ...inputs },
    })
    const result = await job.main().done
    if (result.exitCode !== 0) throw new Error(result.log)
    expect((await job.post()).exitCode).toBe(0)
    await job.end()
    return result
  }

  test('finds an add-on whose base image has changed, by its annotations and by its layers', async () => {
    const was = await moveBase(tiny('amd64'), tiny('aarch64'))
    // A version that is not published is no failure.
    expect(await refresh()).toMatchObject({ ...current, summary: expect.stringContaining('is not published') })

    await publish()
    const published = await repository.manifest(`${image}:1.2.3`)
    expect(published.json.annotations).toMatchObject({
      'org.opencontainers.image.base.name': base,
      'org.opencontainers.image.base.digest': was,
    })
    expect(await refresh()).toMatchObject(current)

    // Another architecture of the index.
    const other = await moveBase(tiny('amd64'), `${bases?.python}:aarch64`)
    expect(other).not.toBe(was)
    expect(await refresh()).toMatchObject(current)

    // As another builder would have published it.
    const { annotations: _, ...plain } = published.json
    const without = { mediaType: plain.mediaType, text: JSON.stringify(plain), digest: '', size: 0 }
    await pushManifest(`http://${registry}`, `${prefix}/amd64-tiny`, '1.2.3', without)
    expect(await refresh()).toMatchObject(current)

    const now = await moveBase(`${bases?.python}:amd64`, tiny('aarch64'))
    const addon = { addon: 'tiny', folder: 'tiny', version: '1.2.3', next: '1.2.4' }
    const moved = { architecture: 'amd64', image: `${image}:1.2.3`, base, now }
    const inferred = await refresh()
    expect(inferred.outdated).toEqual([{ ...addon, images: [{ ...moved, reason: expect.any(String) }] }])
    expect(inferred.matrix.include).toEqual([
      { name: 'tiny', addon: 'tiny', target: 'tiny', version: '1.2.3', next: '1.2.4' },
    ])

    const again = { mediaType: plain.mediaType, text: JSON.stringify(published.json), digest: '', size: 0 }
    await pushManifest(`http://${registry}`, `${prefix}/amd64-tiny`, '1.2.3', again)
    const recorded = await refresh()
    expect(recorded.outdated).toEqual([{ ...addon, images: [{ ...moved, was, reason: expect.any(String) }] }])
    expect(recorded.summary).toContain(`\`${was.slice(7, 19)}\` → \`${now.slice(7, 19)}\``)

    // Built again on the base image of today.
    await publish()
    expect(await refresh()).toMatchObject(current)
  })

  test('an image with attestations records its base image, and its digest stays that of the tested image', async () => {
    const digest = await moveBase(tiny('amd64'), tiny('aarch64'))
    await publish({ version: '2.0.0', provenance: 'mode=max' })
    const { json } = await repository.manifest(`${image}:2.0.0`)
    expect(json.annotations).toMatchObject({ 'org.opencontainers.image.base.digest': digest })
  })

  test('annotations of the user are kept, and then nothing is recorded', async () => {
    await moveBase(tiny('amd64'), tiny('aarch64'))
    await publish({ version: '3.0.0', annotations: 'org.opencontainers.image.base.name=mine' })
    const { json } = await repository.manifest(`${image}:3.0.0`)
    expect(json.annotations).toEqual({ 'org.opencontainers.image.base.name': 'mine' })
  })
})
