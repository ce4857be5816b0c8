import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { rootInfo } from '../../../src/smoke/supervisor/info.ts'
import { followedSupervisor } from '../../../src/smoke/supervisor/version.ts'
import { addon } from './addon-fixture.ts'

test('the documentation and the answers name the version that the mock follows', () => {
  const page = readFileSync(new URL('../../../docs/smoke-test.md', import.meta.url), 'utf8')
  expect(page).toContain(`as Supervisor ${followedSupervisor} does`)
  expect(rootInfo(addon()).supervisor).toBe(`${followedSupervisor}.0`)
})
