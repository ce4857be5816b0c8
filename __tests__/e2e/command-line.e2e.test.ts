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

const runWith = (environment: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [program, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, SOURCE_DATE_EPOCH: '1700000000', ...environment },
  })
/** Keeps no cache in the home folder. */
const run = (...args: readonly string[]) => runWith({ RUNNER_ENVIRONMENT: 'github-hosted' }, ...args)
const plan = (environment: Readonly<Record<string, string>>) => runWith(environment, 'plan', 'tiny')

describe('the committed command line', () => {
  test('caches its compiled code in the cache folder of the user, with the same output', async () => {
    const cache = join(root, 'cache')
    const first = await plan({ XDG_CACHE_HOME: cache })
    expect(first.stdout).toMatch(/Tiny \(tiny\) 1\.2\.3 in tiny/)
    expect(existsSync(join(cache, 'aicleaner-build', 'compiled'))).toBe(true)
    expect(await plan({ XDG_CACHE_HOME: cache })).toEqual(first)
  })

  test('works without that folder if it cannot be created', async () => {
    const file = join(root, 'in-the-way')
    await writeFile(file, '')
    expect((await plan({ XDG_CACHE_HOME: file })).stdout).toMatch(/Tiny \(tiny\) 1\.2\.3 in tiny/)
  })

  test('audits an add-on with an unknown base, which cannot be built', async () => {
    const { 'based/build.yaml': _, ...files } = addonFiles({
      base: 'unused',
      slug: 'based',
      build: 'RUN apk add --no-cache gcc',
    })
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    const { stdout, stderr } = await run('audit', 'based')
    const said = `${stdout}${stderr}`
    expect(said).toMatch(/plan\/no-base/)
    expect(said).toMatch(/audit\/image\/build-tools/)
    expect(said).toMatch(/Audit of 3 images, before a build: 1 warning, 1 notice\./)
    await expect(run('plan', 'based')).rejects.toMatchObject({ code: 2 })
  })

  test('caches nothing on a GitHub-hosted runner', async () => {
    await plan({ RUNNER_ENVIRONMENT: 'github-hosted' })
    expect(existsSync(join(root, '.cache'))).toBe(false)
  })
})
