import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const worst = fileURLToPath(new URL('./samples/worst.ts', import.meta.url))

// In a process that dies where the heap grows beyond so many megabytes: more than is needed, because what is allocated while the collector marks stays
// until its next turn, and on a busy machine it marks for long. Of the kind that holds most three at once, as of three architectures.
test.each<[string, number, number, RegExp]>([
  ['as many nodes as are allowed', 3, 300, /^1900 files$/],
  ['a tree that each layer replaces', 1, 230, /^1900 files$/],
  ['deep paths', 1, 140, /more than 500000 files and folders/],
  ['scripts with long interpreters', 1, 140, /more than 64000000 characters/],
  ['links to long targets', 1, 60, /a link target of 900000 characters/],
  ['a package database of short lines, again and again', 1, 60, /more than 50000 packages/],
  ['lists of files', 1, 60, /more than 1000000 files in lists/],
  ['accounts without a password', 1, 60, /^1 files$/],
])('an image of %s does not fill the memory, %d at once', async (kind, images, heap, expected) => {
  const options = { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } } as const
  const args = [`--max-old-space-size=${heap}`, worst, kind, String(images)]
  const { stdout } = await promisify(execFile)(process.execPath, args, options)
  const { outcomes, megabytes } = JSON.parse(stdout) as { outcomes: readonly string[]; megabytes: number }
  expect(outcomes).toHaveLength(images)
  for (const outcome of outcomes) expect(outcome).toMatch(expected)
  expect(megabytes).toBeLessThan(300 + 150 * images)
})
