import { readFileSync } from 'node:fs'
import { events } from './events.ts'
import { page, planOf, withExample } from './example.ts'

// Where the reference add-on was changed: node __tests__/plan/example.ts
test('the example in docs/plan.md is the actual output', async () => {
  const text = readFileSync(page, 'utf8')
  expect(text).toBe(await withExample(text))
})

test('the example in the README has lines of the actual output, in order', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const shown = (/```text\n(AICleaner[\s\S]*?)```/.exec(readme)?.[1] ?? '').trimEnd().split('\n')
  const event = { ...events.push, owner: 'org', repository: 'org/addons' }
  const { lines } = await planOf({ target: 'docker' }, event)
  const found = shown.filter((line) => line.trim() !== '…').map((line) => lines.indexOf(line))
  expect(found.length).toBeGreaterThan(5)
  expect(found).not.toContain(-1)
  // Names of arguments stand below each architecture, so only what is of one is in order.
  const own = shown.findIndex((line) => line.includes('aarch64 ('))
  const ofOne = lines.slice(lines.findIndex((line) => line.includes('aarch64 (')))
  const after = shown
    .slice(own)
    .filter((line) => line.trim() !== '…')
    .map((line) => ofOne.indexOf(line))
  expect(after).toEqual([...after].sort((a, b) => a - b))
})
