import { expect, test } from '@jest/globals'
import { decideConfiguration } from '../engine/configuration.ts'

const [unlimited, large] = [
  '{"features":{"containerd-snapshotter":true}}\n',
  '{"features":{"containerd-snapshotter":true},"builder":{"gc":{"enabled":true,"policy":[{"keepStorage":"4GB","all":true}]}}}\n',
]
const ours = decideConfiguration(undefined, true) ?? ''

test('an engine that is installed for the tests builds for several platforms and limits its cache', () => {
  expect(JSON.parse(ours)).toEqual({
    features: { 'containerd-snapshotter': true },
    builder: {
      history: { maxAge: expect.stringMatching(/^\d+m$/), maxEntries: expect.any(Number) },
      gc: {
        enabled: true,
        policy: [
          { keepStorage: '0', all: true, filter: [expect.stringMatching(/^unused-for=\d+m$/)] },
          { keepStorage: expect.stringMatching(/^\d+GB$/), all: true },
        ],
      },
    },
  })
})

test.each<[string, string | undefined, boolean, string | undefined]>([
  ['of an engine that was already installed is not created', undefined, false, undefined],
  ['that the tests wrote without a size limit is replaced', unlimited, false, ours],
  ['that the tests wrote without a time limit is replaced', large, false, ours],
  ['that the tests wrote is kept', ours, true, undefined],
  ['that the user wrote is kept', '{}', true, undefined],
])('a configuration %s', (_, found, installing, expected) => {
  expect(decideConfiguration(found, installing)).toBe(expected)
})
