import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { recallCached } from '../../src/docker/cached-before.ts'
import type { BuildResult } from '../../src/docker/result.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { target } from '../fixtures/target.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aicleaner-before-'))
})
afterEach(() => rm(home, { recursive: true }))

const standing = { name: 'default', owned: false }
const planOf = (...ids: readonly string[]) =>
  ({ addons: [{ targets: ids.map((id) => target({ id })) }] }) as unknown as Plan
const recall = (changes: { readonly builder?: typeof standing; readonly plan?: Plan; readonly HOME?: string } = {}) =>
  recallCached(changes.builder ?? standing, changes.plan ?? planOf('a/amd64', 'a/aarch64'), {
    environment: { HOME: changes.HOME ?? home },
    workspace: '/work',
  })

const built = (hits: number, total: number) => ({ status: 'built', cache: { hits, total } }) as BuildResult
const failed = { status: 'failed' } as BuildResult

test('nothing is expected of a machine that has built nothing', async () => {
  expect((await recall()).expected).toBe(false)
})

test.each<[string, readonly BuildResult[], boolean]>([
  ['all steps came from the cache', [built(3, 3), built(2, 2)], true],
  ['one was executed', [built(3, 3), built(1, 2)], false],
  ['one build failed', [built(3, 3), failed], false],
  ['nothing was built', [], false],
])('where %s, that is expected of the next run, whatever was before', async (_, builds, expected) => {
  for (const before of [[built(1, 1)], [failed]]) {
    await (await recall()).remember(before)
    await (await recall()).remember(builds)
    expect((await recall()).expected).toBe(expected)
  }
})

test('other targets and other builders have a memory of their own; a builder of the run itself has none', async () => {
  await (await recall()).remember([built(1, 1)])
  expect((await recall({ plan: planOf('a/amd64') })).expected).toBe(false)
  expect((await recall({ builder: { name: 'farm', owned: false } })).expected).toBe(false)
  const own = { name: 'default', owned: true }
  await (await recall({ builder: own })).remember([built(1, 1)])
  expect((await recall({ builder: own })).expected).toBe(false)
  expect(await readdir(join(home, '.cache', 'aicleaner-build', 'cached'))).toHaveLength(1)
})

test('a home that cannot be written is no error', async () => {
  const file = join(home, 'file')
  await writeFile(file, '')
  const memory = await recall({ HOME: file })
  await memory.remember([built(1, 1)])
  expect((await recall({ HOME: file })).expected).toBe(false)
})
