import { expect, test } from '@jest/globals'
import { changesOfAddon } from '../../src/smoke/evidence.ts'
import { growth } from '../project/growth.ts'

test.each([
  [['C /usr', 'C /usr/sbin', 'A /usr/sbin/docker-init', 'A /data'], []],
  [
    ['A /sbin', 'A /sbin/docker-init', 'A /state', 'A /sbin/other'],
    ['A /sbin', 'A /state', 'A /sbin/other'],
  ],
  [
    ['C /etc', 'C /etc/passwd', 'A /mnt', 'A /mnt/share'],
    ['C /etc', 'C /etc/passwd'],
  ],
  [
    ['C /var', 'A /var/empty'],
    ['C /var', 'A /var/empty'],
  ],
])('of the changes %j those are the add-on’s own: %j', (lines, expected) => {
  expect(changesOfAddon(lines, ['/data', '/mnt/share'])).toEqual(expected)
})

test('the time grows linearly with the number of changed files', () => {
  const changes = (count: number) => [
    'C /srv',
    ...Array.from({ length: count }, (_, index) => [`A /srv/d${index}`, `A /srv/d${index}/e`]).flat(),
  ]
  expect(changesOfAddon(changes(20), ['/data'])).toHaveLength(41)
  expect(growth(changes, (lines) => changesOfAddon(lines, ['/data']), 1000, 8, 24)).toBeLessThan(24)
})
