import { sizeTable } from '../../../src/report/markdown/size-table.ts'
import { outputsOf } from '../../../src/report/model/outputs.ts'
import { addon, built, compared, digest, healthy, report, target } from '../reports.ts'
import { situations } from '../situations.ts'

const failed = { status: 'failed', durationMs: 1, emulated: false, reason: 'no', log: [] } as const

const ofUser = (name: string) =>
  report([addon([target('amd64', { image: `docker.io/${name}/amd64-aicleaner` }), target('armv7')])])

test.each(Object.entries(situations))('images without names have all else that images have: %s', (_, make) => {
  const outputs = outputsOf(make())
  const images = JSON.parse(outputs.get('images') ?? '') as { image?: string }[]
  expect(images.map(({ image }) => image)).not.toContain(undefined)
  for (const each of images) delete each.image
  expect(JSON.parse(outputs.get('images-without-names') ?? '')).toEqual(images)
})

test('no output but images and metadata has a name of an image', () => {
  const of = ofUser('octo-on-hub')
  const tags = [{ image: 'docker.io/octo-on-hub/amd64-aicleaner', tag: '1', digest: digest(9) }]
  const made = {
    ...of,
    addons: of.addons.map((one) => ({ ...one, tags, manifest: { image: 'i', tags: [], digest: digest(9) } })),
  }
  const named = [...outputsOf(made), ['size-table', sizeTable(made)] as const].filter(([, value]) =>
    value.includes('octo-on-hub'),
  )
  expect(named.map(([name]) => name)).toEqual(['images', 'metadata'])
})

describe('outputs of one add-on', () => {
  const published = target('amd64', { published: digest(9), size: compared(1e7, 2e7), build: built(5) })
  const made = outputsOf(
    report([
      addon([published, target('armv7', { build: failed })], {
        manifest: { image: 'ghcr.io/org/aicleaner', tags: ['1.2.3'], digest: digest(8) },
      }),
    ]),
  )

  test('have its version and its digests', () => {
    expect(Object.fromEntries(made)).toMatchObject({
      version: '1.2.3',
      digests: JSON.stringify({ amd64: digest(9) }),
      'manifest-digest': digest(8),
      digest: digest(8),
    })
  })

  test('say of each image what is known of it', () => {
    expect(JSON.parse(made.get('images') ?? '')).toEqual([
      {
        addon: 'aicleaner_v3',
        architecture: 'amd64',
        platform: 'linux/amd64',
        image: 'ghcr.io/org/amd64-aicleaner',
        tags: ['1.2.3'],
        built: true,
        configDigest: digest(5),
        digest: digest(9),
        download: 2e7,
        onDisk: 5.2e7,
      },
      {
        addon: 'aicleaner_v3',
        architecture: 'armv7',
        platform: 'linux/arm/v7',
        image: 'ghcr.io/org/armv7-aicleaner',
        tags: ['1.2.3'],
        built: false,
      },
    ])
  })

  test('leave a size on disk out that is not known', () => {
    const size = compared(1e7, 2e7)
    const measure = { ...size.measure, onDisk: { unknown: 'only the manifest was read' } }
    const [image] = JSON.parse(
      outputsOf(report([addon([target('amd64', { size: { ...size, measure } })])])).get('images') ?? '',
    ) as object[]
    expect(image).toHaveProperty('download')
    expect(image).not.toHaveProperty('onDisk')
  })
})

test('several add-ons have no version, digests and manifest as outputs', () => {
  const one = addon([target('amd64', { published: digest(9) })], {
    manifest: { image: 'x', tags: [], digest: digest(8) },
  })
  expect(Object.fromEntries(outputsOf(report([one, one])))).toMatchObject({
    version: '',
    digests: '{}',
    'manifest-digest': '',
  })
})

test('one without a manifest for all architectures has no digest of it', () => {
  const { manifest: _, ...single } = addon([target('amd64')])
  expect(outputsOf(report([single])).get('manifest-digest')).toBe('')
})

test('one that was not published has no digests', () => {
  expect(Object.fromEntries(outputsOf(report([addon([target('amd64')])])))).toMatchObject({
    digests: '{}',
    'manifest-digest': '',
  })
})

test.each([
  [[], 'skipped'],
  [['skipped'], 'skipped'],
  [['skipped', 'passed'], 'passed'],
  [['passed', 'failed', 'skipped'], 'failed'],
] as const)('the smoke tests %j are %s together', (states, all) => {
  const targets = states.map((status) => target('amd64', { smoke: { ...healthy(), status } }))
  const { smoke: _, ...untested } = target('armv7')
  expect(outputsOf(report([addon([untested, ...targets])])).get('smoke')).toBe(all)
})

test('a size over its budget is a regression, one within is not', () => {
  const budget = { budget: 'max-size', limit: '1 MB', actualBytes: 1, message: 'm' } as const
  const of = (...over: readonly boolean[]): string | undefined =>
    outputsOf(
      report([
        addon([
          target('armv7'),
          target('amd64', { size: compared(1, 2, { budgets: over.map((each) => ({ ...budget, over: each })) }) }),
        ]),
      ]),
    ).get('size-regression')
  expect([of(), of(false), of(false, true)]).toEqual(['false', 'false', 'true'])
})
