import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { checks } from '../../src/smoke/checks/all.ts'

const page = readFileSync(new URL('../../docs/smoke-test.md', import.meta.url), 'utf8')

test('docs/smoke-test.md has every check in its order, with its default', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| .+ \| `(fail|warn|off)` \|$/gm)].map(([, name, gate]) => [
    name,
    gate,
  ])
  expect(rows).toEqual(checks.map(({ name, defaultGate }) => [name, defaultGate]))
})
