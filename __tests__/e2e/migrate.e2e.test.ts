import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { example } from '../addon/migrate/successor-example.ts'

const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))
const config = (slug: string, arch: string): string =>
  `name: ${slug}\nversion: "1.0"\nslug: ${slug}\ndescription: d\narch: [${arch}]\n`
const bases =
  'build_from:\n  aarch64: ghcr.io/home-assistant/aarch64-base:3.24\n  amd64: ghcr.io/home-assistant/amd64-base:3.24\n'
const dockerfile = 'ARG BUILD_FROM\nFROM $BUILD_FROM\n'

/** A workflow with the line of the retired builder that home-assistant/addons has. */
const official = `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix: { arch: [amd64, aarch64] }
    steps:
      - uses: home-assistant/builder@6cb4fd3d1338b6e22d0958a4bcb53e0965ea63b4 # 2026.02.1
        with:
          image: \${{ matrix.arch }}
          args: |
            --\${{ matrix.arch }} \\
            --target /data/moves
`
const files: Readonly<Record<string, string>> = {
  'moves/config.yaml': config('moves', 'amd64, aarch64'),
  'moves/build.yaml': bases,
  'moves/Dockerfile': dockerfile,
  'stays/config.yaml': config('stays', 'amd64, aarch64, armv7'),
  'stays/build.yaml': bases,
  'stays/Dockerfile': dockerfile,
  '.github/workflows/retired.yml': official,
  '.github/workflows/successor.yml': example,
  '.github/workflows/loads.yml': example.replace('push: "true"', 'load: "true"'),
}

let root = ''
const at = (folder: string) => join(root, folder)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'aicleaner-migrate-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'printed', path)), { recursive: true })
    await writeFile(join(root, 'printed', path), text)
  }
  execFileSync('git', ['init', '-q', at('printed')])
  await cp(at('printed'), at('written'), { recursive: true })
})
afterAll(() => rm(root, { recursive: true }))

interface Ended {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}
const migrate = (folder: string, ...more: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { cwd: at(folder), env: { PATH: process.env.PATH, HOME: root } }
    execFile(process.execPath, [program, 'migrate', ...more], options, (failure, stdout, stderr) =>
      resolve({ code: failure === null ? 0 : (failure.code as number | undefined), stdout, stderr }),
    )
  })

const read = (folder: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.keys(files).map((path) => {
      const file = join(root, folder, path)
      return [path, existsSync(file) ? readFileSync(file, 'utf8') : undefined]
    }),
  )

describe('the committed migrate command', () => {
  test('prints a patch for git, and the reasons for what is not migrated', async () => {
    const { code, stdout, stderr } = await migrate('printed')
    expect(read('printed')).toEqual(files)
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^error: stays\/build\.yaml:1:1: "stays" is not changed: "build_from" has no image for armv7\./m,
    )
    expect(stderr).toMatch(/^warning: \.github\/workflows\/loads\.yml:\d+:\d+: .*"load" keeps the image on the runner/m)
    expect(stderr).toMatch(/^notice: \.github\/workflows\/retired\.yml:10:11: The input "image" is removed/m)
    execFileSync('git', ['-C', at('printed'), 'apply', '-'], { input: stdout })
    const after = read('printed')
    expect(Object.keys(files).filter((path) => after[path] !== files[path])).toEqual([
      'moves/build.yaml',
      'moves/Dockerfile',
      '.github/workflows/retired.yml',
      '.github/workflows/successor.yml',
    ])
    expect(after['moves/build.yaml']).toBeUndefined()
    expect(after['.github/workflows/retired.yml']).toBe(
      official
        .replace(
          'home-assistant/builder@6cb4fd3d1338b6e22d0958a4bcb53e0965ea63b4 # 2026.02.1',
          'org/aicleaner-build@v1',
        )
        .replace(/ {10}image: .*\n/, ''),
    )
    expect(after['.github/workflows/successor.yml']).not.toMatch(/home-assistant\/builder/)
  })

  test('writes the same changes with --write, and then has nothing left to do', async () => {
    const first = await migrate('written', '--write')
    expect(first.stdout.trim().split('\n').sort()).toEqual([
      'changed .github/workflows/retired.yml',
      'changed .github/workflows/successor.yml',
      'changed moves/Dockerfile',
      'removed moves/build.yaml',
    ])
    expect(read('written')).toEqual(read('printed'))
    expect((await migrate('written', 'moves')).stdout).toBe('Nothing to move.\n')
  })
})
