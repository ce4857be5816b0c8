import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { error, Failure } from '../../src/core/diagnostics.ts'
import { publishImages, pushByDigest, writeResults } from '../../src/pipeline/publish-images.ts'
import type { PublishRequest } from '../../src/pipeline/stages.ts'
import { outcomeOf, type TargetOutcome } from '../../src/pipeline/target-outcome.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { parseRepository } from '../../src/registry/name.ts'
import type { ResultFile } from '../../src/report/model/result-file.ts'
import { optionsOf } from '../addon/corpus.ts'
import { plan } from '../plan/planning.ts'
import { built, healthy, target as reportOf } from '../report/reports.ts'
import { type FakeRun, failedBuild, fakeRun, writeLayout } from './fake-stages.ts'

let fake: FakeRun
beforeEach(() => {
  fake = fakeRun()
})
afterEach(() => fake.remove())

const inputs = {
  target: 'a',
  architectures: 'amd64,aarch64',
  image: 'registry.example/{arch}-probe',
  'multi-arch-image': 'registry.example/probe',
}
const tags = ['registry.example/amd64-probe:1.0', 'registry.example/aarch64-probe:1.0', 'registry.example/probe:1.0']
const passed = { passed: true, reasons: [], warnings: [] }

/** What is published: two images that were built and tested by this job, but for what a test changes. */
async function request(
  changes: Partial<PublishRequest> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<PublishRequest> {
  const all = { ...inputs, push: 'true', ...more }
  const planned = await plan({ inputs: all })
  const outcomes = planned.addons.flatMap(({ targets }) =>
    targets.map(({ id, addon, architecture, platform, image, tags: names }): [string, TargetOutcome] => {
      const layout = join(fake.host.temporary, architecture)
      const report = {
        ...reportOf(architecture, { build: { ...built(), ...writeLayout(layout, architecture) }, smoke: healthy() }),
        ...{ addon, architecture, platform, image, tags: names },
      }
      return [id, outcomeOf({ report, image: { layout } })]
    }),
  )
  return {
    plan: planned,
    outcomes: new Map(outcomes),
    verdict: passed,
    registry: fake.registry,
    options: await optionsOf(all),
    host: fake.host,
    problems: [],
    ...changes,
  }
}

const resultsFolder = (): string => join(fake.host.environment.RUNNER_TEMP ?? '', 'aicleaner-build')
const results = (): readonly ResultFile[] =>
  readdirSync(resultsFolder())
    .sort()
    .map((name) => JSON.parse(readFileSync(join(resultsFolder(), name), 'utf8')))

describe('images of this job', () => {
  test('are published with all tags', async () => {
    const { publication, published, reasons } = await publishImages(await request())
    expect([publication, reasons]).toEqual([{ status: 'published' }, []])
    expect([...(published?.get('probe')?.digests.keys() ?? [])]).toEqual(['amd64', 'aarch64'])
    expect(published?.get('probe')?.manifest).toMatch(/^sha256:/)
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
  })

  test('replace a published version by default, with a warning at its line', async () => {
    const repository = parseRepository('registry.example/amd64-probe')
    await fake.registry.putManifest(repository, '1.0', { bytes: Buffer.from('{}'), mediaType: 'x' })
    const { publication, warnings } = await publishImages(await request())
    expect(publication).toEqual({ status: 'published' })
    expect(warnings).toEqual([
      {
        gate: 'version',
        addon: 'probe',
        message:
          '1.0 was already published and now has other images: registry.example/amd64-probe:1.0. Devices that have 1.0 are not offered them. Set "version" to 1.1.',
        remedy: 'The Supervisor offers an update only if the version changes.',
        where: { file: 'a/config.yaml', line: 2, column: 10 },
      },
    ])
  })

  test('are not published with "existing: fail" if the version is, and the version gate fails', async () => {
    const repository = parseRepository('registry.example/aarch64-probe')
    await fake.registry.putManifest(repository, '1.0', { bytes: Buffer.from('{}'), mediaType: 'x' })
    const before = fake.tags()
    const { publication, reasons } = await publishImages(await request({}, { existing: 'fail' }))
    expect(publication).toEqual({ status: 'not-published', reason: 'The version is already published.' })
    expect(reasons).toMatchObject([
      { gate: 'version', addon: 'probe', message: expect.stringContaining('aarch64-probe:1.0'), where: { line: 2 } },
    ])
    expect(fake.tags()).toEqual(before)
  })

  test('are published with their attestations in the manifest list', async () => {
    const asked = await request()
    const outcomes = new Map(
      [...asked.outcomes].map(([id, { report }]) => {
        const layout = join(fake.host.temporary, report.architecture)
        const attested = join(fake.host.temporary, `${report.architecture}-attested`)
        const attestation = { layout: attested, digest: writeLayout(attested, `attestation of ${id}`).manifestDigest }
        return [id, outcomeOf({ report, image: { layout, attestation } })] as const
      }),
    )
    const { published } = await publishImages({ ...asked, outcomes })
    const list = await fake.registry.manifest(parseRepository('registry.example/probe'), '1.0')
    expect(list.digest).toBe(published?.get('probe')?.manifest)
    expect(JSON.parse(list.bytes.toString()).manifests).toHaveLength(4)
  })

  test('are signed before a tag moves', async () => {
    let seen: readonly string[] = []
    const signed: string[] = []
    const sign = async (references: readonly string[]) => {
      signed.push(...references)
      seen = fake.tags()
    }
    await publishImages(await request({ sign }))
    expect(signed).toHaveLength(3)
    expect(seen).toEqual([])
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
  })

  test.each<readonly [string, Partial<PublishRequest>, Readonly<Record<string, string>>, string]>([
    ['without "push"', {}, { push: 'false' }, 'The input "push" is false.'],
    [
      'if a gate failed',
      { verdict: { passed: false, reasons: [{ gate: 'size', message: 'too large' }], warnings: [] } },
      {},
      'Not every architecture passed every gate, so no tag was moved.',
    ],
  ])('are not published %s', async (_, changes, more, reason) => {
    const result = await publishImages(await request(changes, more))
    expect(result).toEqual({ publication: { status: 'not-published', reason }, reasons: [] })
    expect([...fake.registry.tags.keys()]).toEqual([])
  })

  test('are not published if the signer fails', async () => {
    const sign = () => Promise.reject(new Error('no identity token'))
    const { reasons } = await publishImages(await request({ sign }))
    expect(reasons).toMatchObject([{ gate: 'publish', message: expect.stringContaining('no identity token') }])
    expect(fake.tags()).toEqual([])
  })

  test('are not published if a layout is gone', async () => {
    const asked = await request()
    rmSync(join(fake.host.temporary, 'aarch64'), { recursive: true })
    const { reasons } = await publishImages(asked)
    expect(reasons).toMatchObject([{ gate: 'publish', message: expect.stringContaining('layout lacks') }])
    expect(fake.tags()).toEqual([])
  })

  test('are not published if one was not tested', async () => {
    const asked = await request()
    const [first, ...others] = asked.outcomes
    if (!first) throw new Error('no target')
    const untested = outcomeOf({
      report: first[1].report,
      error: { stage: 'smoke-test', failure: new Failure('environment', []) },
    })
    const { reasons } = await publishImages({ ...asked, outcomes: new Map([[first[0], untested], ...others]) })
    expect(reasons).toMatchObject([{ gate: 'publish', message: expect.stringContaining('was not built and tested') }])
    expect([...fake.registry.tags.keys()]).toEqual([])
  })

  test('name what to do if the registry refuses the login', async () => {
    fake.registry.beforeWrite = () => {
      throw new RegistryError('DENIED', 'registry.example answers 403')
    }
    const { reasons } = await publishImages(await request())
    expect(reasons).toMatchObject([
      { gate: 'publish', remedy: expect.stringContaining('This login may not push there.') },
    ])
  })

  test('are published again without another upload after a failure', async () => {
    fake.registry.beforeWrite = (name) => {
      if (name === tags[2]) throw new Error('503')
    }
    expect((await publishImages(await request())).publication.status).toBe('not-published')
    expect(fake.tags()).toEqual([])
    fake.registry.beforeWrite = (name) => {
      if (!name.includes('-probe:') && !name.includes('/probe:')) throw new Error(`uploaded again: ${name}`)
    }
    expect((await publishImages(await request())).publication.status).toBe('published')
  })
})

describe('a cancel', () => {
  test('before publishing is its result', async () => {
    const asked = await request()
    fake.cancel()
    const { publication, reasons } = await publishImages(asked)
    expect(publication).toEqual({ status: 'not-published', reason: 'The run was cancelled.' })
    expect(reasons).toEqual([{ gate: 'cancelled', message: 'The run was cancelled.' }])
    expect([...fake.registry.tags.keys()]).toEqual([])
  })

  test('while images are signed moves no tag', async () => {
    const sign = async () => fake.cancel()
    const { reasons } = await publishImages(await request({ sign }))
    expect(reasons).toMatchObject([{ gate: 'cancelled' }])
    expect(fake.tags()).toEqual([])
  })

  test.each(tags.slice(0, 2))('at the tag %s restores the tags that there were', async (tag) => {
    await publishImages(await request())
    const before = new Map([...fake.registry.tags].map(([name, { digest }]) => [name, digest]))
    const asked = await request()
    const changed = new Map(
      [...asked.outcomes].map(([id, { report }]) => {
        const layout = join(fake.host.temporary, `new-${report.architecture}`)
        const build = { ...built(), ...writeLayout(layout, `new ${report.architecture}`) }
        return [id, outcomeOf({ report: { ...report, build }, image: { layout } })] as const
      }),
    )
    fake.registry.beforeWrite = (name) => {
      if (name === tag) fake.cancel()
    }
    const { reasons } = await publishImages({ ...asked, outcomes: changed })
    expect(reasons).toEqual([{ gate: 'cancelled', message: 'The run was cancelled while it published.' }])
    const after = new Map([...fake.registry.tags].map(([name, { digest }]) => [name, digest]))
    expect(fake.tags().map((name) => after.get(name))).toEqual(fake.tags().map((name) => before.get(name)))
  })

  test('says which tags it could not restore', async () => {
    let writes = 0
    fake.registry.beforeWrite = (name) => {
      if (name !== tags[0]) return
      writes += 1
      fake.cancel()
    }
    const { deleteTag } = fake.registry
    fake.registry.deleteTag = async () => false
    const { reasons } = await publishImages(await request())
    fake.registry.deleteTag = deleteTag
    expect(writes).toBe(1)
    expect(reasons).toMatchObject([{ gate: 'cancelled', message: expect.stringContaining(tags[0] ?? '') }])
  })
})

describe('"mode: build"', () => {
  test('pushes images under their digests and writes a result file for each', async () => {
    const { publication, reasons } = await pushByDigest(await request({}, { mode: 'build' }))
    expect([publication, reasons]).toEqual([
      { status: 'not-published', reason: 'Pushed by digest; "mode: publish" moves the tags.' },
      [],
    ])
    expect(fake.tags()).toEqual([])
    expect(results()).toMatchObject([
      { id: 'probe/aarch64', report: { smoke: { status: 'passed' } }, pushed: [expect.stringMatching(/^sha256:/)] },
      { id: 'probe/amd64' },
    ])
    expect(results()[0]).not.toHaveProperty('notPushed')
  })

  test.each<readonly [string, (asked: PublishRequest) => PublishRequest, RegExp]>([
    ['a gate failed', (asked) => ({ ...asked, verdict: { ...passed, passed: false } }), /every gate/],
    [
      'the run was cancelled',
      (asked) => {
        fake.cancel()
        return asked
      },
      /cancelled/,
    ],
    [
      'the registry fails',
      (asked) => {
        fake.registry.beforeWrite = () => {
          throw new Error('503 Service Unavailable')
        }
        return asked
      },
      /503/,
    ],
  ])('writes why nothing was pushed if %s', async (_, change, why) => {
    const { publication } = await pushByDigest(change(await request({}, { mode: 'build' })))
    expect(publication.status).toBe('not-published')
    expect(results().map(({ notPushed }) => notPushed)).toEqual([
      expect.stringMatching(why),
      expect.stringMatching(why),
    ])
  })

  test('writes the error of a stage, and a failed build for a target that was not reached', async () => {
    const asked = await request({}, { mode: 'build' })
    const [first] = asked.outcomes
    if (!first) throw new Error('no target')
    const failure = new Failure('environment', [error('environment/no-docker', 'Docker does not respond.', '')])
    const { smoke: _, ...report } = first[1].report
    const outcomes = new Map([[first[0], outcomeOf({ report, error: { stage: 'smoke-test', failure } })]])
    await writeResults({ ...asked, outcomes, notPushed: 'The run ended.' })
    expect(results()).toMatchObject([
      { id: 'probe/aarch64', report: { build: { status: 'failed', reason: 'The run ended.' } } },
      { id: 'probe/amd64', failure: { kind: 'environment', diagnostics: [{ code: 'environment/no-docker' }] } },
    ])
  })

  test('reports a result file that cannot be written', async () => {
    const asked = await request({}, { mode: 'build' })
    const folder = join(fake.host.workspace, 'a/config.yaml/results')
    await writeResults({ ...asked, options: { ...asked.options, results: folder }, notPushed: undefined })
    expect(fake.host.said.map(({ code }) => code)).toEqual(['report/not-written', 'report/not-written'])
  })
})

describe('"mode: publish"', () => {
  const publishMode = { mode: 'publish', results: 'results' }

  /** What the jobs of `mode: build` have pushed. */
  async function pushed(): Promise<PublishRequest> {
    await pushByDigest(await request({}, { mode: 'build' }))
    const asked = await request({}, publishMode)
    const outcomes = [...asked.outcomes].map(([id, { report }]) => {
      const digests = results().find((one) => one.id === id)?.pushed ?? []
      return [id, outcomeOf({ report, upload: { pushed: digests } })] as const
    })
    return { ...asked, outcomes: new Map(outcomes) }
  }
  const digests = () => [...fake.registry.tags.keys()].filter((name) => name.includes('@'))

  test('moves the tags to the images that the jobs pushed', async () => {
    const { publication } = await publishImages(await pushed())
    expect(publication).toEqual({ status: 'published' })
    expect(fake.tags()).toEqual(expect.arrayContaining(tags))
  })

  test('publishes nothing if a job did not push, and says why', async () => {
    const asked = await pushed()
    const outcomes = new Map(
      [...asked.outcomes].map(([id, { report }]) => [
        id,
        outcomeOf({ report, upload: { notPushed: 'The login failed.' } }),
      ]),
    )
    const { reasons } = await publishImages({ ...asked, outcomes })
    expect(reasons).toMatchObject([
      { gate: 'publish', architecture: 'amd64', message: 'The job that built it did not push it: The login failed.' },
      { gate: 'publish', architecture: 'aarch64' },
    ])
    expect(fake.tags()).toEqual([])
  })

  test('publishes nothing if the registry refuses the login', async () => {
    const asked = await pushed()
    fake.registry.checkPush = () => Promise.reject(new RegistryError('DENIED', 'registry.example answers 403'))
    const { reasons, diagnostics } = await publishImages(asked)
    expect(reasons.map(({ gate }) => gate)).toEqual(['publish'])
    expect(diagnostics?.map(({ code }) => code)).toContain('publish/refused')
    expect(fake.tags()).toEqual([])
  })

  test('says so if an image that a job pushed is gone', async () => {
    const asked = await pushed()
    fake.registry.tags.clear()
    const { reasons, diagnostics } = await publishImages(asked)
    expect(reasons).toMatchObject([{ gate: 'publish', message: expect.stringContaining('no longer in the registry') }])
    expect(diagnostics?.map(({ code }) => code)).toContain('publish/image-gone')
  })

  test('deletes what the jobs pushed if a gate failed', async () => {
    const asked = await pushed()
    const reasons = [{ gate: 'size', message: 'too large', addon: 'probe', architecture: 'amd64' }] as const
    await publishImages({ ...asked, verdict: { passed: false, reasons, warnings: [] } })
    expect(digests()).toEqual([])
  })

  test('keeps what the jobs pushed if the run was cancelled', async () => {
    const asked = await pushed()
    const before = digests()
    fake.cancel()
    await publishImages(asked)
    expect([before.length > 0, digests()]).toEqual([true, before])
  })

  test('keeps what the jobs pushed if a job can still be run again', async () => {
    const asked = await pushed()
    const before = digests()
    const missing = error('publish/missing-result', 'There is no result file.', '')
    const reasons = [{ gate: 'artifact', message: 'There is no result file.' }] as const
    const verdict = { passed: false, reasons, warnings: [] }
    const { publication } = await publishImages({ ...asked, verdict, problems: [missing] })
    expect([publication.status, digests()]).toEqual(['not-published', before])
  })

  test('deletes the images of other jobs if one build failed', async () => {
    const asked = await pushed()
    const outcomes = new Map(asked.outcomes)
    const report = { ...reportOf('amd64'), addon: 'probe', build: failedBuild }
    outcomes.set('probe/amd64', outcomeOf({ report }))
    const reasons = [{ gate: 'build', message: 'exit code: 1', addon: 'probe', architecture: 'amd64' }] as const
    await publishImages({ ...asked, outcomes, verdict: { passed: false, reasons, warnings: [] } })
    expect(digests().filter((name) => name.includes('aarch64'))).toEqual([])
  })
})
