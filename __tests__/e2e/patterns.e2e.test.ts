import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))
let root = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'aicleaner-patterns-'))
  const files = {
    'config.yaml': 'name: a\nversion: "1.0"\nslug: app\ndescription: d\narch: [amd64]\n',
    Dockerfile: `FROM alpine:3.20\n# aicleaner-build ignore=a${' '.repeat(20_000)}b\nCOPY ${'*a'.repeat(200)}b /x\nCOPY ${'/'.repeat(30_000)} /y\nRUN <<E\n${' '.repeat(30_000)}x\nE\n${'RUN a\n'.repeat(3000)}`,
    '.dockerignore': '*a*a*a*a*a*a*a*a*b\n(a+)+b\n',
    ['a'.repeat(200)]: 'x',
  }
  await mkdir(join(root, '.git'))
  await mkdir(join(root, 'app'))
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, 'app', path), text)
})
afterAll(() => rm(root, { recursive: true }))

test('an add-on whose patterns would keep a backtracking engine busy for years is audited', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, 'audit', 'app'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root },
  })
  expect(stdout + stderr).toMatch(/Audit of 1 image, before a build/)
  expect((stdout + stderr).length).toBeLessThan(20_000)
})
