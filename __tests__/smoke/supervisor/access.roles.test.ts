import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { accessTo } from '../../../src/smoke/supervisor/access.ts'

interface Recorded {
  /** By `ROLE:HASSIO_API`, then by path. */
  readonly roles: Readonly<Record<string, Readonly<Record<string, number>>>>
}
const recorded: Recorded = JSON.parse(readFileSync(new URL('recorded/roles.json', import.meta.url), 'utf8'))

test('every role may request what the real Supervisor lets it request', () => {
  const combinations = Object.entries(recorded.roles).flatMap(([key, statuses]) => {
    const [hassioRole = '', hassioApi] = key.split(':')
    const rights = { hassioRole, hassioApi: hassioApi === 'True', homeassistantApi: true, authApi: true }
    return Object.entries(statuses).map(([path, status]) => ({
      key,
      path,
      status,
      ours: accessTo(path, rights).status,
    }))
  })
  const different = combinations.filter(({ status, ours }) => status !== ours)
  process.stdout.write(`roles: ${different.length} of ${combinations.length} combinations differ\n`)
  expect(different).toEqual([])
})
