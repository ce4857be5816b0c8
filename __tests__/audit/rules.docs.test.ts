import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { rules } from '../../src/audit/rules.ts'
import { audit, clean, rulesOf } from './subjects.ts'

test('docs/audit.md has a working example of an ignore comment and names only existing rules', () => {
  const text = readFileSync(resolve('docs/audit.md'), 'utf8')
  const example = /## Leaving something out\n```dockerfile\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
  const dockerfile = clean.replace('USER nobody\n', example)
  expect(dockerfile).not.toBe(clean)
  expect(rulesOf(audit(dockerfile))).toEqual([])
  expect(rulesOf(audit(dockerfile.replace(/^# .*\n/m, '')))).toEqual(['image/root-user'])
  const named = [...text.matchAll(/\b(?:image|secret|dockerfile|layer|context|addon)\/[a-z0-9-]+\b/g)].map(
    ([name]) => name,
  )
  expect(named.filter((name) => !/^(?:image|context)\/$/.test(name) && !rules.some(({ id }) => id === name))).toEqual(
    [],
  )
})
