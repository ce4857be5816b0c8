import { describe, expect, test } from '@jest/globals'
import { type RefreshedAddon, refreshHeadline, refreshLines, refreshOutputs } from '../../src/report/refresh.ts'
import { digestOf, refreshed } from './refresh-example.ts'

const [one, two, three] = refreshed as readonly [RefreshedAddon, RefreshedAddon, RefreshedAddon, RefreshedAddon]
const outputs = (addons: readonly RefreshedAddon[]) => {
  const found = refreshOutputs(addons)
  return { outdated: JSON.parse(found.get('outdated') ?? ''), matrix: JSON.parse(found.get('matrix') ?? '') }
}

describe('the outputs of "mode: refresh"', () => {
  test('have the add-ons with an outdated base image, and only those of their images', () => {
    expect(outputs(refreshed)).toEqual({
      outdated: [
        {
          addon: 'one',
          folder: 'addons/one',
          version: '1.2.3',
          next: '1.2.4',
          images: [
            {
              architecture: 'amd64',
              image: 'ghcr.io/org/amd64-one:1.2.3',
              base: 'docker.io/library/alpine:3.22',
              was: digestOf('a'),
              now: digestOf('b'),
              reason: 'It was rebuilt.',
            },
          ],
        },
        {
          addon: 'four',
          folder: '#four',
          version: 'dev',
          images: [
            {
              architecture: 'armv7',
              image: 'ghcr.io/org/four:dev',
              base: 'ghcr.io/org/base:1',
              now: digestOf('c'),
              reason: 'It has other layers.',
            },
          ],
        },
      ],
      matrix: {
        include: [
          { name: 'one', addon: 'one', target: 'addons/one', version: '1.2.3', next: '1.2.4' },
          { name: 'four', addon: 'four', target: './#four', version: 'dev', next: '' },
        ],
      },
    })
  })

  test('have no image name in the matrix, which a runner would drop if a part of it is a secret', () => {
    expect(refreshOutputs(refreshed).get('matrix')).not.toContain('ghcr.io')
  })

  test.each([[[]], [[two, three]]])('are empty if nothing is outdated', (addons) => {
    expect([...refreshOutputs(addons)]).toEqual([
      ['outdated', '[]'],
      ['matrix', '{"include":[]}'],
    ])
  })

  test('have no more jobs than GitHub allows', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ ...one, addon: `a${index}` }))
    const { matrix, outdated } = outputs(many)
    expect([matrix.include.length, outdated.length]).toEqual([256, 300])
  })
})

test.each<[string, readonly RefreshedAddon[]]>([
  ['2 add-ons have a base image that has changed since the published version.', refreshed],
  ['1 add-on has a base image that has changed since the published version.', [one, two]],
  ['No base image is known to have changed.', [two, three]],
  ['All published versions have the current base images.', [three]],
  ['There is no add-on to check.', []],
])('the headline is "%s"', (expected, addons) => {
  expect(refreshHeadline(addons)).toBe(expected)
})

describe('the log of "mode: refresh"', () => {
  test('lists what has changed and what is not known', () => {
    expect(refreshLines(refreshed)).toEqual([
      'one 1.2.3 → 1.2.4',
      '  amd64: docker.io/library/alpine:3.22 was aaaaaaaaaaaa and is now bbbbbbbbbbbb. It was rebuilt.',
      'four dev',
      '  armv7: ghcr.io/org/base:1 is now cccccccccccc. It has other layers.',
      'Not known: two amd64: ghcr.io/org/two:2.0 is not published.',
      '2 add-ons have a base image that has changed since the published version.',
    ])
  })

  test('cannot act on a terminal', () => {
    const hostile = [{ ...two, addon: 'a\u001b[2J\nb' }]
    expect(refreshLines(hostile)[0]).toBe('Not known: a\\u001b[2J\\nb amd64: ghcr.io/org/two:2.0 is not published.')
  })
})
