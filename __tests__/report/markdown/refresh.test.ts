import { expect, test } from '@jest/globals'
import { renderRefresh } from '../../../src/report/markdown/refresh.ts'
import type { RefreshedAddon } from '../../../src/report/refresh.ts'
import { nodes, parse, tablesOf } from '../parse.ts'
import { refreshed } from '../refresh-example.ts'

test('the summary has a table of outdated images, and a list of those that are not known', () => {
  expect(renderRefresh(refreshed).split('\n')).toEqual([
    '### Base images: 2 add-ons have a base image that has changed since the published version.',
    '',
    '| add-on | version | architecture | base image | digest |',
    '| :-- | :-- | :-- | :-- | :-- |',
    '| `one` | 1.2.3 → 1.2.4 | `amd64` | `docker.io/library/alpine:3.22` | `aaaaaaaaaaaa` → `bbbbbbbbbbbb` |',
    '| `four` | dev | `armv7` | `ghcr.io/org/base:1` | not recorded → `cccccccccccc` |',
    '',
    'Not known:',
    '',
    '- `two` `amd64`: ghcr.io/org/two:2.0 is not published.',
  ])
})

test('the summary without a finding is one line', () => {
  expect(renderRefresh([])).toBe('### Base images: There is no add-on to check.')
})

test('nothing that comes from a registry or a file is read as Markdown, and the summary has a limit', () => {
  const [one, two] = refreshed as readonly [RefreshedAddon, RefreshedAddon]
  const evil = '`|<img src=x>\n# [x](https://evil.example) @user'
  const addons = Array.from({ length: 1000 }, () => ({
    ...one,
    addon: evil,
    version: evil,
    images: [
      { ...one.images[0], state: { ...one.images[0]?.state, base: `${evil}${'x'.repeat(500)}` } },
      { ...two.images[0], state: { status: 'unknown', reason: evil } },
    ],
  })) as unknown as readonly RefreshedAddon[]
  const text = renderRefresh(addons)
  expect(Buffer.byteLength(text)).toBeLessThan(1_000_000)
  const all = nodes(parse(text))
  const kinds = new Set(all.map(({ type }) => type))
  expect([kinds.has('link'), kinds.has('html'), kinds.has('image')]).toEqual([false, false, false])
  expect(all.filter(({ type }) => type === 'heading')).toHaveLength(1)
  expect(tablesOf(text).map((rows) => new Set(rows.map((row) => row.length)))).toEqual([new Set([5])])
  expect(text.match(/And 700 more images\./g)).toHaveLength(2)
})
