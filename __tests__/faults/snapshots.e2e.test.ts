import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { anyRepository, errorsOf, published, runFault } from './fault-job.ts'
import { pluginFile } from './gate.ts'

// Images are built and started, perhaps on a busy machine.
jest.setTimeout(300_000)

// As Docker 28.5 and a BuildKit without moby/buildkit#6558 say it.
const lost = `parent snapshot sha256:${'1'.repeat(64)} does not exist: not found`
const extracting = `failed to prepare extraction snapshot "extract-1-aaaa sha256:${'2'.repeat(64)}": ${lost}`

describeWith(['containerd-engine', 'bases'], 'the image store removes a layer in use', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aicleaner-snapshots-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** Takes the place of a program, whose command of this name fails so many times before the real one is reached. */
  async function failing(program: string, real: string, command: string, times: number, said: string): Promise<void> {
    const file = join(folder, program)
    await mkdir(dirname(file), { recursive: true })
    const script = `#!/bin/sh
if [ "$1" = ${command} ]; then
  echo >>'${folder}/calls'
  if [ "$(wc -l <'${folder}/calls')" -le ${times} ]; then
    echo '${said}' >&2
    exit 1
  fi
fi
exec '${real}' "$@"
`
    await writeFile(file, script, { mode: 0o755 })
  }

  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).length

  async function run(repository: string, environment: Readonly<Record<string, string>>) {
    const inputs = { 'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off', audit: 'off' }
    return runFault({ environment, repository, inputs })
  }

  const building = (times: number) =>
    failing(
      'cli-plugins/docker-buildx',
      pluginFile('docker-buildx'),
      'build',
      times,
      `ERROR: failed to build: failed to solve: ${extracting}`,
    )

  test('that a build has created: it is built again, tested and published', async () => {
    const repository = anyRepository()
    await building(1)
    const result = await run(repository, { DOCKER_CONFIG: folder })
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(result.log).toContain('The image store removed a layer while this build was using it')
    expect(await calls()).toBe(2)
    expect(Object.keys(await published(repository))).toEqual(['amd64-tiny:1.2.3', 'tiny:1.2.3'])
  })

  test('whenever it is built: the third failure ends the run, and nothing is published', async () => {
    const repository = anyRepository()
    await building(1000)
    const result = await run(repository, { DOCKER_CONFIG: folder })
    expect(result.exitCode).toBe(3)
    expect(errorsOf(result)).toContain(extracting)
    expect(errorsOf(result)).toContain('driver: docker-container')
    expect(await calls()).toBe(3)
    expect(await published(repository)).toEqual({})
  })

  test('of a new container: the container is created again', async () => {
    const repository = anyRepository()
    const real = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim()
    await failing('docker', real, 'create', 1, `Error response from daemon: NotFound: ${lost}`)
    const result = await run(repository, { PATH: `${folder}:${process.env.PATH}` })
    expect([result.exitCode, errorsOf(result)]).toEqual([0, ''])
    expect(await calls()).toBeGreaterThan(1)
    expect(Object.keys(await published(repository))).toEqual(['amd64-tiny:1.2.3', 'tiny:1.2.3'])
  })
})
