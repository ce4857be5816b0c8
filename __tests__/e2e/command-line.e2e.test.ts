import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addonFiles } from './addon.ts'

const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))
let root = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'aicleaner-line-'))
  for (const [path, text] of Object.entries(addonFiles({ base: 'registry.example/base' }))) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await mkdir(join(root, '.git'))
})
afterAll(() => rm(root, { recursive: true }))

const plan = (environment: Readonly<Record<string, string>>) =>
  promisify(execFile)(process.execPath, [program, 'plan', 'tiny'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, SOURCE_DATE_EPOCH: '1700000000', ...environment },
  })

describe('the command line as it is committed', () => {
  test('keeps what Node compiled of it in the cache folder of its user, and says the same with it', async () => {
    const cache = join(root, 'cache')
    const first = await plan({ XDG_CACHE_HOME: cache })
    expect(first.stdout).toMatch(/Tiny \(tiny\) 1\.2\.3 in tiny/)
    expect(existsSync(join(cache, 'aicleaner-build', 'compiled'))).toBe(true)
    expect(await plan({ XDG_CACHE_HOME: cache })).toEqual(first)
  })

  test('does without where that folder cannot be made', async () => {
    const file = join(root, 'in-the-way')
    await writeFile(file, '')
    expect((await plan({ XDG_CACHE_HOME: file })).stdout).toMatch(/Tiny \(tiny\) 1\.2\.3 in tiny/)
  })

  test('keeps nothing on a machine that is there for one job', async () => {
    await plan({ RUNNER_ENVIRONMENT: 'github-hosted' })
    expect(existsSync(join(root, '.cache'))).toBe(false)
  })
})
