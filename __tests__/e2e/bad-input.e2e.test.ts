import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { type JobOptions, type StepResult, startJob } from '../fakes/runner/runner.ts'
import { addonFiles } from './addon.ts'

// Images are built and started, emulated ones too, perhaps on a busy machine.
jest.setTimeout(240_000)

/** These runs must not come as far as Docker, so there is none: no program at all is found in this folder. */
async function runWithoutDocker(options: JobOptions): Promise<StepResult> {
  const empty = await mkdtemp(join(tmpdir(), 'aicleaner-empty-'))
  const job = await startJob({ ...options, environment: { PATH: empty, ...options.environment } })
  try {
    const result = await job.main().done
    expect((await job.post()).exitCode).toBe(0)
    expect(await job.leftovers()).toEqual(['aicleaner-build'])
    return result
  } finally {
    await job.end()
    await rm(empty, { recursive: true })
  }
}

const errorsOf = ({ commands }: StepResult) => commands.filter(({ name }) => name === 'error')
const files = addonFiles({ base: 'registry.example/base' })

describe('bad input', () => {
  test('is refused with all errors, each with file, line and remedy, before Docker is used', async () => {
    const result = await runWithoutDocker({
      inputs: { target: 'tiny', 'max-size': 'a lot', tags: '{verson}', comment: 'sometimes' },
      files: {
        ...files,
        'tiny/build.yaml': 'build_from:\n  amd64: registry.example/base:1\n  arm64v9: registry.example/base:2\n',
        'tiny/config.yaml': 'name: Tiny\nversion: 1.0\nslug: tiny\ndescription: d\narch: [amd64, sparc]\n',
      },
    })
    expect(result.exitCode).toBe(2)
    const errors = errorsOf(result)
    const said = errors.map(({ message }) => message).join('\n')
    for (const wrong of [/max-size/, /verson.*version/s, /comment.*sometimes/s, /arm64v9/, /sparc/])
      expect(said).toMatch(wrong)
    const places = errors.map(({ properties: { file, line } }) => `${file}:${line}`)
    expect(places).toEqual(expect.arrayContaining(['tiny/build.yaml:3', 'tiny/config.yaml:5']))
    expect(result.summary).toMatch(/arm64v9/)
    expect(result.problems).toEqual([])
  })

  test.each([
    ['a target outside of the workspace', { target: '../elsewhere' }, {}, /outside/],
    ['a target that is not there', { target: 'missing' }, {}, /missing/],
    ['a folder without an add-on', { target: 'docs' }, { 'docs/README.md': 'hello' }, /docs/],
    [
      'YAML that is none',
      { target: 'tiny' },
      { ...files, 'tiny/config.yaml': 'name: [unclosed\nversion: 1' },
      /indentation does not match/,
    ],
    [
      'an argument for docker hidden in build_from',
      { target: 'tiny' },
      { ...files, 'tiny/build.yaml': 'build_from: "--platform=linux/arm64 alpine"\n' },
      /contains an option, but FROM/,
    ],
    ['a base that nothing names', { target: 'tiny' }, { ...files, 'tiny/build.yaml': 'args: {}\n' }, /BUILD_FROM/],
    [
      'a comment that is asked for without a token',
      { target: 'tiny', comment: 'always', 'github-token': '' },
      files,
      /github-token/,
    ],
  ])('%s is refused with exit code 2', async (_, inputs, given, said) => {
    const result = await runWithoutDocker({ inputs, files: given })
    expect(result.exitCode).toBe(2)
    expect(
      errorsOf(result)
        .map(({ message }) => message)
        .join('\n'),
    ).toMatch(said)
  })

  test('a link that leads out of the workspace is not followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'aicleaner-outside-'))
    const job = await startJob({ inputs: { target: 'linked' }, files: { 'README.md': '' } })
    try {
      await symlink(outside, join(job.workspace, 'linked'))
      const result = await job.main().done
      expect(result.exitCode).toBe(2)
      expect(
        errorsOf(result)
          .map(({ message }) => message)
          .join(),
      ).toMatch(/leads out of the workspace/)
    } finally {
      await job.end()
      await rm(outside, { recursive: true })
    }
  })
})

describe('a machine that cannot build', () => {
  test('because Docker is missing fails with one error, a remedy and exit code 3', async () => {
    const result = await runWithoutDocker({ inputs: { target: 'tiny' }, files })
    expect(result.exitCode).toBe(3)
    const [error, ...more] = errorsOf(result)
    expect(more).toEqual([])
    expect(error?.message).toMatch(/docker.*Install Docker/s)
  })

  test('because the engine does not respond fails with one error and exit code 3', async () => {
    const job = await startJob({
      inputs: { target: 'tiny' },
      files,
      environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    })
    const result = await job.main().done
    await job.end()
    expect(result.exitCode).toBe(3)
    expect(
      errorsOf(result)
        .map(({ message }) => message)
        .join(),
    ).toMatch(/daemon does not answer/)
  })
})

describeWith(['engine'], 'a machine with an old buildx', ({ engine }) => {
  test('fails with exit code 3 and a remedy for each image that cannot be built', async () => {
    const config = await mkdtemp(join(tmpdir(), 'aicleaner-old-'))
    const plugin = join(config, 'cli-plugins', 'docker-buildx')
    await mkdir(dirname(plugin))
    // In the words of 0.12: a real one cannot be had here beside the new one.
    const words =
      '[ "$1" = version ] && exec echo "github.com/docker/buildx v0.12.1 30feaa1"\necho "ERROR: invalid progress mode rawjson" >&2; exit 1'
    await writeFile(plugin, `#!/bin/sh\n${words}\n`, { mode: 0o755 })
    const environment = { DOCKER_CONFIG: config, DOCKER_HOST: engine?.dockerHost ?? '' }
    const job = await startJob({ inputs: { target: 'tiny', 'smoke-test': 'false' }, files, environment })
    try {
      const result = await job.main().done
      expect(result.exitCode).toBe(3)
      const said = errorsOf(result).map(({ message }) => message)
      expect(said.length).toBeGreaterThan(0)
      for (const message of said) expect(message).toMatch(/buildx v0\.12\.1 is too old: 0\.13 .* Update the/)
    } finally {
      await job.end()
      await rm(config, { recursive: true })
    }
  })
})

test('mode: plan needs no Docker and gives plan and matrix as outputs', async () => {
  const result = await runWithPlan()
  expect(result.exitCode).toBe(0)
  const matrix = JSON.parse(result.outputs.matrix ?? '')
  expect(matrix.include.map(({ architecture, runner }: Record<string, string>) => [architecture, runner])).toEqual([
    ['amd64', 'ubuntu-24.04'],
    ['aarch64', 'ubuntu-24.04-arm'],
    ['armv7', 'ubuntu-24.04-arm'],
  ])
  expect(result.outputs.version).toBe('1.2.3')
  expect(JSON.parse(result.outputs.plan ?? '').addons[0].targets[0].buildArguments).toMatchObject({
    GREETING: '1.0',
    BUILD_ARCH: 'amd64',
  })
})

async function runWithPlan(): Promise<StepResult> {
  const empty = await mkdtemp(join(tmpdir(), 'aicleaner-empty-'))
  const job = await startJob({ inputs: { target: 'tiny', mode: 'plan' }, files, environment: { PATH: empty } })
  try {
    const result = await job.main().done
    expect(await job.leftovers()).toEqual([])
    return result
  } finally {
    await job.end()
    await rm(empty, { recursive: true })
  }
}
