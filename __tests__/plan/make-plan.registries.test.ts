import { describe, expect, test } from '@jest/globals'
import { destinations } from '../../src/pipeline/push-access.ts'
import { imageNames, namesOfTarget } from '../../src/plan/plan.ts'
import { showPlan } from '../../src/plan/show.ts'
import { optionsOf } from '../addon/corpus.ts'
import { codes, first, plan, type Setting } from './planning.ts'

const inputs = { image: 'ghcr.io/o/{arch}-{slug}\nquay.io/o/{arch}-{slug}', tags: '{version},latest' }
const push = { push: 'true' }

/** Every name of the add-on with its tags. */
async function named(more: Setting['inputs'] = {}): Promise<readonly string[]> {
  const { addon, target } = await first({ inputs: { ...inputs, architectures: 'amd64', ...more } })
  const list = addon.multiArch
  return [
    ...namesOfTarget(target).map(({ image, tags }) => `${image}: ${tags.join(', ')}`),
    ...(list ? [list.image, ...(list.otherImages ?? [])].map((name) => `list ${name}: ${list.tags.join(', ')}`) : []),
  ]
}

describe('several lines of "image"', () => {
  test.each<[string, Setting['inputs'], readonly string[]]>([
    [
      'publish each image and the list under every name',
      {},
      [
        'ghcr.io/o/amd64-probe: 1.0, latest',
        'quay.io/o/amd64-probe: 1.0, latest',
        'list ghcr.io/o/probe: 1.0, latest',
        'list quay.io/o/probe: 1.0, latest',
      ],
    ],
    [
      'a name without {arch} has the list only',
      { image: 'ghcr.io/o/{arch}-{slug}\nquay.io/o/{slug}' },
      [
        'ghcr.io/o/amd64-probe: 1.0, latest',
        'quay.io/o/probe: ',
        'list ghcr.io/o/probe: 1.0, latest',
        'list quay.io/o/probe: 1.0, latest',
      ],
    ],
    [
      'a tag with {arch} is for images only, whatever their name',
      { image: 'ghcr.io/o/{slug}\nquay.io/o/{slug}', tags: '{version},{arch}-{version}' },
      [
        'ghcr.io/o/probe: amd64-1.0',
        'quay.io/o/probe: amd64-1.0',
        'list ghcr.io/o/probe: 1.0',
        'list quay.io/o/probe: 1.0',
      ],
    ],
    [
      '"multi-arch-image" names the lists',
      { 'multi-arch-image': 'ghcr.io/o/all\ndocker.io/o/all' },
      [
        'ghcr.io/o/amd64-probe: 1.0, latest',
        'quay.io/o/amd64-probe: 1.0, latest',
        'list ghcr.io/o/all: 1.0, latest',
        'list docker.io/o/all: 1.0, latest',
      ],
    ],
    [
      '"multi-arch-image: false" is for all of them',
      { 'multi-arch-image': 'false' },
      ['ghcr.io/o/amd64-probe: 1.0, latest', 'quay.io/o/amd64-probe: 1.0, latest'],
    ],
    [
      'a name that is given twice counts once',
      { image: 'ghcr.io/o/{arch}-{slug}\nghcr.io/o/{arch}-probe\nGHCR.io/O/{arch}-probe' },
      ['ghcr.io/o/amd64-probe: 1.0, latest', 'list ghcr.io/o/probe: 1.0, latest'],
    ],
  ])('%s', async (_, more, expected) => {
    expect(await named(more)).toEqual(expected)
  })

  test('are all names of the add-on, which no other add-on may have', async () => {
    const { addon } = await first({ inputs: { ...inputs, architectures: 'amd64' } })
    expect(imageNames(addon)).toEqual([
      'ghcr.io/o/amd64-probe',
      'quay.io/o/amd64-probe',
      'ghcr.io/o/probe',
      'quay.io/o/probe',
    ])
  })

  test.each<[string, Setting['inputs'], string]>([
    ['one is not a valid name', { image: 'ghcr.io/o/{arch}-{slug}\nquay.io/o/{arch}-{slug}:1' }, 'error plan/bad-name'],
    [
      'all architectures share one, and there is no list',
      { image: 'ghcr.io/o/{arch}-{slug}\nquay.io/o/{slug}', 'multi-arch-image': 'false' },
      'error plan/architectures-share-name',
    ],
    [
      'a list has the name of an image',
      { 'multi-arch-image': 'ghcr.io/o/all\nquay.io/o/aarch64-probe' },
      'error plan/same-image',
    ],
    ['one has capitals', { image: 'ghcr.io/o/{arch}-{slug}\nquay.io/O/{arch}-{slug}' }, 'notice plan/lower-cased'],
  ])('are reported if %s', async (_, more, expected) => {
    expect(await codes({ inputs: { ...inputs, ...push, ...more } })).toContain(expected)
  })

  test('are shown in the plan', async () => {
    const made = await plan({ inputs: { ...inputs, architectures: 'amd64' } })
    const lines = showPlan(made).filter((line) => /(ghcr|quay).io\/o\//.test(line))
    expect(lines.map((line) => line.trim())).toEqual([
      'amd64 (linux/amd64) ghcr.io/o/amd64-probe: 1.0, latest',
      'also quay.io/o/amd64-probe: 1.0, latest',
      'manifest list ghcr.io/o/probe: 1.0, latest',
      'manifest list quay.io/o/probe: 1.0, latest',
    ])
  })

  test.each([
    ['run', ['ghcr.io/o/amd64-probe', 'quay.io/o/amd64-probe', 'ghcr.io/o/probe', 'quay.io/o/probe']],
    ['build', ['ghcr.io/o/amd64-probe']],
  ])('are written to by "mode: %s"', async (mode, expected) => {
    const all = { ...inputs, target: 'a', architectures: 'amd64', mode }
    const made = await plan({ inputs: all })
    expect(destinations(made, await optionsOf(all)).map(({ name }) => name)).toEqual(expected)
  })
})
