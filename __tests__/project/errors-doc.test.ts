import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rules } from '../../src/audit/rules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const documented = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/<a id="([^"]+)"><\/a>`([^`]+)`/g)]
const known = new Set(documented.map(([, anchor]) => anchor ?? ''))

/** The text of every file under a folder; the rules of the audit explain themselves and are not part of it. */
function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes(join(root, 'src/audit'))) {
      yield readFileSync(join(entry.parentPath, entry.name), 'utf8')
    }
  }
}

function usedCodes(): ReadonlySet<string> {
  const kinds = new Set([...known].map((code) => code.split('/')[0] ?? ''))
  const used = new Set<string>()
  for (const text of sources('src')) {
    for (const [, code = ''] of text.matchAll(/'([a-z]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*)'/g)) {
      if (kinds.has(code.split('/')[0] ?? '')) used.add(code)
    }
    // Whatever stands first in a call of these makes a diagnostic, also of a kind that is not documented at all.
    for (const [, code = ''] of text.matchAll(/\b(?:error|warning|notice)\(\s*'([a-z0-9/-]+)'/g)) used.add(code)
  }
  for (const text of sources('src/inputs')) {
    const calls = /\.(?:one|lines|items|assignments|assignmentLines|refuse)\(\s*(?:'[a-z-]+'|name),\s*'([a-z-]+)'/g
    for (const [, code] of text.matchAll(calls)) used.add(`input/${code}`)
  }
  for (const name of ['not-a-map', 'not-a-text', 'not-quoted']) used.add(`build-yaml/${name}`)
  return used
}

// Rules of the audit share names with other kinds where their ids are used outside of its folder.
const ruleIds = rules.map(({ id }) => id)

test('every code has a row', () => {
  const missing = [...usedCodes()].filter((code) => !known.has(code) && !ruleIds.includes(code))
  expect(missing).toEqual([])
})

test('every row has a code of the sources', () => {
  const used = usedCodes()
  expect([...known].filter((code) => !used.has(code))).toEqual([])
})

test('every code has one row, and its anchor matches its text', () => {
  expect(known.size).toBe(documented.length)
  for (const [, anchor, text] of documented) expect(text).toBe(anchor)
})
